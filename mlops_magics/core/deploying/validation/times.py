"""Dates, times and durations of a request, in the unit and by the zone rule of the column.

A column with a zone takes only times with a zone (of any name or offset: the instant counts), and milliseconds since
1970. A column without a zone takes times without one, and times in UTC, whose digits it keeps. All others would be
shifted by hours without notice, and are refused. Times in UTC come with a warning.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from mlops_magics.core.versioning.describing import object_moments

if TYPE_CHECKING:
    from mlops_magics.core.versioning import Column

_UNIT = re.compile(r"\[(ns|us|ms|s)\b")
_ZONE = re.compile(r"(?:, |tz=)([^\]]+)\]")
_UTC = frozenset({"UTC", "Etc/UTC", "Z", "+00:00", "UTC+00:00", "GMT", "Etc/GMT"})
MOST_MILLISECONDS = 2**53
"""Larger numbers of milliseconds are not exact in JSON."""
_MICROSECONDS = {"ns": 2**63 // 1000}
"""The largest number of microseconds from 1970 that a unit can hold, where that is less than microseconds hold."""


class WrongZone(ValueError):
    """A time with a zone where the column has none, or the reverse."""


class OutOfRange(ValueError):
    """A time that the column's unit cannot hold."""


@dataclass(frozen=True, slots=True)
class Times:
    """Times of an Arrow column.

    Attributes
    ----------
    values
        ``datetime64``, ``(n_rows,)``, in UTC where they have a zone.
    zone
        The name of the zone, or None for times without one.
    """

    values: npt.NDArray[Any]
    zone: str | None

    def __len__(self) -> int:
        return len(self.values)

    def stamps(self) -> list[Any]:
        """Return the times as `pandas.Timestamp`, with their zone, and a missing one as None."""
        import pandas as pd

        index = pd.DatetimeIndex(self.values)
        zoned = index.tz_localize("UTC").tz_convert(self.zone) if self.zone is not None else index
        return [None if missing else stamp for stamp, missing in zip(zoned, zoned.isna())]


def unit_of(dtype: str) -> str:
    """Return the unit of a dtype's times, microseconds where it has none."""
    found = _UNIT.search(dtype)
    return found[1] if found is not None else "us"


def zone_of(dtype: str) -> str | None:
    """Return the zone of a dtype."""
    found = _ZONE.search(dtype)
    return found[1].strip() if found is not None else None


def expected(column: Column) -> str:
    """Return a description of the times that a column takes."""
    if column.kind != "datetime":
        return ""
    zone = zone_of(column.moment_dtype)
    if zone is None:
        return "such as '2026-11-23T12:00:00' (without a zone, as in training), or milliseconds since 1970"
    return f"such as '2026-11-23T12:00:00+01:00' (with a zone: training was in {zone}), or milliseconds since 1970"


def utc_note(values: Any, column: Column) -> str:
    """Return a warning for times in UTC in a column without a zone, empty where there are none."""
    if column.kind != "datetime" or zone_of(column.moment_dtype) is not None:
        return ""
    if isinstance(values, Times):
        in_utc = values.zone is not None
    else:
        in_utc = not isinstance(values, np.ndarray) and any(map(is_utc_text, values))
    return f"{column.name}: times in UTC are read as they are written, since training had no zone" if in_utc else ""


def is_utc_text(value: Any) -> bool:
    """Return whether a value is a time with the zone UTC, as a text."""
    return isinstance(value, str) and value.endswith(("Z", "+00:00", "+0000"))


def moments(times: Times, column: Column) -> npt.NDArray[Any]:
    """Return the times of an Arrow column in the unit of the prototype's.

    Raises
    ------
    WrongZone, OutOfRange
    """
    if (zone_of(column.moment_dtype) is None) != (times.zone is None) and times.zone not in _UTC:
        raise WrongZone(f"times in {times.zone!r}" if times.zone else "times without a zone")
    return in_unit(times.values, unit_of(column.moment_dtype))


def in_unit(values: npt.NDArray[Any], unit: str) -> npt.NDArray[Any]:
    """Convert ``datetime64`` or ``timedelta64`` to a unit.

    Raises
    ------
    OutOfRange
        Where numpy would wrap around.
    """
    code = values.dtype.kind
    if np.datetime_data(values.dtype)[0] != unit:
        most = _MICROSECONDS.get(unit)
        if most is not None and np.datetime_data(values.dtype)[0] != "ns":
            known = values[~np.isnat(values)].astype(f"{code}8[us]").astype("int64")
            if len(known) and (known.max() > most or known.min() < -most):
                raise OutOfRange(f"a value outside the range of {code}8[{unit}]")
        return values.astype(f"{code}8[{unit}]")
    return values


def read_zoned(value: Any, column: Column) -> dt.datetime:
    """Read a time that keeps its own offset, or has none where some had none in training.

    Raises
    ------
    ValueError
    """
    import pandas as pd

    found = _parse(value) if isinstance(value, str) else value
    if not isinstance(found, dt.datetime):
        raise ValueError(value)
    if found.tzinfo is None and object_moments.SOME not in column.detail:
        raise WrongZone("a time without a zone")
    if column.detail.startswith(object_moments.PANDAS):
        return pd.Timestamp(found)
    return found.to_pydatetime(warn=False) if isinstance(found, pd.Timestamp) else found


def moment(value: str) -> np.datetime64:
    """Read a bound of the training range, which is ISO text, in UTC where it has a zone.

    Raises
    ------
    ValueError, OverflowError
    """
    return _naive(_parse(value))


def read_moment(value: Any, column: Column) -> np.datetime64:
    """Read one time: ISO 8601, milliseconds since 1970, or a time object.

    Raises
    ------
    ValueError, OverflowError
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        if abs(value) >= MOST_MILLISECONDS:
            raise ValueError(value)
        return _checked(np.datetime64(round(value * 1000), "us"), column)
    if isinstance(value, np.datetime64):
        return _checked(value, column)
    if isinstance(value, str):
        value = _parse(value)
    elif isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        value = dt.datetime.combine(value, dt.time())
    if not isinstance(value, dt.datetime):
        raise ValueError(value)
    zoned = value.tzinfo is not None
    if zoned != (zone_of(column.moment_dtype) is not None) and not (zoned and not value.utcoffset()):
        raise WrongZone("a time with a zone" if zoned else "a time without a zone")
    return _checked(_naive(value), column)


def _parse(text: str) -> dt.datetime:
    # fromisoformat cuts off what is finer than microseconds
    fraction = re.search(r"\.\d{7,}", text)
    if fraction is None:
        return dt.datetime.fromisoformat(text)
    import pandas as pd

    try:
        return pd.Timestamp(text)
    except ValueError:  # nanoseconds of a year that they cannot hold
        return dt.datetime.fromisoformat(text.replace(fraction[0], fraction[0][:7]))


def _naive(value: dt.datetime) -> np.datetime64:
    plain = value.astimezone(dt.UTC).replace(tzinfo=None) if value.tzinfo is not None else value
    return plain.to_datetime64() if hasattr(plain, "to_datetime64") else np.datetime64(plain, "us")


def _checked(value: np.datetime64, column: Column) -> np.datetime64:
    found: np.datetime64 = in_unit(np.array([value]), unit_of(column.moment_dtype))[0]
    return found
