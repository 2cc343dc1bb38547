"""Aliases: promote, roll back, protect."""

from __future__ import annotations

from typing import Any

import pytest

from mlops_magics.core.versioning import Board, open_board
from mlops_magics.core.versioning.history.events import Event
from mlops_magics.errors import Ambiguous, Conflict, InvalidInput, NotFound


def test_each_rollback_goes_one_further_back(board: Board, pinned: list[str]) -> None:
    """Never forth: a promotion does that. The first promotion can be taken back too, to nothing."""
    for version in pinned:
        board.promote(f"line@{version}", to="champion")

    assert board.before("line") == {"champion": pinned[1]}
    assert board.rollback("line").version == pinned[1]
    assert board.rollback("line").version == pinned[0]
    board.promote(f"line@{pinned[2]}", to="champion")
    assert board.rollback("line").version == pinned[0]
    assert board.rollback("line").version is None
    assert "champion" not in board.aliases("line")
    with pytest.raises(NotFound, match="names nothing"):
        board.rollback("line")


def test_a_log_whose_second_rollback_went_forth_is_read(board: Board, pinned: list[str]) -> None:
    """Version 0.1 wrote such moves; what the alias names now is what its last move says."""
    board.promote(f"line@{pinned[0]}", to="champion")
    board.promote(f"line@{pinned[1]}", to="champion")
    for target, current in ((pinned[0], pinned[1]), (pinned[1], pinned[0])):
        board.log.append(lambda events, to=target, now=current: Event.rollback("line", "champion", to, now, None))

    assert board.aliases("line") == {"champion": pinned[1]}
    assert board.rollback("line").version == pinned[0]


@pytest.mark.parametrize("alias", ["champoin", "chmpion", "champions", "chanpion", "challanger"])
def test_an_alias_that_looks_like_a_typing_error_is_made_with_force_only(
    board: Board, pinned: list[str], alias: str
) -> None:
    """The message names the alias that may be meant, and the option."""
    with pytest.raises(InvalidInput, match=r"(champion|challenger).*--force"):
        board.promote("line", to=alias)
    board.promote("line", to=alias, force=True)
    board.promote(f"line@{pinned[0]}", to=alias)

    assert board.aliases("line") == {alias: pinned[0]}


@pytest.mark.parametrize("alias", ["champion2", "champion-eu", "best", "solo", "eu-north"])
def test_other_new_aliases_are_made_at_once(board: Board, pinned: list[str], alias: str) -> None:
    """Numbers, and words that differ in more than a letter, are meant."""
    board.promote("line", to=alias)

    assert board.aliases("line") == {alias: pinned[2]}


def test_an_alias_is_not_the_number_of_a_version(board: Board, pinned: list[str]) -> None:
    """`line@v3` has one meaning."""
    with pytest.raises(InvalidInput, match="number of a version"):
        board.promote("line", to="v3")


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
