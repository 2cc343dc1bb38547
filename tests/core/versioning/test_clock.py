"""Time: versions keep their order whatever the clock does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sklearn.linear_model import LinearRegression

from mlops_magics.core.versioning import Board, Facts, clock


def test_versions_pinned_within_one_second_keep_their_order(board: Board) -> None:
    """R2: The newest version is the one that was committed last, however fast they follow each other."""
    versions = [
        board.publish(LinearRegression().fit([[0], [1]], [0, slope]), "line", Facts(format="joblib"))
        for slope in range(8)
    ]

    assert [version.created for version in versions] == sorted({version.created for version in versions})
    assert board.version("line").version == versions[-1].version
    assert list(board.versions("line")["version"]) == [version.version for version in reversed(versions)]


@pytest.mark.parametrize("shift", [timedelta(hours=-1), timedelta(days=-400), timedelta(days=366 * 12)])
def test_a_clock_that_jumps_never_reorders_versions(
    board: Board, model: Any, monkeypatch: pytest.MonkeyPatch, shift: timedelta
) -> None:
    """R10: Set back an hour, a year, or past 2038: the newest stays the last one, in UTC."""
    first = board.publish(model, "line", Facts(format="joblib"))
    real = clock.wall_ns
    monkeypatch.setattr(clock, "wall_ns", lambda: real() + int(shift.total_seconds()) * 1_000_000_000)
    second = board.publish(model, "line", Facts(format="joblib"))

    assert second.created > first.created
    assert second.created.tzinfo is UTC
    assert board.version("line").version == second.version


def test_another_time_zone_names_the_same_second(board: Board, model: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """R10: A version is named in UTC wherever it is pinned."""
    monkeypatch.setenv("TZ", "America/Los_Angeles")
    version = board.publish(model, "line", Facts(format="joblib"))

    assert abs(version.created - datetime.now(UTC)) < timedelta(seconds=10)
