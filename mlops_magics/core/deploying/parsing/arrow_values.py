"""Conversion of Arrow columns to arrays or lists, none larger in memory than admitted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlops_magics.core.deploying.validation.times import Times

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa

VIEW_WORDS = 4
"""A view is four numbers of 32 bits, the first of which is the length of the text."""
NESTED_KINDS = frozenset({"tensor", "nested", "complex"})
"""Kinds of columns that take lists or structs."""
PANDAS_TYPES = frozenset({"pandas.period", "pandas.interval"})
TENSOR_TYPE = "arrow.fixed_shape_tensor"


def has_bytes(kind: pa.DataType) -> bool:
    """Return whether a type holds texts or bytes of any length."""
    import pyarrow as pa

    return is_text(kind) or any(
        test(kind) for test in (pa.types.is_binary, pa.types.is_large_binary, pa.types.is_binary_view)
    )


def is_text(kind: pa.DataType) -> bool:
    """Return whether a type holds texts."""
    import pyarrow as pa

    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def is_tensor(kind: pa.DataType) -> bool:
    """Return whether a type holds arrays of one shape."""
    import pyarrow as pa

    return isinstance(kind, pa.BaseExtensionType) and kind.extension_name == TENSOR_TYPE


def is_accepted(kind: pa.DataType, column_kind: str) -> bool:
    """Return whether a column of a type may be read: single values, or nested ones where the prototype has them."""
    import pyarrow as pa

    if isinstance(kind, pa.BaseExtensionType):
        return kind.extension_name in PANDAS_TYPES or is_accepted(kind.storage_type, column_kind)
    if pa.types.is_dictionary(kind):
        return not pa.types.is_dictionary(kind.value_type) and is_accepted(kind.value_type, column_kind)
    if pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
        return column_kind in NESTED_KINDS and is_accepted(kind.value_type, column_kind)
    if pa.types.is_map(kind):
        pair = (kind.key_type, kind.item_type)
        return column_kind in NESTED_KINDS and all(is_accepted(each, column_kind) for each in pair)
    if pa.types.is_struct(kind):
        return column_kind in NESTED_KINDS and all(is_accepted(field.type, column_kind) for field in kind)
    tests = (
        pa.types.is_null,
        pa.types.is_boolean,
        pa.types.is_integer,
        pa.types.is_floating,
        pa.types.is_decimal,
        pa.types.is_temporal,
        pa.types.is_fixed_size_binary,
        has_bytes,
    )
    return any(test(kind) for test in tests)


def objects_in(column: pa.ChunkedArray) -> int:
    """Return how many objects the values of a column become: those of a dictionary once for all rows."""
    import pyarrow as pa

    kind = column.type
    if isinstance(kind, pa.BaseExtensionType):
        return 0 if kind.extension_name == TENSOR_TYPE else len(column)
    if pa.types.is_dictionary(kind):
        return sum(len(chunk.dictionary) for chunk in column.chunks)
    if pa.types.is_nested(kind):
        return len(column) + sum(map(_leaves, column.chunks))
    single = pa.types.is_decimal(kind) or pa.types.is_time(kind) or pa.types.is_date(kind) or has_bytes(kind)
    return len(column) if single or pa.types.is_fixed_size_binary(kind) else 0


def _leaves(chunk: pa.Array) -> int:
    """Return how many values are in the lists and structs of a chunk."""
    import pyarrow as pa

    if pa.types.is_struct(chunk.type):
        return sum(len(field) + _leaves(field) for field in chunk.flatten())
    if pa.types.is_map(chunk.type):
        return sum(len(part) + _leaves(part) for part in (chunk.keys, chunk.items))
    if pa.types.is_nested(chunk.type):
        values = chunk.flatten()
        return len(values) + _leaves(values)
    return 0


def spelled_out_bytes(column: pa.ChunkedArray) -> int:
    """Return how many bytes texts take when each row has its own, in columns where rows may share the same bytes."""
    return sum(map(_spelled_out_bytes, column.chunks))


def _spelled_out_bytes(chunk: pa.Array) -> int:
    import pyarrow as pa

    if pa.types.is_dictionary(chunk.type):
        if not has_bytes(chunk.dictionary.type):
            return 0
        # one long text and a million codes of it are a small body and gigabytes once they are spelled out
        return int(_lengths(chunk.dictionary)[chunk.indices.drop_null().to_numpy(zero_copy_only=False)].sum())
    return int(_lengths(chunk).sum()) if _is_view(chunk.type) else 0


def _is_view(kind: pa.DataType) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_string_view(kind) or pa.types.is_binary_view(kind))


def _lengths(texts: pa.Array) -> npt.NDArray[np.int64]:
    """Return the length of each text in bytes, 0 for a missing one."""
    import numpy as np
    import pyarrow.compute as pc

    if not _is_view(texts.type):
        return np.asarray(pc.binary_length(texts).fill_null(0).to_numpy(zero_copy_only=False), dtype="int64")
    words = np.frombuffer(texts.buffers()[1], "<i4")[::VIEW_WORDS][texts.offset : texts.offset + len(texts)]
    return np.where(np.asarray(texts.is_null()), 0, words).astype("int64")


def values_of(column: pa.ChunkedArray, column_kind: str = "") -> Any:
    """Return numbers, booleans and times as an array, without a copy where Arrow can, and all else as a list.

    Parameters
    ----------
    column_kind
        The kind of the prototype's column.
    """
    import pyarrow as pa

    kind = column.type
    if isinstance(kind, pa.BaseExtensionType):
        return _of_extension(column)
    if pa.types.is_dictionary(kind):
        return [value for chunk in column.chunks for value in _spelled_out(chunk)]
    if pa.types.is_timestamp(kind):
        # numpy has no zone: the numbers are those of UTC, and the zone is kept apart
        return Times(column.to_numpy(), kind.tz)
    if pa.types.is_date(kind) and column_kind == "datetime":
        return Times(column.to_numpy(), None)
    if pa.types.is_duration(kind) or (pa.types.is_boolean(kind) and column.null_count == 0):
        return column.to_numpy()
    if pa.types.is_floating(kind) or (pa.types.is_integer(kind) and column.null_count == 0):
        return column.to_numpy()
    if column_kind == "tensor" and pa.types.is_fixed_size_list(kind) and not column.null_count:
        return _of_fixed_lists(column)
    return column.to_pylist()


def _of_extension(column: pa.ChunkedArray) -> Any:
    """Return the values of an extension type: tensors, periods and intervals of pandas, all else as it is stored."""
    import numpy as np
    import pyarrow as pa

    if column.type.extension_name == TENSOR_TYPE and not column.null_count and len(column):
        return np.concatenate([chunk.to_numpy_ndarray() for chunk in column.chunks if len(chunk)])
    if column.type.extension_name in PANDAS_TYPES:
        return list(column.to_pandas())
    stored = pa.chunked_array([chunk.storage for chunk in column.chunks], column.type.storage_type)
    return values_of(stored)


def _of_fixed_lists(column: pa.ChunkedArray) -> Any:
    """Return lists of one length as an array, ``(n_rows, length)`` for each level of lists."""
    import numpy as np
    import pyarrow as pa

    shape, values = [len(column)], column.combine_chunks()
    values = values.chunk(0) if isinstance(values, pa.ChunkedArray) else values
    while pa.types.is_fixed_size_list(values.type):
        shape.append(values.type.list_size)
        values = values.flatten()
    if values.null_count or pa.types.is_nested(values.type):
        return column.to_pylist()
    return np.asarray(values.to_numpy(zero_copy_only=False)).reshape(shape)


def _spelled_out(chunk: pa.DictionaryArray) -> list[Any]:
    """Return the labels, the same object for each of the same."""
    import pyarrow as pa

    labels = chunk.dictionary.to_pylist()
    if isinstance(chunk.dictionary.type, pa.BaseExtensionType):
        # periods and intervals: the storage alone has numbers without their frequency
        labels = list(_of_extension(pa.chunked_array([chunk.dictionary])))
    return [None if code is None else labels[code] for code in chunk.indices.to_pylist()]
