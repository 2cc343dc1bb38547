"""Arrow's columns as arrays or lists, none larger in memory than what was admitted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlops_magics.core.deploying.refusal import too_large

if TYPE_CHECKING:
    import pyarrow as pa

VIEW_WORDS = 4
"""A text view is four numbers of 32 bits, the first of which is the length of the text."""


def is_text(kind: pa.DataType) -> bool:
    """Tell whether a type holds texts."""
    import pyarrow as pa

    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def is_plain(kind: pa.DataType) -> bool:
    """Tell whether each value of a type is one number, truth value, time or text, or stands in a dictionary of such."""
    import pyarrow as pa

    if pa.types.is_dictionary(kind):
        return is_plain(kind.value_type) and not pa.types.is_dictionary(kind.value_type)
    tests = (
        pa.types.is_null,
        pa.types.is_boolean,
        pa.types.is_integer,
        pa.types.is_floating,
        pa.types.is_decimal,
        pa.types.is_temporal,
        is_text,
    )
    return any(test(kind) for test in tests)


def values_of(column: pa.ChunkedArray, most_bytes: int | None = None) -> Any:
    """Return numbers, booleans and times as an array without a copy where Arrow can, all else as a list.

    Raises
    ------
    Refusal
        413 for text views that stand for more than ``most_bytes``: many may look at the same bytes.
    """
    import pyarrow as pa

    kind = column.type
    if pa.types.is_dictionary(kind):
        return [value for chunk in column.chunks for value in _spelled_out(chunk, most_bytes)]
    numeric = pa.types.is_integer(kind) or pa.types.is_floating(kind)
    if numeric or (column.null_count == 0 and (pa.types.is_boolean(kind) or pa.types.is_temporal(kind))):
        if column.null_count and pa.types.is_integer(kind):
            return column.to_pylist()
        return column.to_numpy()
    _admit_views(column.chunks, most_bytes)
    return column.to_pylist()


def _spelled_out(chunk: pa.DictionaryArray, most_bytes: int | None) -> list[Any]:
    """Return the labels, the same object for each of the same: a long text may be meant a million times."""
    _admit_views([chunk.dictionary], most_bytes)
    labels = chunk.dictionary.to_pylist()
    return [None if code is None else labels[code] for code in chunk.indices.to_pylist()]


def _admit_views(chunks: list[pa.Array], most_bytes: int | None) -> None:
    import numpy as np
    import pyarrow as pa

    views = [chunk for chunk in chunks if pa.types.is_string_view(chunk.type)]
    size = sum(int(np.frombuffer(chunk.buffers()[1], "<i4")[::VIEW_WORDS].sum(dtype="int64")) for chunk in views)
    if most_bytes is not None and size > most_bytes:
        raise too_large(f"The texts of a column take {size:,} bytes. Send them in several requests.")
