"""One board that does not answer, or is full of odd entries, takes nothing from the others."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from mlops_magics.core import known_boards
from mlops_magics.core.versioning import Facts, open_board
from mlops_magics.errors import BoardError
from mlops_magics.panel import board_pool, boards
from mlops_magics.panel.board_pool import MOST_WAITING, BoardPool


@pytest.fixture
def silent() -> Iterator[str]:
    """The key of a board at a server that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0), backlog=50) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}/board"
        known_boards.remember("silent", url)
        yield known_boards.key_of(url)


def test_R17_a_board_that_does_not_answer_is_given_up_and_the_others_answer(
    silent: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R17, T9: of twelve requests for it a few wait for a moment, the others are refused at once, in one line each."""
    board = open_board(tmp_path / "board")
    board.publish({"value": 1}, "line", Facts(format="joblib"))
    known_boards.remember("mine", board.url)
    pool = BoardPool()
    boards.models(pool, known_boards.key_of(board.url))
    monkeypatch.setattr(board_pool, "ANSWER_SECONDS", 2.0)
    started = time.monotonic()
    with ThreadPoolExecutor(12) as clients:
        asked = [clients.submit(boards.models, pool, silent) for _ in range(12)]
        mine = boards.models(pool, known_boards.key_of(board.url))
        refused = [str(each.exception()) for each in asked]

    assert len(mine.models) == 1
    assert time.monotonic() - started < 20
    assert sum("does not answer" in each for each in refused) == MOST_WAITING
    assert sum("has not answered yet" in each for each in refused) == 12 - MOST_WAITING
    assert all(isinstance(each.exception(), BoardError) for each in asked)


@pytest.mark.filterwarnings("default:The newest version of 1 model:UserWarning")
def test_R12_a_pipe_on_a_board_does_not_stop_the_panel(tmp_path: Path) -> None:
    """R12: wherever it is, every board is listed within a second or so, and the one with it names what it can."""
    places = ["mlops-magics-log/20000101T000000Z-00000/00000001.json", "line/20990101T000000Z-abcde", "line/x", "odd"]
    for number, place in enumerate(places):
        board = open_board(tmp_path / f"board-{number}")
        board.publish({"value": 1}, "line", Facts(format="joblib"))
        known_boards.remember(f"board-{number}", board.url)
        os.mkfifo(Path(board.url) / place)
    pool, started = BoardPool(), time.monotonic()
    listed = boards.boards(pool).boards

    assert [each.trouble for each in listed] == [None] * len(places)
    for each in known_boards.known():
        assert [model.name for model in boards.models(pool, each.key).models] == ["line"]
    assert time.monotonic() - started < 5
