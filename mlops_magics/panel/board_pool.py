"""The boards that a panel shows: a session for each, and one thread that uses it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar

from mlops_magics.core.session import Session
from mlops_magics.core.session.records import KnownBoard
from mlops_magics.errors import BoardError, MlopsError

if TYPE_CHECKING:
    from mlops_magics.core.session.records import Endpoint

Result = TypeVar("Result")

NUMBER_SECONDS = 0.5
"""Longest wait of a list for the number of a version."""
ANSWER_SECONDS = 30.0
"""Time after which a board that does not answer is given up. Its thread goes on."""

MOST_WAITING = 4
"""Requests that wait for one board. One more is refused, so that a board never takes the threads of the others."""


class BoardPool:
    """The pool of open boards, by the key under which a session noted them. A client cannot name a place.

    A session reads its board's log step by step, which two threads must not do at once: each board has one thread.

    Parameters
    ----------
    session
        A notebook's own session, whose board is shown first.
    """

    def __init__(self, session: Session | None = None) -> None:
        self._own: dict[str, KnownBoard] = {}
        self._sessions: dict[str, Session] = {}
        self._threads: dict[str, ThreadPoolExecutor] = {}
        self._pending: dict[tuple[str, Callable[[Session], Any]], Future[Any]] = {}
        self._waiting: dict[str, list[Future[Any]]] = {}
        self._numbers: dict[tuple[str, str, str], Future[int]] = {}
        self._guard = threading.Lock()
        self._user = Session()
        if session is not None:
            own = KnownBoard(session.board.label, session.board.url, time.time())
            self._own[own.key] = own
            self._sessions[own.key] = session

    def known(self) -> list[KnownBoard]:
        """Return the boards, the one opened last first."""
        return [*self._own.values(), *(each for each in self._user.known_boards() if each.key not in self._own)]

    def endpoints(self) -> list[Endpoint]:
        """Return every endpoint of this user, newest first."""
        return self._user.endpoints_running()

    def forget(self, key: str) -> None:
        """Take a board off the list.

        Raises
        ------
        NotFound
        """
        self._user.forget_board(key)

    def session(self, key: str) -> Session:
        """Return the session of a board. Readers of the board through it belong on the board's thread (`run`).

        Raises
        ------
        NotFound
        """
        with self._guard:
            found = self._sessions.get(key)
        return found if found is not None else self._opened(key)

    def ref(self, key: str, name: str) -> str:
        """Return a reference to a model of this board, whichever board its session uses now."""
        return self.session(key).labelled(name, self._url(key))

    def run(self, key: str, work: Callable[[Session], Result]) -> Result:
        """Run work on a board's thread, and wait for it, but not for ever.

        Raises
        ------
        NotFound
        BoardError
            When the board does not answer, or has not answered several requests before this one.
        """
        thread = self._thread(key)
        with self._guard:
            # counted under the guard: two requests must not both be the last that is let in
            waiting = [each for each in self._waiting.get(key, []) if not each.done()]
            if len(waiting) >= MOST_WAITING:
                raise BoardError(f"The board {self._place(key)} has not answered yet. Wait, then try again.")
            future = thread.submit(lambda: work(self.session(key)))
            self._waiting[key] = [*waiting, future]
        try:
            return future.result(ANSWER_SECONDS)
        except TimeoutError:
            if future.done():  # the work itself timed out
                raise
            raise BoardError(
                f"The board {self._place(key)} does not answer within {ANSWER_SECONDS:.0f} s. "
                "Check where it is stored, then try again."
            ) from None

    def ask(self, key: str, work: Callable[[Session], Result]) -> Future[Result]:
        """Return the future of the same. A board that has not answered yet gets no second request of it."""
        with self._guard:
            pending = self._pending.get((key, work))
            if pending is not None and not pending.done():
                return pending
        future = self._thread(key).submit(lambda: work(self.session(key)))
        with self._guard:
            self._pending[key, work] = future
        return future

    def number(self, key: str, name: str, version: str) -> int:
        """Return the number of a version, which never changes, or 0 as long as its board does not answer at once."""
        place = (key, name, version)
        with self._guard:
            known = self._numbers.get(place)
        if known is None:
            known = self._thread(key).submit(lambda: self._number(key, name, version))
            with self._guard:
                self._numbers[place] = known
        try:
            return known.result(NUMBER_SECONDS)
        except (MlopsError, TimeoutError):
            if known.done():  # tried again next time
                with self._guard:
                    self._numbers.pop(place, None)
            return 0

    def _number(self, key: str, name: str, version: str) -> int:
        return self.session(key).numbers(self.ref(key, name)).get(version, 0)

    def _thread(self, key: str) -> ThreadPoolExecutor:
        with self._guard:
            if key not in self._threads:
                self._threads[key] = ThreadPoolExecutor(1, thread_name_prefix=f"mlops-magics-board-{key}")
            return self._threads[key]

    def _opened(self, key: str) -> Session:
        opened = Session.visiting(self._url(key))
        with self._guard:
            # opened outside of the guard, since it may take long; where two threads did, the first one counts
            return self._sessions.setdefault(key, opened)

    def _place(self, key: str) -> str:
        """Return the place of a board for a message, without opening it."""
        session = self._sessions.get(key)
        return session.board.url if session is not None else key

    def _url(self, key: str) -> str:
        """Return the place of a board, also of an unlisted one as long as an endpoint of it is announced."""
        if key in self._own:
            return self._own[key].url
        served = {each.board_key: each.board for each in self.endpoints()}
        return served[key] if key in served else self._user.known_board(key).url
