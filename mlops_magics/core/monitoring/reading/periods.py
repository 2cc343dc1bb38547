"""Time windows: half-open, aligned with the calendar, without gaps."""

from __future__ import annotations

import contextlib
import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from mlops_magics.core.monitoring.reading import far_times
from mlops_magics.core.monitoring.reading.row_times import Moments
from mlops_magics.errors import InvalidInput

CALENDAR = ("hour", "day", "week", "month", "quarter", "year")
MOST_PERIODS = 10_000  # minutes over years would be millions of empty rows
WHOLE = "all"

HOUR = 3_600_000_000
"""Microseconds."""
_HOURS = {"hour": 1, "day": 24, "week": 168, "month": 730.5, "quarter": 2191.5, "year": 8766}
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
    parts = min(parts, max(rows, 1))
    return _numbered([rows * k // parts for k in range(parts + 1)], 0)


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


def are_in_time(by: Any) -> bool:
    """Return whether periods are cut by the times of the rows, and not by their number."""
    return by is not None and not isinstance(by, int | np.integer) and parts_in(by) is None


def unit_of(by: Any) -> str | np.timedelta64:
    """Return the unit of the calendar, or the length, that periods in time have."""
    return by if isinstance(by, str) and by in CALENDAR else _step(by)


def microseconds(unit: str | np.timedelta64) -> int:
    """Return the mean length of a period in microseconds."""
    if isinstance(unit, np.timedelta64):
        return int(unit.astype("timedelta64[us]").astype(np.int64))
    return int(_HOURS[unit] * HOUR)


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
    known = _near(moments.wall, unit)
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


def _near(wall: npt.NDArray[np.datetime64], unit: str | np.timedelta64) -> npt.NDArray[np.int64]:
    """Return the rows that have a time, and none that is far from all others."""
    known = np.flatnonzero(~np.isnat(wall))
    if not len(known):
        return known
    length = microseconds(unit)
    micros = wall[known].astype(np.int64)
    least, most = int(micros.min()), int(micros.max())
    if most - least <= min(far_times.MOST_EMPTY * length, far_times.LONGEST_GAP):
        return known
    times, rows = np.unique(micros // length, return_counts=True)
    low, high = far_times.stretch(times * length, rows, length, MOST_PERIODS)
    if high - low == len(times):
        return known
    place = micros // length
    return np.asarray(known[(place >= times[low]) & (place <= times[high - 1])])


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


def edges_between(
    first: np.datetime64, last: np.datetime64, unit: str | np.timedelta64, origin: np.datetime64 | None = None
) -> npt.NDArray[np.datetime64]:
    """Return the edges of all periods from the first time to the last.

    Parameters
    ----------
    first, last
        The times.
    unit
        The length of a period.
    origin
        The time from whose day periods of one length are counted, by default the first.

    Raises
    ------
    InvalidInput
    """
    if isinstance(unit, np.timedelta64):
        start = (first if origin is None else origin).astype("datetime64[D]").astype("datetime64[us]")
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
