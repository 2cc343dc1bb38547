"""Arrow's columns as arrays or lists, none larger in memory than what was admitted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
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


def texts_in(column: pa.ChunkedArray) -> int:
    """Return how many values of a column become objects of their own: those of a dictionary once for all rows."""
    import pyarrow as pa

    if pa.types.is_dictionary(column.type):
        return sum(len(chunk.dictionary) for chunk in column.chunks)
    return len(column) if is_text(column.type) or pa.types.is_decimal(column.type) else 0


def spelled_out_bytes(column: pa.ChunkedArray) -> int:
    """Return how many bytes texts take where each row has its own, in columns where many may mean the same bytes."""
    return sum(map(_spelled_out_bytes, column.chunks))


def _spelled_out_bytes(chunk: pa.Array) -> int:
    import pyarrow as pa

    if pa.types.is_dictionary(chunk.type):
        if not is_text(chunk.dictionary.type):
            return 0
        return int(_lengths(chunk.dictionary)[chunk.indices.drop_null().to_numpy(zero_copy_only=False)].sum())
    return int(_lengths(chunk).sum()) if pa.types.is_string_view(chunk.type) else 0


def _lengths(texts: pa.Array) -> npt.NDArray[np.int64]:
    """Return the length of each text in bytes, 0 for a missing one."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    if not pa.types.is_string_view(texts.type):
        return np.asarray(pc.binary_length(texts).fill_null(0).to_numpy(zero_copy_only=False), dtype="int64")
    words = np.frombuffer(texts.buffers()[1], "<i4")[::VIEW_WORDS][texts.offset : texts.offset + len(texts)]
    return np.where(np.asarray(texts.is_null()), 0, words).astype("int64")


def values_of(column: pa.ChunkedArray) -> Any:
    """Return numbers, booleans and times as an array without a copy where Arrow can, all else as a list."""
    import pyarrow as pa

    kind = column.type
    if pa.types.is_dictionary(kind):
        return [value for chunk in column.chunks for value in _spelled_out(chunk)]
    numeric = pa.types.is_integer(kind) or pa.types.is_floating(kind)
    if numeric or (column.null_count == 0 and (pa.types.is_boolean(kind) or pa.types.is_temporal(kind))):
        if column.null_count and pa.types.is_integer(kind):
            return column.to_pylist()
        return column.to_numpy()
    return column.to_pylist()


def _spelled_out(chunk: pa.DictionaryArray) -> list[Any]:
    """Return the labels, the same object for each of the same."""
    labels = chunk.dictionary.to_pylist()
    return [None if code is None else labels[code] for code in chunk.indices.to_pylist()]
