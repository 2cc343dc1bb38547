"""The boards that the server has opened, each used by one thread at a time."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from mlops_magics.core import known_boards

if TYPE_CHECKING:
    from mlops_magics.core.versioning import Board


class Shelf:
    """Opens boards by the key under which a session wrote them down; a client cannot name a place."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._boards: dict[str, tuple[Board, threading.Lock]] = {}

    @contextmanager
    def board(self, key: str) -> Iterator[Board]:
        """Lend a board; a board reads its log step by step, which two threads must not do at once."""
        board, lock = self._opened(key)
        with lock:
            yield board

    def _opened(self, key: str) -> tuple[Board, threading.Lock]:
        from mlops_magics.core.versioning import open_board

        place = known_boards.at(key)
        with self._guard:
            if key not in self._boards:
                self._boards[key] = (open_board(place.url), threading.Lock())
            return self._boards[key]
