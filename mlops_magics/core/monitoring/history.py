"""Other references than training: the period before, the last few, or a frame of one's own."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Any

import numpy as np

from mlops_magics.core.monitoring import comparison, findings, reference_profile
from mlops_magics.core.monitoring.findings import Finding
from mlops_magics.core.monitoring.periods import Period
from mlops_magics.core.monitoring.reference_profile import ReferenceProfile
from mlops_magics.core.monitoring.tables import Table
from mlops_magics.errors import InvalidInput

_ROLLING = re.compile(r"rolling:(\d+)")


def compared(
    reference: Any,
    profile: ReferenceProfile,
    table: Table,
    windows: Sequence[Period],
    statistics: list[str] | None,
    ignored: Collection[str],
) -> list[Finding]:
    """Compare each period with what ``reference`` names.

    Parameters
    ----------
    reference
        ``None`` or ``"fixed"``: the profile that was stored with the version. ``"previous"`` or ``"rolling:4"``: the
        one or four
        periods before, with rows (the first period has none and is compared with the profile). Else a frame, a path or
        a profile.
    """
    depth = _depth(reference)
    if depth:
        return _against_earlier(depth, profile, table, windows, statistics, ignored)
    chosen = profile if reference in (None, "fixed") else _as_profile(reference)
    return comparison.compare_features(chosen.features, table, windows, statistics, ignored)


def _depth(reference: Any) -> int:
    """Return how many earlier periods are the reference; 0 for another kind of reference."""
    if not isinstance(reference, str):
        return 0
    rolling = _ROLLING.fullmatch(reference)
    if rolling and int(rolling[1]) < 1:
        raise InvalidInput("A rolling reference needs at least one period: rolling:4 for example.")
    return 1 if reference == "previous" else int(rolling[1]) if rolling else 0


def _as_profile(reference: Any) -> ReferenceProfile:
    if isinstance(reference, ReferenceProfile):
        return reference
    if isinstance(reference, str) and "." not in reference:
        raise InvalidInput(f"Unknown reference {reference!r}. Known: fixed, previous, rolling:N, a frame, or a path.")
    return reference_profile.profile(reference)


def _against_earlier(
    depth: int,
    profile: ReferenceProfile,
    table: Table,
    windows: Sequence[Period],
    statistics: list[str] | None,
    ignored: Collection[str],
) -> list[Finding]:
    found: list[Finding] = []
    positions = np.arange(table.rows)
    for name, feature in profile.features.items():
        if name in ignored:
            continue
        if name not in table.names:
            found += findings.missing_column(feature, windows)
            continue
        column = comparison.like(feature, table.column(name))
        earlier: list[Any] = []
        for window in windows:
            before = feature
            if earlier:
                rows = np.concatenate([positions[past.rows] for past in earlier[-depth:]])
                before = reference_profile.of_column(column.take(rows), condense=False)
            found += comparison.compare(before, column, [window], statistics)
            earlier += [window] if window.n else []
    return found
