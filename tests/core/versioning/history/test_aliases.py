"""Aliases: promote, roll back, protect."""

from __future__ import annotations

from typing import Any

import pytest

from mlops_magics.core.versioning import Board, open_board
from mlops_magics.errors import Ambiguous, Conflict, InvalidInput, NotFound


def test_rollback_is_one_move_and_undoes_itself(board: Board, pinned: list[str]) -> None:
    """A second rollback takes the first one back; the very first promotion can be taken back to nothing."""
    board.promote(f"line@{pinned[0]}", to="champion")
    board.promote(f"line@{pinned[1]}", to="champion")

    assert board.rollback("line").version == pinned[0]
    assert board.rollback("line").version == pinned[1]
    board.promote(f"line@{pinned[2]}", to="solo")
    assert board.rollback("line", alias="solo").version is None
    assert "solo" not in board.aliases("line")


def test_a_protected_alias_moves_only_with_force(board: Board, pinned: list[str]) -> None:
    """The refusal names the option that moves it."""
    board.promote(f"line@{pinned[0]}", to="champion")
    board.protect("line", "champion")
    with pytest.raises(InvalidInput, match="--force"):
        board.promote(f"line@{pinned[1]}", to="champion")
    assert board.promote(f"line@{pinned[1]}", to="champion", force=True).version == pinned[1]
    board.protect("line", "champion", protected=False)
    with pytest.raises(NotFound, match="lime"):
        board.protect("lime", "champion")
    assert board.promote(f"line@{pinned[2]}", to="champion").version == pinned[2]


def test_rollback_asks_which_alias_where_several_moved(board: Board, pinned: list[str]) -> None:
    """Guessing would be wrong; an alias that never moved cannot go back."""
    with pytest.raises(NotFound):
        board.rollback("line")
    board.promote("line", to="blue")
    board.promote("line", to="green")
    with pytest.raises(Ambiguous, match="blue, green"):
        board.rollback("line")


def test_a_promotion_that_came_second_is_in_the_history_and_moves_nothing(
    board: Board, pinned: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody moves the alias between our look and our write: a Conflict, told and recorded with its note."""
    board.promote(f"line@{pinned[0]}", to="champion")
    append = board.log.append

    def forestalled(compose: Any) -> Any:
        open_board(board.url).promote(f"line@{pinned[1]}", to="champion")
        return append(compose)

    monkeypatch.setattr(board.log, "append", forestalled)
    with pytest.raises(Conflict, match=f"it is {pinned[1]}"):
        board.promote(f"line@{pinned[2]}", to="champion", note="for the audit")
    monkeypatch.undo()

    history = board.history("line")
    newest = history[history["event"] != "pin"].iloc[0]  # pins of one second have versions that run ahead of the clock
    assert (newest["event"], newest["version"], newest["previous"]) == ("conflict", pinned[2], pinned[1])
    assert newest["note"] == "for the audit"
    assert board.version("line@champion").version == pinned[1]
    assert board.rollback("line").version == pinned[0]
