"""Cadences: words such as ``week`` or a cron line, in a time zone, with daylight saving time as cron has it.

A due time is the UTC instant of the intended time. In spring, a time that the clocks skip is due when they have moved.
In autumn, a time that comes twice is due once (cronsim does as Debian's cron).
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from mlops_magics.errors import InvalidInput

WORDS = ("hour", "day", "week", "month")
DAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
HOUR = 4
"""Hour of a cadence without a time: quiet, and outside the hours at which clocks change."""
SPREAD = 30
"""Minutes over which models without a time are spread, so that they do not begin at once."""
_AT = re.compile(r"(?P<hour>[01]?\d|2[0-3]):(?P<minute>[0-5]\d)")


@dataclass(frozen=True, slots=True)
class Schedule:
    """A cron line in a time zone."""

    cron: str
    zone: str

    def last(self, now: dt.datetime) -> dt.datetime:
        """Return the due time at or before a moment, in UTC."""
        # the search excludes its start, so that it begins a moment later
        found = next(self._times(now + dt.timedelta(seconds=1), reverse=True))
        return found.astimezone(dt.UTC)

    def next(self, now: dt.datetime) -> dt.datetime:
        """Return the due time after a moment, in UTC."""
        return next(self._times(now, reverse=False)).astimezone(dt.UTC)

    def _times(self, start: dt.datetime, *, reverse: bool) -> Iterator[dt.datetime]:
        from cronsim import CronSim

        times: Iterator[dt.datetime] = CronSim(self.cron, start.astimezone(ZoneInfo(self.zone)), reverse=reverse)
        return times


def schedule_of(every: str, at: str | None, zone: str | None, model: str) -> Schedule:
    """Return the schedule of a cadence.

    Parameters
    ----------
    every
        ``hour``, ``day``, ``week``, ``month``, the name of a weekday, or a cron line of five fields.
    at
        A time such as ``04:00``, by default a minute after 4 that depends on the model's name.
    zone
        The name of a time zone, by default that of this machine.

    Raises
    ------
    InvalidInput
        A word, a time or a zone that does not exist, or a cron line that is never due.
    """
    place = zone or local_zone()
    try:
        ZoneInfo(place)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InvalidInput(f"Unknown time zone {place!r}. Write a name such as Europe/Berlin or UTC.") from None
    cron = every.strip() if len(every.split()) > 1 else _cron(every.strip().lower(), at, model)
    if len(every.split()) > 1 and at is not None:
        raise InvalidInput("A cron line has its own time: leave --at out.")
    _check(cron, place)
    return Schedule(cron, place)


def _cron(word: str, at: str | None, model: str) -> str:
    minute, hour = _time(at, model)
    if word == "hour":
        return f"{minute} * * * *"
    if word == "day":
        return f"{minute} {hour} * * *"
    if word == "week" or word in DAYS:
        return f"{minute} {hour} * * {DAYS.index(word) if word in DAYS else 1}"
    if word == "month":
        return f"{minute} {hour} 1 * *"
    raise InvalidInput(
        f"--every takes {', '.join(WORDS)}, a weekday, or a cron line such as '0 4 * * 1', not {word!r}."
    )


def _time(at: str | None, model: str) -> tuple[int, int]:
    if at is None:
        return int(hashlib.sha256(model.encode()).hexdigest(), 16) % SPREAD, HOUR
    found = _AT.fullmatch(at.strip())
    if found is None:
        raise InvalidInput(f"--at takes a time such as 04:00, not {at!r}.")
    return int(found["minute"]), int(found["hour"])


def _check(cron: str, zone: str) -> None:
    from cronsim import CronSimError

    try:
        Schedule(cron, zone).next(dt.datetime.now(dt.UTC))
    except CronSimError as fault:
        raise InvalidInput(
            f"{cron!r} is not a valid cron line ({str(fault).lower()}). Write five fields: '0 4 * * 1' is Monday, 4:00."
        ) from None
    except StopIteration:
        raise InvalidInput(f"The cron line {cron!r} is never due. Check its day and month.") from None


def local_zone() -> str:
    """Return the name of this machine's time zone, or UTC where it has none."""
    named = os.environ.get("TZ", "").removeprefix(":")
    if named and not named.startswith("/"):
        return named
    try:
        path = str(Path("/etc/localtime").resolve(strict=True))
    except OSError:
        return "UTC"
    return path.rpartition("zoneinfo/")[2] if "zoneinfo/" in path else "UTC"
