"""The boards that a panel shows, each used by one thread at a time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from mlops_magics.core import known_boards
from mlops_magics.core.known_boards import KnownBoard

if TYPE_CHECKING:
    from mlops_magics.core.deploying.prediction_log import Tail
    from mlops_magics.core.versioning import Board


class Shelf:
    """Opens boards by the key under which a session wrote them down; a client cannot name a place.

    Parameters
    ----------
    boards
        Boards that are open already, such as those of a notebook's session; they are shown first.
    """

    def __init__(self, *boards: Board) -> None:
        self._guard = threading.Lock()
        self._own = {key_: KnownBoard(board.label, board.url, time.time()) for key_, board in _by_key(boards)}
        self._boards = {key_: (board, threading.Lock()) for key_, board in _by_key(boards)}
        self._threads = ThreadPoolExecutor(8, thread_name_prefix="mlops-magics-board")
        self._tails: dict[tuple[str, str], Tail] = {}
        self._asked: dict[tuple[str, Callable[[Board], Any]], Future[Any]] = {}

    def known(self) -> list[KnownBoard]:
        """Return the boards, the one opened last first."""
        return [*self._own.values(), *(each for each in known_boards.known() if each.key not in self._own)]

    def url(self, key: str) -> str:
        """Return the place of a board.

        Raises
        ------
        NotFound
        """
        return self._own[key].url if key in self._own else known_boards.at(key).url

    @contextmanager
    def board(self, key: str) -> Iterator[Board]:
        """Lend a board; a board reads its log step by step, which two threads must not do at once.

        Raises
        ------
        NotFound
        """
        board, lock = self._opened(key)
        with lock:
            yield board

    def ask(self, key: str, work: Callable[[Board], Any]) -> Future[Any]:
        """Return what will come of the work; a board that has not answered yet is not asked the same again."""

        def worked() -> Any:
            with self.board(key) as board:
                return work(board)

        with self._guard:
            under_way = self._asked.get((key, work))
            if under_way is None or under_way.done():
                under_way = self._asked[key, work] = self._threads.submit(worked)
            return under_way

    def answered_recently(self, url: str, name: str) -> list[dict[str, Any]]:
        """Return the last requests to a board's model, newest first; a log is followed, not read anew each time."""
        from mlops_magics.core.deploying.prediction_log import Tail

        with self._guard:
            return self._tails.setdefault((url, name), Tail(url, name)).rows()

    def _opened(self, key: str) -> tuple[Board, threading.Lock]:
        from mlops_magics.core.versioning import open_board

        url = self.url(key)
        with self._guard:
            if key not in self._boards:
                self._boards[key] = (open_board(url), threading.Lock())
            return self._boards[key]


def _by_key(boards: tuple[Board, ...]) -> list[tuple[str, Board]]:
    return [(known_boards.key_of(board.url), board) for board in boards]
