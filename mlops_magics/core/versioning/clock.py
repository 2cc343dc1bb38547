"""Time as boards use it: UTC, whole seconds, and strictly later than what is already there."""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from mlops_magics.core.versioning.names import VersionName

COARSE_NS = 100_000_000
"""Two changes within this many ns may leave the same time stamp on a folder."""


def wall_ns() -> int:
    """Return the wall clock in ns since 1970."""
    return time.time_ns()


def now() -> datetime:
    """Return the current second in UTC."""
    return datetime.fromtimestamp(wall_ns() // 1_000_000_000, UTC)


def after(versions: Iterable[str]) -> datetime:
    """Return the current second, or the one behind the newest version where the clock is not past it."""
    newest_first = (VersionName(entry) for entry in sorted(versions, reverse=True) if VersionName.accepts(entry))
    latest = next((version.created for version in newest_first if version.created), None)
    return now() if latest is None else max(now(), latest + timedelta(seconds=1))
