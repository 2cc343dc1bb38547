"""The values of one column of any frame: numbers, or codes into labels, with missing values marked."""

from __future__ import annotations

import datetime
import enum
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
Kind = Literal["numeric", "categorical", "datetime", "text"]
Native = Literal["number", "boolean", "string", "datetime", "empty"]

MISSING_CODE = -1
SHORTEST = {4: 9, 2: 5}
"""Digits that distinguish any two floats, by their bytes."""
EXACT = 2**53
"""Whole numbers up to this size have a float of their own."""


@dataclass(frozen=True, slots=True)
class Column:
    """The values of one feature.

    Attributes
    ----------
    kind
        The kind of its comparison. A ``datetime`` is held as seconds since 1970 in UTC.
    native
        The type of the values. Another native type than the reference's is a changed type.
    values
        ``(n_samples,)``: floats with NaN for missing, or integer codes into ``labels`` with -1 for missing.
    integral
        Whether numbers have an integer type.
    zone
        The time zone of times that have one.
    origin, apart
        Of whole numbers some of which no float holds: the least of them, and the numbers less that, ``(n_samples,)``
        floats, each exact.
    """

    name: str
    kind: Kind
    native: Native
    values: npt.NDArray[Any]
    labels: tuple[str, ...] = ()
    integral: bool = False
    zone: str = ""
    origin: int = 0
    apart: FloatArray | None = None

    def __len__(self) -> int:
        return len(self.values)

    @property
    def coded(self) -> bool:
        """Whether ``values`` are codes into ``labels``."""
        return self.kind in ("categorical", "text")

    def take(self, rows: Any) -> Column:
        """Return the column of some rows (a slice, indices or a mask)."""
        return replace(self, values=self.values[rows], apart=None if self.apart is None else self.apart[rows])

    @property
    def exact(self) -> npt.NDArray[Any]:
        """The values, or the numbers less their origin: two that differ are never equal."""
        return self.values if self.apart is None else self.apart

    def counts(self) -> IntArray:
        """Return the count of each label, ``(n_labels,)``."""
        present = self.values if not len(self.values) or self.values.min() >= 0 else self.values[self.values >= 0]
        return np.bincount(present, minlength=len(self.labels)).astype(np.int64)

    def missing(self) -> int:
        """Return the number of missing values."""
        return int(np.count_nonzero(self.values == MISSING_CODE if self.coded else np.isnan(self.values)))


def numeric(
    name: str, values: npt.NDArray[Any], native: Native = "number", *, integral: bool = False, zone: str = ""
) -> Column:
    """Make a column of numbers, of which NaN is missing.

    Parameters
    ----------
    name, values
        The column, ``(n_samples,)``.
    native
        The type in the data: ``number``, ``datetime``, ….
    integral
        Whether all values are whole numbers.
    zone
        The time zone of times.
    """
    kind: Kind = "datetime" if native == "datetime" else "numeric"
    return Column(name, kind, native, decimals(values), integral=integral, zone=zone)


def whole_numbers(name: str, apart: FloatArray, origin: int) -> Column:
    """Make a column of whole numbers of which some are too large for floats, from what each is above an origin.

    Parameters
    ----------
    name
        The column.
    apart
        ``(n_samples,)``, NaN for missing.
    origin
        Added to each, it gives the number.
    """
    return Column(name, "numeric", "number", apart + float(origin), integral=True, origin=origin, apart=apart)


def above(column: Column, origin: int) -> Column:
    """Return a column whose numbers are less another origin, that of a reference, which may be 0."""
    if origin == column.origin:
        return column
    if not origin:
        return replace(column, origin=0, apart=None)
    # the difference of both origins is exact, where that of floats would not be
    apart = column.values - float(origin) if column.apart is None else column.apart + float(column.origin - origin)
    return replace(column, origin=origin, apart=apart)


def decimals(values: npt.NDArray[Any]) -> FloatArray:
    """Return numbers as float64, those of 32 or 16 bits by their shortest decimal: 0.1 is 0.1 in any width."""
    if values.dtype not in (np.float32, np.float16):
        return np.asarray(values, dtype=np.float64)
    narrow = np.asarray(values)
    found = narrow.astype(np.float64)
    open_ = np.isfinite(found) & (found != np.round(found))
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        exponent = np.floor(np.log10(np.abs(found), where=open_, out=np.zeros(len(found))))
        for digits in range(1, SHORTEST[narrow.dtype.itemsize] + 1):
            if not open_.any():
                break
            power = digits - 1 - exponent
            scale = 10.0 ** np.abs(power)
            rounded = np.where(power >= 0, np.round(found * scale) / scale, np.round(found / scale) * scale)
            fits = open_ & (rounded.astype(narrow.dtype) == narrow)
            found[fits], open_ = rounded[fits], open_ & ~fits
    return found


def coded(name: str, codes: npt.NDArray[Any], labels: Any, native: Native) -> Column:
    """Make a column of categories from integer codes (-1 is missing) and their labels.

    Parameters
    ----------
    name
        The column.
    codes
        ``(n_samples,)``, each the place of a label.
    labels
        ``(n_labels,)``.
    native
        The type in the data.
    """
    return Column(name, "categorical", native, codes, tuple(label_of(value) for value in labels))


def as_categorical(column: Column) -> Column:
    """Read numbers as categories, one per distinct value."""
    if column.coded:
        return column
    missing = np.isnan(column.values)
    distinct, codes = np.unique(column.exact[~missing], return_inverse=True)
    values = np.full(len(column), MISSING_CODE, dtype=np.int64)
    values[~missing] = codes
    labels = distinct.tolist() if column.apart is None else [column.origin + int(each) for each in distinct]
    if column.kind == "datetime":
        labels = _as_dates(distinct)
    return coded(column.name, values, labels, column.native)


def _as_dates(moments: FloatArray) -> list[str]:
    """Return seconds since 1970 as people write them: dates, if all are midnights."""
    texts = np.datetime_as_string((moments * 1e6).round().astype(np.int64).astype("datetime64[us]"))
    whole = (moments % 86_400 == 0).all()
    return [text[:10] if whole else text.removesuffix(".000000") for text in texts.tolist()]


def as_numeric(column: Column) -> Column:
    """Read categories of numbers as numbers."""
    if not column.coded:
        return column
    values = np.array([*(float(label) for label in column.labels), np.nan])
    return numeric(column.name, values[column.values], column.native)


def label_of(value: Any) -> str:
    """Write a category as text, and whole floats as integers, because a missing value turns integers into floats.

    A member of an enumeration is its value, and a tuple is a list.
    """
    if isinstance(value, enum.Enum):
        value = value.value
    if isinstance(value, tuple):
        return spelled(value)
    if isinstance(value, np.generic):
        # by its text: the float of np.float32(0.1) is 0.10000000149
        value = float(str(value)) if isinstance(value, np.float32 | np.float16) else value.item()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def spelled(value: Any, narrow: bool = False) -> str:
    """Write a list, an array or a mapping as text, the same whether pandas, NumPy or Arrow holds it.

    Parameters
    ----------
    narrow
        Whether floats in it have 32 bits, which Arrow does not show.
    """
    return repr(_plain(value, narrow))


def _plain(value: Any, narrow: bool) -> Any:
    """Return lists for arrays and tuples, Python's values for NumPy's, and ISO texts for times."""
    if isinstance(value, Mapping):  # Arrow fills the keys that a mapping lacks
        return {str(key): _plain(each, narrow) for key, each in value.items() if each is not None}
    if isinstance(value, list | tuple | np.ndarray):
        return [_plain(each, narrow) for each in value]
    if isinstance(value, np.datetime64):
        value = value.astype("datetime64[us]").item()
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, np.float32 | np.float16) or (narrow and isinstance(value, float)):
        return float(str(np.float32(value)))  # the float of np.float32(0.1) is 0.10000000149
    return value.item() if isinstance(value, np.generic) else value


def seconds(moments: Any) -> FloatArray:
    """Return seconds since 1970, NaN for NaT."""
    found: FloatArray = moments.astype("datetime64[us]").astype(np.int64) / 1e6
    # NaT is the smallest integer
    found[np.isnat(moments)] = np.nan
    return found
