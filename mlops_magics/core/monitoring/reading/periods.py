"""Time windows: half-open, aligned with the calendar, without gaps."""

from __future__ import annotations

import contextlib
import datetime as dt
import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from mlops_magics.errors import InvalidInput

UNITS = {"ns": 1e17, "us": 1e14, "ms": 1e11}
"""Units of times as numbers, and the least number that is a time in it: as seconds it would be 3,000 years and more."""
CALENDAR = ("hour", "day", "week", "month", "quarter", "year")
MOST_PERIODS = 10_000  # minutes over years would be millions of empty rows
WHOLE = "all"

_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_PARTS = re.compile(r"(\d+)\s*parts?")
Rows = npt.NDArray[np.int64] | slice


@dataclass(frozen=True, slots=True)
class Period:
    """A window and the rows in it.

    Attributes
    ----------
    label
        Its first day (``2024-01-01``), month (``2024-01``), or row numbers (``0:500``), in the data's own time zone.
    start, end
        The window ``[start, end)`` as ISO times or row numbers, or ``None`` when the whole is one period.
    partial
        The data stop before the window does.
    """

    label: str
    rows: Rows
    n: int
    start: str | None = None
    end: str | None = None
    partial: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return the fields that charts and views show."""
        return {"label": self.label, "n": self.n, "start": self.start, "end": self.end, "partial": self.partial}


def whole(rows: int) -> list[Period]:
    """Return everything as one period."""
    return [Period(WHOLE, slice(None), rows)]


def by_rows(rows: int, size: int) -> list[Period]:
    """Cut into windows of ``size`` rows. A rest below half a window joins the one before it.

    Raises
    ------
    InvalidInput
    """
    if size < 1:
        raise InvalidInput(f"A period needs at least one row, not {size}.")
    starts = list(range(0, rows, size))
    if len(starts) > 1 and rows - starts[-1] < size / 2:
        starts.pop()
    return _numbered([*starts, rows], size)


def in_parts(rows: int, parts: int) -> list[Period]:
    """Cut into ``parts`` windows whose sizes differ by at most one row.

    Raises
    ------
    InvalidInput
    """
    if parts < 1:
        raise InvalidInput(f"Cannot cut into {parts} parts. Use for example by='10 parts'.")
    return _numbered([rows * k // parts for k in range(min(parts, max(rows, 1)) + 1)], 0)


def _numbered(edges: list[int], size: int) -> list[Period]:
    return [
        Period(f"{start}:{end}", slice(start, end), end - start, str(start), str(end), partial=end - start < size)
        for start, end in itertools.pairwise(edges)
    ]


def split(rows: int, by: Any, moments: Moments | None = None) -> list[Period]:
    """Cut ``rows`` rows into periods.

    Parameters
    ----------
    by
        ``None``, a calendar word, a timedelta (or ``"6h"``), a number of rows, or ``"10 parts"``.
    moments
        The time of each row, for calendar words and timedeltas.

    Raises
    ------
    InvalidInput
        The unit is unknown, timestamps are missing, or there are too many windows to read.
    """
    if by is None:
        return whole(rows)
    if isinstance(by, int | np.integer) and not isinstance(by, bool):
        return by_rows(rows, int(by))
    parts = parts_in(by)
    if parts is not None:
        return in_parts(rows, parts)
    unit = unit_of(by)
    if moments is None:
        raise InvalidInput(f"Periods by {by!r} need times: name the column with timestamp=…, or use a number of rows.")
    return list(_windows(moments, unit)) if rows else whole(0)


def parts_in(by: Any) -> int | None:
    """Return the number in ``"10 parts"``, ``None`` for another kind of period."""
    parts = _PARTS.fullmatch(by) if isinstance(by, str) else None
    return int(parts[1]) if parts else None


def unit_of(by: Any) -> str | np.timedelta64:
    """Return the unit of the calendar, or the length, that periods in time have."""
    return by if isinstance(by, str) and by in CALENDAR else _step(by)


@dataclass(frozen=True, slots=True)
class Moments:
    """Local wall-clock times, NaT for missing, and the time zone of their offsets."""

    wall: npt.NDArray[np.datetime64]
    zone: str | None = None


def moments_of(values: Any, name: str) -> Moments:
    """Read times from a Series or sequence: datetimes of any zone, dates, or ISO strings.

    Mixed time zones are converted to UTC. One zone is kept.
    """
    import pandas as pd

    series = _plain(values if isinstance(values, pd.Series) else pd.Series(values))
    if not pd.api.types.is_datetime64_any_dtype(series.dtype):
        series = _parsed(series, name)
    zone = getattr(series.dtype, "tz", None)
    local = series.dt.tz_localize(None) if zone is not None else series
    return Moments(local.to_numpy().astype("datetime64[us]"), str(zone) if zone is not None else None)


def _plain(series: Any) -> Any:
    """Return times that another library holds, or that are periods, as pandas' own."""
    import pandas as pd

    if isinstance(series.dtype, pd.ArrowDtype):
        import pyarrow as pa

        return pa.table({"times": pa.array(series, from_pandas=True)}).column("times").to_pandas()
    if isinstance(series.dtype, pd.PeriodDtype):
        return series.dt.to_timestamp()
    return series.astype(series.cat.categories.dtype) if isinstance(series.dtype, pd.CategoricalDtype) else series


def _unit(numbers: Any) -> str:
    """Return the unit in which numbers are probably times since 1970: those of this century."""
    largest = max((abs(float(number)) for number in numbers.dropna()), default=0.0)
    return next((unit for unit, least in UNITS.items() if largest >= least), "s")


def _parsed(series: Any, name: str) -> Any:
    import pandas as pd

    numbers = ("integer", "floating", "mixed-integer-float", "decimal", "complex", "boolean")
    if pd.api.types.is_numeric_dtype(series.dtype) or pd.api.types.infer_dtype(series, skipna=True) in numbers:
        raise InvalidInput(
            f"The times in {name!r} are numbers. Convert them, for example with pandas.to_datetime({name}, "
            f"unit={_unit(series)!r})."
        )
    zones = {getattr(value, "tzinfo", None) for value in series.dropna() if isinstance(value, dt.datetime)}
    try:
        # without a format pandas takes that of the first text, and refuses others
        return pd.to_datetime(series, utc=len(zones) > 1, format="ISO8601" if _of_strings(series) else None)
    except (ValueError, TypeError):
        try:
            return pd.to_datetime(series, utc=True, format="ISO8601" if _of_strings(series) else None)
        except (ValueError, TypeError) as fault:
            raise InvalidInput(f"{name!r} cannot be read as times; ISO dates such as 2024-01-31 can.") from fault


def _of_strings(series: Any) -> bool:
    return any(isinstance(value, str) for value in series.dropna().head(1))


def _step(by: Any) -> np.timedelta64:
    import pandas as pd

    step: Any = None
    with contextlib.suppress(ValueError, TypeError):
        step = pd.Timedelta(by)
    if step is None or step is pd.NaT or step <= pd.Timedelta(0):
        known = ", ".join(CALENDAR)
        raise InvalidInput(
            f"Unknown period {by!r}. Known: {known}, a timedelta such as '6h', a number of rows, or '10 parts'."
        )
    return np.timedelta64(int(step.total_seconds() * 1e6), "us")


def _windows(moments: Moments, unit: str | np.timedelta64) -> Iterator[Period]:
    known = np.flatnonzero(~np.isnat(moments.wall))
    if not len(known):
        return
    wall = moments.wall[known]
    edges = edges_between(wall.min(), wall.max(), unit)
    window = np.searchsorted(edges, wall, side="right") - 1
    order = np.argsort(window, kind="stable")
    cuts = np.searchsorted(window[order], np.arange(len(edges)))
    found = between(edges, unit, np.diff(cuts).tolist(), wall)
    for period, start, end in zip(found, cuts, cuts[1:]):
        yield replace(period, rows=known[order[start:end]])


def between(
    edges: npt.NDArray[np.datetime64], unit: str | np.timedelta64, counts: Sequence[int], wall: npt.NDArray[Any]
) -> list[Period]:
    """Return the periods between edges, with so many rows each. ``wall`` holds the times of the rows.

    Parameters
    ----------
    edges
        ``(n_periods + 1,)`` times.
    unit
        The length of a period.
    counts
        The rows of each period.
    wall
        The times of the rows, ``(n_samples,)``.
    """
    last, unfinished = len(edges) - 2, _stops_early(wall, edges[-1])
    return [
        Period(_label(start, unit), slice(0, 0), n, _iso(start), _iso(end), partial=k == last and unfinished)
        for k, (start, end, n) in enumerate(zip(edges, edges[1:], counts))
    ]


def starts(
    wall: npt.NDArray[np.datetime64], unit: str | np.timedelta64, origin: np.datetime64 | None = None
) -> npt.NDArray[np.datetime64]:
    """Return the start of the period of each time. Periods of one length begin on the day of ``origin``."""
    if isinstance(unit, str) and unit in _MONTHS:
        # floor division, which is right before 1970 too
        month = wall.astype("datetime64[M]").astype(np.int64) // _MONTHS[unit] * _MONTHS[unit]
        return np.asarray(month.astype("datetime64[M]").astype("datetime64[us]"))
    first = wall.min() if origin is None else origin
    start, _, step = _aligned(first, first, unit) if isinstance(unit, str) else (first, first, unit)
    day = start.astype("datetime64[D]").astype("datetime64[us]")
    return np.asarray(day + (wall - day) // step * step)


def edges_between(first: np.datetime64, last: np.datetime64, unit: str | np.timedelta64) -> npt.NDArray[np.datetime64]:
    """Return the edges of all periods from the first time to the last.

    Raises
    ------
    InvalidInput
    """
    if isinstance(unit, np.timedelta64):
        start = first.astype("datetime64[D]").astype("datetime64[us]")
        start += (first - start) // unit * unit
        edges = np.arange(start, last + 2 * unit, unit) if (last - start) / unit < MOST_PERIODS else None
    elif unit in _MONTHS:
        months = _MONTHS[unit]
        begin, stop = (
            int(moment.astype("datetime64[M]").astype(np.int64)) // months * months for moment in (first, last)
        )
        edges = np.arange(begin, stop + months + 1, months).astype("datetime64[M]").astype("datetime64[us]")
    else:
        return edges_between(*_aligned(first, last, unit))
    if edges is None or len(edges) > MOST_PERIODS:
        raise InvalidInput(
            f"From {first} to {last} there are more than {MOST_PERIODS} such periods. Choose a longer one."
        )
    return edges[: np.searchsorted(edges, last, side="right") + 1]


def _aligned(
    first: np.datetime64, last: np.datetime64, unit: str
) -> tuple[np.datetime64, np.datetime64, np.timedelta64]:
    if unit == "hour":
        return first, last, np.timedelta64(3_600_000_000, "us")
    step = np.timedelta64(7 if unit == "week" else 1, "D").astype("timedelta64[us]")
    if unit == "week":
        day = first.astype("datetime64[D]")
        # 1970-01-01 was a Thursday, and weeks start on Monday
        first = (day - (day.astype(np.int64) + 3) % 7).astype("datetime64[us]")
    return first, last, step


def _stops_early(wall: npt.NDArray[np.datetime64], end: np.datetime64) -> bool:
    """Return whether the gap before the window's end is longer than any that came twice in the data.

    Nights and weekends come again and again. One outage is not evidence of how often data arrive.
    """
    gaps = np.sort(np.diff(np.unique(wall)))
    return bool(len(gaps)) and bool(end - wall.max() > gaps[-2:].min())


def _label(start: np.datetime64, unit: str | np.timedelta64) -> str:
    if isinstance(unit, str) and unit in _MONTHS:
        month = str(start.astype("datetime64[M]"))
        if unit == "month":
            return month
        return month[:4] if unit == "year" else f"{month[:4]}-Q{(int(month[5:]) + 2) // 3}"
    if unit in ("day", "week") or (
        isinstance(unit, np.timedelta64) and unit % np.timedelta64(1, "D") == np.timedelta64(0, "us")
    ):
        return str(start.astype("datetime64[D]"))
    return _iso(start)[:16]


def _iso(moment: np.datetime64) -> str:
    return str(moment.astype("datetime64[s]"))
