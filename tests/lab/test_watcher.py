"""The watcher tells what changed, once, and only that."""

from __future__ import annotations

import time
from typing import Any

import pytest

from mlops_magics.core import known_boards, verdicts
from mlops_magics.core.deploying import announcement, deploy, process
from mlops_magics.core.versioning import Board
from mlops_magics.lab.snapshot import snapshot
from mlops_magics.lab.watcher import SCHEMA, Watcher
from mlops_magics.panel.shelf import Shelf


class Listener:
    """Stands at the process boundary in the place of Jupyter's event logger."""

    def __init__(self) -> None:
        self.heard: list[dict[str, Any]] = []

    def emit(self, *, schema_id: str, data: dict[str, Any]) -> None:
        assert schema_id == SCHEMA["$id"]
        self.heard.append(data)


@pytest.fixture
def listener() -> Listener:
    """What a front end hears."""
    return Listener()


@pytest.fixture
def watcher(board: Board, listener: Listener) -> Watcher:
    """A watcher of the board; its first look tells nothing."""
    return Watcher(listener, None, Shelf())


def judge(board: Board, *drifted: str, version: str = "v") -> None:
    """Leave the verdict of a monitoring run."""
    facts = {"name": "line", "version": version, "created": "", "rows": 0, "features": [], "alerts": []}
    verdicts.remember(board.url, {**facts, "verdict": f"{len(drifted)} drifted", "drifted": [*drifted]})


async def test_a_move_of_an_alias_is_told_once_with_the_key_of_its_board(
    board: Board, key: str, watcher: Watcher, listener: Listener
) -> None:
    """A panel fetches one board again, once."""
    await watcher.look()
    board.promote("line", to="champion")
    await watcher.look()
    await watcher.look()

    assert listener.heard == [{"boards": [key], "endpoints": False, "verdicts": False, "news": []}]


async def test_drift_is_news_when_a_feature_passes_its_threshold(
    board: Board, key: str, watcher: Watcher, listener: Listener
) -> None:
    """The same features again are no news; another one is, and so is the first verdict on another version."""
    await watcher.look()
    for drifted, version in ((("x",), "v"), (("x",), "v"), ((), "v"), (("x", "y"), "v"), (("x",), "w")):
        judge(board, *drifted, version=version)
        await watcher.look()

    assert [len(data["news"]) for data in listener.heard] == [1, 0, 0, 1, 1]
    assert listener.heard[0]["news"] == [{"kind": "verdict", "board": key, "name": "line", "text": "Drift: 1 drifted"}]


async def test_a_killed_endpoint_is_news_and_a_stopped_one_is_not(
    board: Board, key: str, watcher: Watcher, listener: Listener
) -> None:
    """Only what nobody asked for is worth a notification."""
    await watcher.look()
    endpoint = deploy(board, board.version("line"), temporary=True)
    await watcher.look()
    announced = endpoint.announced
    process.kill(announced.pid, announced.pid_started)
    process.wait_gone(announced.pid, announced.pid_started, 10)
    await watcher.look()
    endpoint.stop()
    await watcher.look()

    assert [[each["kind"] for each in data["news"]] for data in listener.heard] == [[], ["endpoint"], []]
    assert all(data["endpoints"] for data in listener.heard)
    assert not list(announcement.all_announced())


def test_a_new_version_and_a_new_verdict_change_the_snapshot(board: Board, key: str) -> None:
    """What other processes write is seen by times of change alone."""
    before = snapshot()
    judge(board)
    judged = snapshot()
    board.copy(board.version("line"), board, name="twin")
    copied = snapshot()

    assert {name for name in judged if judged[name] != before.get(name)} == {f"verdict:{key}/line"}
    assert {name for name in copied if copied[name] != judged[name]} == {f"board:{key}"}


async def test_a_large_board_is_looked_at_less_often(board: Board, watcher: Watcher) -> None:
    """A look that took long makes the next ones rest, so that watching never costs more than its share."""
    await watcher.look()
    watcher._rest_until = time.monotonic() + 60
    seen = watcher._seen
    board.promote("line", to="champion")
    await watcher._look_if_rested()

    assert watcher._seen is seen


def test_a_board_in_memory_is_not_written_down(board: Board) -> None:
    """Another process could not open it."""
    known_boards.remember("mine", "memory://mine")

    assert [each.url for each in known_boards.known()] == [board.url]
