"""UBJSON: valid values come back as they were, and bytes that lie about lengths are refused without memory for them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_magics.core.versioning.formats.native import ubjson
from mlops_magics.errors import SerializationError

ATOMS = st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(width=32, allow_nan=False) | st.text(max_size=9)
VALUES = st.recursive(
    ATOMS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=9,
)


@given(VALUES)
def test_values_come_back(value: object) -> None:
    """What is written is read."""
    assert ubjson.decode(ubjson.encode(value)) == value


@pytest.mark.parametrize("dtype", ["i1", "u1", "i2", "i4", "i8", "f4", "f8"])
def test_arrays_come_back_with_their_type(dtype: str) -> None:
    """Arrays of numbers are numpy arrays in native byte order."""
    values = np.array([0, 1, 100], dtype=dtype)
    found = ubjson.decode(ubjson.encode({"a": values}))["a"]

    assert found.dtype == values.dtype
    np.testing.assert_array_equal(found, values)


HOSTILE = {
    "a length beyond the end": b"SL\x7f\xff\xff\xff\xff\xff\xff\xff",
    "a negative length": b"Si\xff",
    "an array beyond the end": b"[$d#L\x00\x00\x00\x7f\x00\x00\x00\x00",
    "an unknown mark": b"{i\x01aN}",
    "an array of nothing": b"[$N#L\x00\x00\x00\x00\x00\x00\x00\x05",
    "a name twice": b"{i\x01aTi\x01aF}",
    "deep nesting": b"[" * 50,
    "text that is not UTF-8": b"Si\x02\xff\xfe",
    "bytes after the end": b"TT",
    "nothing": b"",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_bytes_that_are_not_valid_are_refused(name: str) -> None:
    """No length is believed before the bytes are there."""
    with pytest.raises(SerializationError):
        ubjson.decode(HOSTILE[name])
