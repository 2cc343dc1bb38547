"""Types of objects that requests write as texts: fractions, addresses of networks, paths."""

from __future__ import annotations

import ipaddress
import pathlib
import re
from collections.abc import Callable, Collection
from fractions import Fraction
from typing import Any

_FRACTION = re.compile(r"\s*[-+]?\d{1,999}(\s*/\s*\d{1,999}|\.\d{0,999})?\s*")
"""A fraction or a decimal number. Without an exponent: ``1e999999999`` would be an integer of 400 MB."""


def read_fraction(value: Any) -> Fraction:
    """Read a fraction: ``"1/7"``, a decimal number, or a number.

    Raises
    ------
    ValueError, ZeroDivisionError
    """
    if isinstance(value, Fraction):
        return value
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValueError(value)
    if isinstance(value, str) and not _FRACTION.fullmatch(value):
        raise ValueError(value)
    return Fraction(value.replace(" ", "") if isinstance(value, str) else value)


def _of_text(make: Callable[[str], Any], types: tuple[type, ...]) -> Callable[[Any], Any]:
    """Return a reader of texts that leaves values of the types as they are."""

    def read(value: Any) -> Any:
        if isinstance(value, types):
            return value
        if not isinstance(value, str):
            raise ValueError(value)
        return make(value)

    return read


_ADDRESSES = (ipaddress.IPv4Address, ipaddress.IPv6Address)
_NETWORKS = (ipaddress.IPv4Network, ipaddress.IPv6Network)
_INTERFACES = (ipaddress.IPv4Interface, ipaddress.IPv6Interface)
_FAMILIES: tuple[tuple[str, str, tuple[type, ...], Callable[[Any], Any]], ...] = (
    ("fraction", "", (Fraction,), read_fraction),
    ("address", "address", _ADDRESSES, _of_text(ipaddress.ip_address, _ADDRESSES)),
    ("address", "network", _NETWORKS, _of_text(ipaddress.ip_network, _NETWORKS)),
    ("address", "interface", _INTERFACES, _of_text(ipaddress.ip_interface, _INTERFACES)),
    ("path", "", (pathlib.PosixPath, pathlib.WindowsPath), _of_text(pathlib.Path, (pathlib.Path,))),
    ("path", "posix", (pathlib.PurePosixPath,), _of_text(pathlib.PurePosixPath, (pathlib.PurePosixPath,))),
    ("path", "windows", (pathlib.PureWindowsPath,), _of_text(pathlib.PureWindowsPath, (pathlib.PureWindowsPath,))),
)
"""Kind, detail, the types that belong together in a column, and the reader of a value."""


def kind_of(types: Collection[type]) -> tuple[str, str] | None:
    """Return the kind and the detail of a column whose cells have these types, None where it has none of these."""
    for kind, detail, family, _ in _FAMILIES:
        if set(types) <= set(family):
            return kind, detail
    return None


def reader(kind: str, detail: str) -> Callable[[Any], Any]:
    """Return the reader of a kind's values."""
    return next(read for name, of, _, read in _FAMILIES if (name, of) == (kind, detail))
