"""The tensors of the Open Inference Protocol: arrays as flat JSON lists, or as raw bytes behind the JSON."""

from __future__ import annotations

import json
import math
import struct
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from mlops_magics.core.deploying.contract.http_error import malformed, too_large
from mlops_magics.core.deploying.parsing.memory_limits import BYTES_PER_OBJECT, admit_size

if TYPE_CHECKING:
    from mlops_magics.core.deploying.contract.limits import Limits

DTYPES = {
    "BOOL": "?", "UINT8": "u1", "UINT16": "<u2", "UINT32": "<u4", "UINT64": "<u8",
    "INT8": "i1", "INT16": "<i2", "INT32": "<i4", "INT64": "<i8", "FP16": "<f2", "FP32": "<f4", "FP64": "<f8",
}  # fmt: skip
TEXTS = "BYTES"
_JSON_TYPES: dict[str, set[type]] = {
    "BOOL": {bool}, "UINT": {int}, "INT": {int}, "FP": {int, float}, TEXTS: {str, list, dict}
}  # fmt: skip
"""By datatype without its size. BYTES also holds the nested values of a column that has them."""
MOST_AXES = 8


def read(inputs: list[Any], tail: memoryview, limits: Limits) -> dict[str, npt.NDArray[Any]]:
    """Return the tensors of a request by name. ``tail`` holds the raw bytes.

    Raises
    ------
    HttpError
    """
    tensors: dict[str, npt.NDArray[Any]] = {}
    texts = 0
    for given in inputs:
        name, shape, datatype = _declared(given)
        if shape[0] > limits.rows:
            raise too_large(f"{shape[0]:,} rows in one request. At most {limits.rows:,} are taken.")
        # in Python's integers, which do not wrap around
        texts += math.prod(shape) if datatype == TEXTS else 0
        admit_size(texts * BYTES_PER_OBJECT, limits)
        size = parameter(given, "binary_data_size")
        if size is not None:
            raw, tail = tail[:size], tail[size:]
            values = _from_raw(raw, datatype, shape)
        else:
            values = _from_json(given.get("data"), datatype, shape)
        if name in tensors:
            raise malformed(f"Input {name[:40]!r} is given twice.")
        tensors[name] = values
    return tensors


def datatype_of(values: npt.NDArray[Any]) -> str:
    """Return the protocol's word for an array's dtype. Everything that is not a number is sent as strings."""
    wanted = values.dtype.newbyteorder("<")
    return next((name for name, dtype in DTYPES.items() if np.dtype(dtype) == wanted), TEXTS)


def raw_of(values: npt.NDArray[Any], datatype: str) -> bytes:
    """Return the bytes of an array as the protocol sends them."""
    if datatype != TEXTS:
        return values.astype(DTYPES[datatype], copy=False).tobytes()
    texts = [str(value).encode() for value in values.reshape(-1)]
    return b"".join(struct.pack("<I", len(text)) + text for text in texts)


def parameter(given: dict[str, Any], name: str) -> Any:
    """Return a parameter of a request, an input or an output, or None where it is not given."""
    parameters = given.get("parameters")
    value = parameters.get(name) if isinstance(parameters, dict) else None
    if name == "binary_data_size" and value is not None and (type(value) is not int or value < 0):
        raise malformed("binary_data_size is a number of bytes.")
    return value


def _declared(given: Any) -> tuple[str, list[int], str]:
    """Return name, shape and datatype of one input."""
    match given:
        case {"name": str(name), "shape": list(shape), "datatype": str(datatype)} if _is_shape(shape):
            if datatype != TEXTS and datatype not in DTYPES:
                raise malformed(
                    f"Datatype {datatype[:20]!r} of {name[:40]!r} is not known. Known: {TEXTS}, {', '.join(DTYPES)}."
                )
            return name, shape, datatype
    raise malformed(f"Expected each input with a name, a shape of at most {MOST_AXES} sizes, and a datatype.")


def _is_shape(sizes: list[Any]) -> bool:
    return 0 < len(sizes) <= MOST_AXES and all(type(size) is int and size >= 0 for size in sizes)


def _from_raw(raw: memoryview, datatype: str, shape: list[int]) -> npt.NDArray[Any]:
    wanted = int(np.prod(shape, dtype=object))
    if datatype == TEXTS:
        values = np.array(_strings(raw, wanted), dtype=object)
    else:
        dtype = np.dtype(DTYPES[datatype])
        if len(raw) != wanted * dtype.itemsize:
            raise malformed(
                f"Expected {wanted * dtype.itemsize} bytes of {datatype} for shape {shape}, got {len(raw)}."
            )
        values = np.frombuffer(raw, dtype)
    return values.reshape(shape)


def text_of(value: Any) -> Any:
    """Return a raw string as a text. A column of bytes keeps it as it is.

    Raises
    ------
    HttpError
        For bytes that are not UTF-8.
    """
    try:
        return value.decode() if isinstance(value, bytes) else value
    except UnicodeDecodeError:
        raise malformed("A BYTES tensor of texts is not valid UTF-8.") from None


def _strings(raw: memoryview, wanted: int) -> list[bytes]:
    """Read strings, each behind its length in four bytes, little-endian."""
    found: list[bytes] = []
    place = 0
    try:
        while place < len(raw) and len(found) < wanted:
            (length,) = struct.unpack_from("<I", raw, place)
            if place + 4 + length > len(raw):
                raise malformed("A BYTES tensor ends within a string.")
            found.append(bytes(raw[place + 4 : place + 4 + length]))
            place += 4 + length
    except struct.error:
        raise malformed("A BYTES tensor has no strings behind their lengths.") from None
    if len(found) != wanted or place != len(raw):
        raise malformed(f"Expected {wanted} strings in a BYTES tensor.")
    return found


def _from_json(data: Any, datatype: str, shape: list[int]) -> npt.NDArray[Any]:
    """Read flat or nested data, whose values the check reads."""
    if not isinstance(data, list):
        raise malformed("Expected each input with `data`, or with binary_data_size.")
    try:
        values = np.array(data, dtype=object).reshape(shape)
    except ValueError:
        raise malformed(f"The data of an input do not have its shape {shape}.") from None
    _check_type(values, datatype)
    if datatype.startswith("FP") and all(type(value) in {int, float} for value in values.flat):
        return values.astype("float64")
    return values


def _check_type(values: npt.NDArray[Any], datatype: str) -> None:
    """Refuse JSON values that are not of the declared datatype. Null is a missing value of any.

    Raises
    ------
    HttpError
    """
    kinds = _JSON_TYPES[datatype.rstrip("0123456789")]
    wrong = next((value for value in values.flat if value is not None and type(value) not in kinds), None)
    if wrong is None and datatype.startswith(("INT", "UINT")):
        wrong = _outside(values, np.iinfo(DTYPES[datatype]).min, np.iinfo(DTYPES[datatype]).max)
    elif wrong is None and datatype in {"FP16", "FP32"}:
        largest = float(np.finfo(DTYPES[datatype]).max)
        wrong = _outside(values, -largest, largest)
    if wrong is not None:
        raise malformed(f"{json.dumps(wrong)[:40]} is not a valid {datatype}, which the input declares.")


def _outside(values: npt.NDArray[Any], low: float, high: float) -> Any:
    """Return the first value that a datatype cannot hold, or None. Python compares integers of any size exactly."""
    return next((value for value in values.flat if value is not None and not low <= value <= high), None)
