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


def test_a_move_comes_after_the_pin_of_its_version_within_one_second_too(board: Board, pinned: list[str]) -> None:
    """R2: Three versions of one second have names of three seconds, and are older than the moves that name them."""
    board.promote(f"line@{pinned[2]}", to="champion")
    board.promote(f"line@{pinned[0]}", to="champion")

    assert [*board.history("line")["event"]] == ["promote", "promote", "pin", "pin", "pin"]
