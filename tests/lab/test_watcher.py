"""The watcher tells what changed, once, and only that."""

from __future__ import annotations

import itertools
import time
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression

from mlops_magics.core import known_boards, retrainings, verdicts
from mlops_magics.core.deploying import deploy
from mlops_magics.core.deploying.endpoints import announcement, processes
from mlops_magics.core.session.snapshot import Watched
from mlops_magics.core.versioning import Board, Facts, Prototype
from mlops_magics.errors import InvalidInput
from mlops_magics.lab.watcher import SCHEMA, Watcher
from mlops_magics.panel.board_pool import BoardPool


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
    return Watcher(listener, None, BoardPool())


def judge(board: Board, *drifted: str, version: str = "v") -> None:
    """Leave the verdict of a monitoring run."""
    facts = {"name": "line", "version": version, "created": "", "rows": 0, "features": [], "alerts": []}
    verdicts.remember(board.url, {**facts, "verdict": f"{len(drifted)} drifted", "drifted": [*drifted]})


def publish(board: Board) -> None:
    """Pin another version."""
    data = pd.DataFrame({"x": [0.0, 1.0]})
    model = LinearRegression().fit(data, [0.0, 3.0])
    board.publish(model, "line", Facts(prototype=Prototype.from_data(data), format="joblib", example=data))


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
    assert listener.heard[0]["news"] == [
        {"kind": "verdict", "board": key, "name": "line", "level": "warning", "text": "Drift of line: 1 drifted"}
    ]


async def test_a_killed_endpoint_is_news_and_a_stopped_one_is_not(
    board: Board, key: str, watcher: Watcher, listener: Listener
) -> None:
    """Only what nobody asked for is worth a notification."""
    await watcher.look()
    endpoint = deploy(board, board.version("line"), temporary=True)
    await watcher.look()
    announced = endpoint.announced
    processes.kill(announced.pid, announced.pid_started)
    processes.wait_gone(announced.pid, announced.pid_started, 10)
    await watcher.look()
    endpoint.stop()
    await watcher.look()

    assert [[each["kind"] for each in data["news"]] for data in listener.heard] == [[], ["endpoint"], []]
    assert all(data["endpoints"] for data in listener.heard)
    assert not list(announcement.all_announced())


async def test_a_retraining_that_ended_is_news_with_its_version_or_its_error(
    board: Board, key: str, watcher: Watcher, listener: Listener
) -> None:
    """Whoever retrains leaves one record; each is told once, and only a failure is a warning."""
    await watcher.look()
    retrainings.remember(board.url, "line", version="20261129T130711Z-0225d", number=2, outcome="promoted")
    await watcher.look()
    retrainings.remember(board.url, "line", version="20261129T130712Z-0333d")  # as version 0.1 wrote it
    await watcher.look()
    retrainings.remember(board.url, "line", error="ValueError: no rows since Monday")
    await watcher.look()
    await watcher.look()

    assert [(each["kind"], each["level"], each["text"]) for data in listener.heard for each in data["news"]] == [
        ("retraining", "info", "The retraining of line finished: v2 is champion now."),
        ("retraining", "info", "The retraining of line finished: 0333d is pinned."),
        ("retraining", "warning", "The retraining of line failed: ValueError: no rows since Monday"),
    ]
    assert [each["version"] for each in retrainings.of_key(key, "line")] == [
        None,
        "20261129T130712Z-0333d",
        "20261129T130711Z-0225d",
    ]


@pytest.mark.parametrize("ends", [{}, {"version": "v2", "error": "both"}])
def test_a_retraining_ends_in_one_way(board: Board, key: str, ends: dict[str, str]) -> None:
    """A record that says both or nothing would be told wrongly for ever."""
    with pytest.raises(InvalidInput, match=r"version=.*error="):
        retrainings.remember(board.url, "line", **ends)

    assert retrainings.of_key(key, "line") == []


def test_a_new_version_and_a_new_verdict_change_the_snapshot(board: Board, key: str) -> None:
    """What other processes write is seen by times of change alone."""
    watched = Watched()
    before = watched.snapshot()
    judge(board)
    judged = watched.snapshot()
    board.copy(board.version("line"), board, name="twin")
    copied = watched.snapshot()

    assert {name for name in judged if judged[name] != before.get(name)} == {f"verdict:{key}/line"}
    assert {name for name in copied if copied[name] != judged[name]} == {f"board:{key}"}


def test_a_quick_look_sees_what_our_own_writers_do(board: Board, key: str) -> None:
    """Pin, promote, annotate and delete each show at once on a board of any size, and a draft alone shows nothing."""
    version, watched = board.version("line"), Watched()
    deeds = [
        lambda: publish(board),
        lambda: board.promote(version.ref, "champion"),
        lambda: board.annotate(version.ref, tags=["seen"]),
        lambda: board.delete("line@latest"),
    ]
    looks = [watched.snapshot()]
    for deed in deeds:
        deed()
        looks.append(watched.snapshot(thorough=False))
    with board.store.draft():
        looks.append(watched.snapshot(thorough=False))

    assert [before != after for before, after in itertools.pairwise(looks)] == [True, True, True, True, False]


def test_a_thorough_look_sees_what_other_tools_write(board: Board) -> None:
    """pins puts a version beside ours without a word to anybody."""
    watched = Watched()
    before = watched.snapshot()
    Path(board.url, "line", "20300101T000000Z-abcde").mkdir()
    quick, thorough = watched.snapshot(thorough=False), watched.snapshot()

    assert quick == before
    assert thorough != before


async def test_what_changes_twice_in_a_moment_is_told_twice(board: Board, watcher: Watcher, listener: Listener) -> None:
    """Times of change are coarse; what is kept of a folder is not trusted while it is fresh."""
    await watcher.look()
    for turn in range(20):
        judge(board, *("x" * (turn % 2)))
        await watcher.look()

    assert len(listener.heard) == 20


async def test_on_a_large_board_thorough_looks_rest(board: Board, watcher: Watcher, listener: Listener) -> None:
    """R11: A thorough look that took long makes the next ones wait; what our own writers do is told all the same."""
    version = board.version("line").ref
    await watcher.look()
    watcher._rest_until = time.monotonic() + 60
    Path(board.url, "line", "20300101T000000Z-abcde").mkdir()
    await watcher.look()
    foreign = len(listener.heard)
    board.promote(version, to="champion")
    await watcher.look()

    assert (foreign, len(listener.heard)) == (0, 1)


def test_a_board_in_memory_is_not_written_down(board: Board) -> None:
    """Another process could not open it."""
    known_boards.remember("mine", "memory://mine")

    assert [each.url for each in known_boards.known()] == [board.url]
