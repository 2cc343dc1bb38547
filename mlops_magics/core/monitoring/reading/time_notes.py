"""Notes on the times of rows: rows that are in no period and why, and the zone in which the others were cut."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mlops_magics.core.log_columns import TIMESTAMP
from mlops_magics.core.monitoring.reading.periods import Period
from mlops_magics.core.monitoring.reading.row_times import Moments

Times = npt.NDArray[np.datetime64]
MOST_OFFSETS = 4
"""Offsets that a note names."""


@dataclass(frozen=True, slots=True)
class TimeFacts:
    """The facts about times that a reader of a report has to know.

    Attributes
    ----------
    far
        The number of rows whose times are far from all others.
    ends
        The first and the last of these times.
    missing
        The number of rows without a time, where it was counted.
    unread, examples
        The number of those whose values are not times, and some of these.
    offsets
        The offsets of the values where they have several, ``""`` for none.
    zone
        The zone in which they were cut.
    """

    far: int = 0
    ends: tuple[np.datetime64, np.datetime64] | None = None
    missing: int = 0
    unread: int = 0
    examples: tuple[str, ...] = ()
    offsets: tuple[str, ...] = ()
    zone: str = "UTC"

    def notes(self, name: str | None, rows: int, windows: Sequence[Period]) -> tuple[str, ...]:
        """Return a note for each fact.

        Parameters
        ----------
        name
            The column with the times.
        rows
            The number of all rows.
        windows
            The periods.
        """
        of, found = f" in {name!r}" if name is not None else "", []
        missing = rows - sum(window.n for window in windows) - self.far - self.unread
        if missing > 0:
            found.append(f"{missing:,} of {rows:,} rows have no time{of}. They are in no period")
        if self.unread:
            shown = ", ".join(map(repr, self.examples))
            found.append(f"{self.unread:,} of {rows:,} rows have no valid time{of} ({shown}). They are in no period")
        if self.far and self.ends is not None:
            found.append(f"{self.far:,} of {rows:,} rows {_far(name, self.ends, windows)}")
        return (*found, *_zones(name, self.offsets, self.zone))


def of_rows(moments: Moments, windows: Sequence[Period]) -> TimeFacts:
    """Return the facts about rows that were cut into periods."""
    known = moments.wall[~np.isnat(moments.wall)]
    far = len(known) - sum(window.n for window in windows)
    ends = _ends(known, windows) if far > 0 else None
    missing = len(moments.wall) - len(known)
    return TimeFacts(max(far, 0), ends, missing, moments.unread, moments.examples, moments.offsets)


def _ends(known: Times, windows: Sequence[Period]) -> tuple[np.datetime64, np.datetime64]:
    first, last = (np.datetime64(edge, "us") for edge in (windows[0].start, windows[-1].end))
    far = known[(known < first) | (known >= last)]
    return far.min(), far.max()


def _far(name: str | None, ends: tuple[np.datetime64, np.datetime64], windows: Sequence[Period]) -> str:
    times = " to ".join(dict.fromkeys(str(end.astype("datetime64[s]")) for end in ends))
    told = f"have times far from all others ({times}). They are in no period"
    if name == TIMESTAMP:
        return f"{told}: the clock of the server was wrong"
    start, end = windows[0].start, windows[-1].end
    return (
        f"{told}. To leave them out: data = data[pandas.to_datetime(data[{name!r}]).between({start!r}, {end!r}, "
        f"inclusive='left')]"
    )


def _zones(name: str | None, offsets: Sequence[str], zone: str) -> tuple[str, ...]:
    if not offsets:
        return ()
    shown = ", ".join(offset or "none" for offset in offsets[:MOST_OFFSETS])
    more = ", …" if len(offsets) > MOST_OFFSETS else ""
    return (
        f"the times in {name!r} have several offsets ({shown}{more}), and periods are cut in {zone}. For local days: "
        f"data[{name!r}] = pandas.to_datetime(data[{name!r}], utc=True).dt.tz_convert('Europe/Berlin')",
    )
