"""Columns of pyarrow, through which polars, DuckDB and Parquet arrive without a copy of the numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from mlops_magics.core.monitoring.reading import column_values
from mlops_magics.core.monitoring.reading.column_values import EXACT, MISSING_CODE, Column, Native


def from_arrow(name: str, array: Any) -> Column:
    """Read a pyarrow array."""
    import pyarrow as pa

    kind = array.type
    if pa.types.is_boolean(kind):
        return from_dictionary(name, array.cast(pa.string()), "boolean")
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        zone = str(getattr(kind, "tz", None) or "")
        return column_values.numeric(name, column_values.seconds(_wall(array).to_numpy()), "datetime", zone=zone)
    if pa.types.is_duration(kind):
        return column_values.numeric(name, array.cast(pa.duration("us")).cast(pa.int64()).to_numpy() / 1e6)
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        large = large_integers(name, array)
        if large is not None:
            return large
        narrow = pa.types.is_float32(kind) or pa.types.is_float16(kind)
        # unsafe, because Arrow refuses integers that a float does not hold exactly
        numbers = (array if narrow else array.cast(pa.float64(), safe=False)).to_numpy(zero_copy_only=False)
        return column_values.numeric(name, np.asarray(numbers), integral=pa.types.is_integer(kind))
    if pa.types.is_null(kind):
        return Column(name, "categorical", "empty", np.full(len(array), MISSING_CODE))
    return from_dictionary(name, array, _native_of(kind.value_type) if pa.types.is_dictionary(kind) else "string")


def large_integers(name: str, array: Any) -> Column | None:
    """Return integers, or decimals without a fraction, some of which no float holds, or ``None`` for all others.

    Numbers further apart than floats are exact differ in the digits that floats have.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = array.type
    if not (pa.types.is_int64(kind) or pa.types.is_uint64(kind) or (pa.types.is_decimal(kind) and kind.scale == 0)):
        return None
    ends = pc.min_max(array).as_py()
    low, high = (None if end is None else int(end) for end in (ends["min"], ends["max"]))
    if low is None or high is None or max(abs(low), abs(high)) <= EXACT or high - low > EXACT:
        return None
    if pa.types.is_decimal(kind):  # the difference of two has one digit more than a type of 38 holds
        kind = pa.decimal256(75, 0)
    apart = pc.subtract(array.cast(kind), pa.scalar(low, kind)).cast(pa.float64(), safe=False)
    return column_values.whole_numbers(name, np.asarray(apart.to_numpy(zero_copy_only=False)), low)


def _native_of(kind: Any) -> Native:
    """Return the type of an Arrow dictionary's categories, as that of a pandas categorical."""
    import pyarrow as pa

    if pa.types.is_boolean(kind):
        return "boolean"
    return "number" if pa.types.is_integer(kind) or pa.types.is_floating(kind) else "string"


def from_dictionary(name: str, array: Any, native: Native) -> Column:
    """Read a pyarrow array of labels, whether Arrow has it dictionary-encoded already or not."""
    import pyarrow as pa

    if not pa.types.is_dictionary(array.type):
        try:
            array = array.dictionary_encode()
        except pa.ArrowNotImplementedError:  # lists and structs
            narrow = "float" in str(array.type) and "double" not in str(array.type)
            values = (None if each is None else column_values.spelled(each, narrow) for each in array.to_pylist())
            array = pa.array(values, pa.string()).dictionary_encode()
    # each chunk may have a dictionary of its own
    whole = array.unify_dictionaries().combine_chunks() if isinstance(array, pa.ChunkedArray) else array
    if isinstance(whole, pa.ChunkedArray):
        whole = whole.chunk(0) if whole.num_chunks else pa.array([], pa.string()).dictionary_encode()
    labels = whole.dictionary.to_pylist()
    codes = whole.indices.cast(pa.int64()).fill_null(MISSING_CODE).to_numpy(zero_copy_only=False)
    return column_values.coded(name, codes, [_boolean_label(label, native) for label in labels], native)


def _boolean_label(label: Any, native: Native) -> Any:
    """Spell booleans as Python does, because Arrow writes ``true``."""
    return str(label).capitalize() if native == "boolean" else label


def _wall(array: Any) -> Any:
    import pyarrow as pa

    return array.cast(pa.timestamp("us"), safe=False)
