"""The clock of boards: UTC, in whole seconds, and strictly later than every existing version."""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from mlops_magics.core.versioning.names import VersionName

COARSE_NS = 100_000_000
"""The time in ns within which two changes may leave the same time stamp on a folder."""


def wall_ns() -> int:
    """Return the wall clock in ns since 1970."""
    return time.time_ns()


def now() -> datetime:
    """Return the current second in UTC."""
    return datetime.fromtimestamp(wall_ns() // 1_000_000_000, UTC)


def after(versions: Iterable[str]) -> tuple[datetime, str | None]:
    """Return when the next version is created, and the newest one before it, if any.

    It is the current second, or the one after the newest version where the clock is not past it.
    """
    entries = list(versions)
    while entries:
        last = max(entries)
        created = VersionName(last).created if VersionName.accepts(last) else None
        if created is not None:
            return max(now(), created + timedelta(seconds=1)), last
        entries = [entry for entry in entries if entry < last]
    return now(), None
