"""The tables of a board."""

from __future__ import annotations

from datetime import UTC, datetime

from mlops_magics.core.versioning import Board


def test_history_answers_which_version_was_champion_when_by_whom_and_why(board: Board, pinned: list[str]) -> None:
    """Every move stays, with its time, its author and its note; pins are part of the story."""
    board.promote(f"line@{pinned[0]}", to="champion", note="passed review")
    board.promote(f"line@{pinned[1]}", to="champion", note="better on Mondays")
    history = board.history("line")
    moves = history[history["event"] == "promote"]

    assert list(moves["note"]) == ["better on Mondays", "passed review"]
    assert list(moves["previous"]) == [pinned[0], None]
    assert moves["by"].notna().all()
    assert list(moves["version"]) == [pinned[1], pinned[0]]
    assert (moves["time"] <= datetime.now(UTC)).all()
    assert sorted(history[history["event"] == "pin"]["version"]) == pinned
