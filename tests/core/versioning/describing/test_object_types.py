"""Fractions, addresses and paths, read from texts."""

from __future__ import annotations

import ipaddress
import pathlib
from fractions import Fraction

import pytest

from mlops_magics.core.versioning.describing import cell_values, object_types

VALUES = (
    Fraction(-1, 7),
    ipaddress.ip_address("::1"),
    ipaddress.ip_network("10.0.0.0/8"),
    ipaddress.ip_interface("10.0.0.1/8"),
    pathlib.Path("a/b"),
    pathlib.PureWindowsPath("c:/a"),
)


@pytest.mark.parametrize("value", VALUES, ids=str)
def test_a_value_comes_back_from_what_is_written(value: object) -> None:
    """A value is the same after JSON, and may be sent as itself."""
    found = object_types.kind_of({type(value)})
    assert found is not None
    read = object_types.reader(*found)

    assert read(cell_values.write(value)) == value
    assert read(value) == value


@pytest.mark.parametrize("text", ["1e999999999", "1/0", "nan", "", "1/", True, None, [1]])
def test_what_is_not_a_fraction_is_refused(text: object) -> None:
    """A short text never becomes an integer of gigabytes."""
    with pytest.raises((ValueError, ZeroDivisionError)):
        object_types.read_fraction(text)
