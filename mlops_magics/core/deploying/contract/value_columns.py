"""Conversion of a model's values to one Arrow column and back: our client reads the types that the server writes."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import orjson

from mlops_magics.core.versioning.describing import cell_values

if TYPE_CHECKING:
    import pyarrow as pa

NOTE = b"mlops"
"""The key of the schema's metadata for facts that Arrow's type lacks."""


def to_arrow(values: Any) -> tuple[pa.Array, dict[str, Any]]:
    """Return values ``(n_rows, …)`` as an Arrow array, and the facts that `from_arrow` needs beyond its type."""
    import pyarrow as pa

    if isinstance(values, np.ndarray) and values.dtype.kind == "c":
        parts = [_lists(values.real.copy()), _lists(values.imag.copy())]
        return pa.StructArray.from_arrays(parts, ["real", "imag"]), {"kind": "complex", "shape": values.shape[1:]}
    if isinstance(values, np.ndarray) and values.dtype.kind in "fiubMm":
        return _lists(values), {"shape": values.shape[1:]} if values.ndim > 1 else {}
    return _of_objects(list(values))


def _lists(values: npt.NDArray[Any]) -> pa.Array:
    """Return an array as nested lists, without an object for each number."""
    import pyarrow as pa

    array = pa.array(np.ascontiguousarray(values).reshape(-1))
    for depth in range(values.ndim - 1, 0, -1):
        count = int(np.prod(values.shape[:depth]))
        # 64 bits: the offsets of a plain list end at two billion values
        offsets = pa.array(np.arange(count + 1, dtype="int64") * values.shape[depth])
        array = pa.LargeListArray.from_arrays(offsets, array)
    return array


def _of_objects(values: Sequence[Any]) -> tuple[pa.Array, dict[str, Any]]:
    """Return objects in Arrow's own type where there is one, as texts of their kind, or else as JSON."""
    import pyarrow as pa

    names = {type(value).__name__ for value in values if not cell_values.is_missing(value)}
    note = _note_of(names, values)
    if note:
        texts = [None if cell_values.is_missing(value) else cell_values.write(value) for value in values]
        return pa.array(texts, pa.string()), note
    try:
        plain = [value if _is_native(value) else cell_values.write(value) for value in values]
        return pa.array(plain, from_pandas=True), _note_of_native(names, any(map(cell_values.is_missing, values)))
    except (pa.ArrowException, TypeError, OverflowError):
        return pa.array([orjson_or_json(cell_values.write(value)).decode() for value in values]), {"kind": "json"}


def _note_of_native(names: set[str], some_missing: bool) -> dict[str, Any]:
    """Return a note for objects that would come back as numbers or as another type of time."""
    if names == {"Timestamp"}:
        return {"kind": "timestamp"}
    objects = names <= {"date", "time", "Decimal", "timedelta"} or (some_missing and names <= {"int", "bool"})
    return {"kind": "objects"} if names and objects else {}


def _note_of(names: set[str], values: Sequence[Any]) -> dict[str, Any]:
    first = next((value for value in values if type(value).__name__ in names), None)
    if names == {"Period"}:
        return {"kind": "period", "detail": first.freqstr}  # type: ignore[union-attr]
    if names == {"Interval"}:
        return {"kind": "interval", "detail": cell_values.interval_subtype(first)}
    return {"kind": "complex text"} if names & {"complex", "complex128"} and len(names) == 1 else {}


def _is_native(value: Any) -> bool:
    """Return whether Arrow has a type for a value. Arrays and tuples within it become lists."""
    return not isinstance(value, np.ndarray | tuple | list | dict | set | frozenset | np.generic)


def from_arrow(column: pa.ChunkedArray, note: dict[str, Any]) -> Any:
    """Return the values that `to_arrow` wrote: an array, or a list of records."""
    import pyarrow as pa

    kind = note.get("kind", "")
    if kind == "complex":
        parts = [
            _numbers(pa.chunked_array([chunk.field(name) for chunk in column.chunks])) for name in ("real", "imag")
        ]
        return (parts[0] + 1j * parts[1]).reshape((len(column), *note["shape"]))
    if kind == "timestamp":
        return np.asarray(column.to_pandas().astype(object), dtype=object)
    if kind == "objects":
        return np.fromiter(column.to_pylist(), dtype=object, count=len(column))
    if kind in _READERS:
        read = _READERS[kind](note)
        cells = [None if text is None else read(text) for text in column.to_pylist()]
        return np.fromiter(cells, dtype=object, count=len(cells))
    if "shape" in note:
        return _numbers(column).reshape((len(column), *note["shape"]))
    if not pa.types.is_nested(column.type):
        return np.asarray(column.to_numpy())
    return column.to_pylist()


def _numbers(column: pa.ChunkedArray) -> npt.NDArray[Any]:
    import pyarrow as pa

    while pa.types.is_nested(column.type):
        column = pa.chunked_array([chunk.flatten() for chunk in column.chunks], column.type.value_type)
    return np.asarray(column.to_numpy())


_READERS: dict[str, Callable[[dict[str, Any]], Callable[[str], Any]]] = {
    "period": lambda note: cell_values.period_reader(note["detail"]),
    "interval": lambda note: cell_values.interval_reader(note["detail"]),
    "complex text": lambda note: cell_values.read_complex,
    "json": lambda note: json.loads,
}


def orjson_or_json(value: Any) -> bytes:
    """Write JSON, also integers beyond 64 bits, which orjson refuses."""
    try:
        return orjson.dumps(value)
    except TypeError:
        return json.dumps(value, allow_nan=False).encode()
