"""The watcher tells what changed, once, and only that."""

from __future__ import annotations

from typing import Any

from mlops_magics.core import known_boards, verdicts
from mlops_magics.core.versioning import Board
from mlops_magics.lab.watcher import SCHEMA, Watcher, snapshot


class Listener:
    """Stands at the process boundary in the place of Jupyter's event logger."""

    def __init__(self) -> None:
        self.heard: list[dict[str, Any]] = []

    def emit(self, *, schema_id: str, data: dict[str, Any]) -> None:
        assert schema_id == SCHEMA["$id"]
        self.heard.append(data)


async def test_a_move_of_an_alias_is_told_once_with_the_key_of_its_board(board: Board, key: str) -> None:
    """A panel fetches one board again, once."""
    listener = Listener()
    watcher = Watcher(listener, None)
    await watcher.look()
    board.promote("line", to="champion")
    await watcher.look()
    await watcher.look()

    assert [data["boards"] for data in listener.heard] == [[key]]
    assert not listener.heard[0]["endpoints"]


def test_a_new_version_and_a_new_verdict_change_the_snapshot(board: Board, key: str) -> None:
    """What other processes write is seen by times of change alone."""
    before = snapshot()
    verdicts.remember(
        board.url,
        {"name": "line", "version": "v", "created": "", "verdict": "", "drifted": [], "rows": 0, "features": []},
    )
    judged = snapshot()
    board.copy(board.version("line"), board, name="twin")
    copied = snapshot()

    assert {name for name in judged if judged[name] != before.get(name)} == {"verdicts"}
    assert {name for name in copied if copied[name] != judged[name]} == {f"board:{key}"}


def test_a_board_in_memory_is_not_written_down(board: Board) -> None:
    """Another process could not open it."""
    known_boards.remember("mine", "memory://mine")

    assert [each.url for each in known_boards.known()] == [board.url]
