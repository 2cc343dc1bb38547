"""The conversion of Python values to JSON: strict for values stored on a board, lenient for values shown."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from typing import Any, TypeVar

from mlops_magics.errors import InvalidInput

T = TypeVar("T")

DEEPEST = 32
"""Levels of nesting. Deeper metadata are refused, and deeper values are shown as text."""

MOST_VALUES = 200_000
"""The most values in one stored document: metadata are small, and a document that expands without end is not."""

_ARRAYS = frozenset({"numpy", "pandas", "polars", "pyarrow", "jax", "jaxlib", "torch"})
"""Libraries whose containers and scalars become lists and numbers. None is imported for it."""


def plain(value: Any, where: str, most: int = MOST_VALUES) -> Any:
    """Return a value to be stored, as dicts, lists, strings, numbers, booleans and None. NaN stays a number.

    Parameters
    ----------
    where
        The name of the field, for the message.
    most
        The values that it may have, all levels counted.

    Raises
    ------
    InvalidInput
        Naming the field that cannot be stored.
    """
    return _Conversion(most).convert(value, where, 0)


def json_safe(value: Any) -> Any:
    """Return a value to be shown, as every JSON parser reads it. This never raises.

    NaN, infinities and the missing values of pandas become None, sets become sorted lists, dates ISO texts, durations
    seconds, tables lists of rows. All other values become their texts.

    >>> json_safe({"rmse": float("nan"), 1: {"b", "a"}, "day": date(2026, 11, 23)})
    {'rmse': None, '1': ['a', 'b'], 'day': '2026-11-23'}
    """
    return _Conversion(None).convert(value, "value", 0)


class _Conversion:
    """One conversion, which counts the values that it has seen."""

    def __init__(self, most: int | None) -> None:
        """Convert strictly, up to ``most`` values, or leniently for None."""
        self._strict, self._most, self._seen = most is not None, most or MOST_VALUES, 0

    def convert(self, value: Any, where: str, depth: int) -> Any:
        self._seen += 1
        if depth > DEEPEST or (self._strict and self._seen > self._most):
            return self._refuse(value, f"{where} is nested or large beyond what metadata may be. Store it in a file.")
        try:
            return self._converted(value, where, depth)
        except InvalidInput:
            raise
        except Exception as error:  # the value's own code
            return self._refuse(value, f"{where} cannot be stored: {type(error).__name__}: {error}")

    def _converted(self, value: Any, where: str, depth: int) -> Any:
        for kinds, converter in _CONVERTERS:
            if isinstance(value, kinds):
                return converter(self, value, where, depth)
        fields = _fields(value)
        if fields:
            return self._mapping({name: getattr(value, name) for name in fields}, where, depth)
        if type(value).__module__.partition(".")[0] in _ARRAYS:
            return self._foreign(value, where, depth)
        return self._refuse(
            value,
            f"{where} is {type(value).__name__}, which metadata cannot hold. Store text, numbers, lists or dicts.",
        )

    def _refuse(self, value: Any, message: str) -> str:
        if self._strict:
            raise InvalidInput(message)
        try:
            return self._text(str(value), "value", 0)
        except Exception:  # the value's own code
            return f"<{type(value).__name__}>"

    def _text(self, value: str, where: str, depth: int) -> str:
        try:
            # a lone surrogate is a character of Python's, and none of UTF-8's
            value.encode()
        except UnicodeEncodeError:
            if self._strict:
                raise InvalidInput(f"{where} holds characters that are not valid Unicode. Take them out.") from None
            return value.encode("utf-8", "replace").decode()
        return str.__str__(value)  # a subclass may print itself otherwise

    def _number(self, value: Any, where: str, depth: int) -> float | None:
        number = float(value)
        return number if self._strict or math.isfinite(number) else None

    def _time(self, value: Any, where: str, depth: int) -> str | None:
        return None if value != value else str(value.isoformat())  # pandas' NaT is a datetime and not equal to itself

    def _duration(self, value: timedelta, where: str, depth: int) -> float | None:
        return None if value != value else value.total_seconds()

    def _mapping(self, value: Mapping[Any, Any], where: str, depth: int) -> dict[str, Any]:
        return {self._key(key, where): self.convert(item, f"{where}.{key}", depth + 1) for key, item in value.items()}

    def _key(self, key: Any, where: str) -> str:
        if self._strict and not isinstance(key, str | int | float | bool):
            raise InvalidInput(f"A key in {where} is {type(key).__name__}. Keys of metadata are text.")
        return self._text(key if isinstance(key, str) else str(key), where, 0)

    def _sequence(self, value: Sequence[Any], where: str, depth: int) -> list[Any]:
        return [self.convert(item, f"{where}[{place}]", depth + 1) for place, item in enumerate(value)]

    def _set(self, value: Any, where: str, depth: int) -> list[Any]:
        # by repr, because values of several types do not compare
        return self._sequence(sorted(value, key=repr), where, depth)

    def _bytes(self, value: Any, where: str, depth: int) -> str:
        if self._strict:
            return self._refuse(value, f"{where} is {type(value).__name__}. Store bytes in a file of the version.")
        return bytes(value).decode("utf-8", "replace")

    def _foreign(self, value: Any, where: str, depth: int) -> Any:
        """Convert an array, a table, a column or a scalar of another library by its own method."""
        if type(value).__name__ in {"NAType", "NaTType"}:
            return None
        unit = {"m": "timedelta64[us]", "M": "datetime64[us]"}.get(
            str(getattr(getattr(value, "dtype", ""), "kind", ""))
        )
        if unit is not None and type(value).__module__ == "numpy":  # in ns, its tolist() gives bare integers
            value = value.astype(unit)
        for method in ("to_dicts", "to_pylist", "as_py", "tolist", "to_list"):
            if hasattr(value, method):
                return self.convert(getattr(value, method)(), where, depth + 1)
        if hasattr(value, "to_dict") and hasattr(value, "columns"):
            return self._sequence(value.to_dict("records"), where, depth)
        return self._text(str(value), where, depth)


def _fields(value: Any) -> tuple[str, ...]:
    """Return the names of a record's fields: of a dataclass, or of a msgspec struct."""
    if isinstance(value, type):
        return ()
    if dataclasses.is_dataclass(value):
        return tuple(entry.name for entry in dataclasses.fields(value))
    return tuple(getattr(value, "__struct_fields__", ()))


# the first match counts: a bool is an int, and a StrEnum is a text
_CONVERTERS: tuple[tuple[Any, Callable[[_Conversion, Any, str, int], Any]], ...] = (
    ((bool, type(None)), lambda conversion, value, where, depth: value),
    (Enum, lambda conversion, value, where, depth: conversion.convert(value.value, where, depth + 1)),
    (str, _Conversion._text),
    (int, lambda conversion, value, where, depth: int(value)),
    ((float, Decimal, Fraction), _Conversion._number),
    (Mapping, _Conversion._mapping),
    ((list, tuple), _Conversion._sequence),
    ((set, frozenset), _Conversion._set),
    ((datetime, date, time), _Conversion._time),
    (timedelta, _Conversion._duration),
    ((bytes, bytearray, memoryview), _Conversion._bytes),
)


def of_type(kind: type[T], record: Any) -> T:
    """Return a record of a dataclass from its plain values, which another user may have written.

    Raises
    ------
    ValueError
        A field is missing, or of another type. Fields that the class does not have are left out.
    """
    import msgspec

    try:
        return msgspec.convert(record, kind)
    except (msgspec.ValidationError, UnicodeError) as error:  # a name with half of a surrogate pair
        raise ValueError(str(error)) from None
