"""Concurrent small requests become one call of the model: what arrived while the last one ran is the next."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Executor

from mlops_magics.core.deploying.contract.http_error import overloaded
from mlops_magics.core.deploying.contract.http_messages import error_answer
from mlops_magics.core.deploying.contract.limits import Limits
from mlops_magics.core.deploying.serving.batch_result import Outcome, ask_all
from mlops_magics.core.deploying.serving.loaded_model import Serving
from mlops_magics.core.deploying.serving.prediction_request import Question

INLINE_SECONDS = 0.002
"""A call quicker than this runs in the event loop: a hop to a thread and back costs more than the others' wait."""
BULK_ROWS = 2000
"""Requests of more rows are answered alone and by another thread, so that small ones pass them."""
MOST_BATCH_ROWS = 4096
GATHER_SHARE, GATHER_SECONDS = 0.05, 0.005
"""After a batch, wait this share of the model's time, at most so long, for the same clients to ask again."""
SMOOTHING = 0.2

Answered = tuple[list[Outcome], list[tuple[Question, Exception]]]


class Lineup:
    """The questions that wait for one method of one version, in the order they came."""

    __slots__ = ("busy", "last_size", "method", "seconds", "serving", "waiting")

    def __init__(self, serving: Serving, method: str) -> None:
        self.serving, self.method = serving, method
        self.waiting: deque[Question] = deque()
        self.busy = False
        self.seconds = serving.choice(method).seconds
        self.last_size = 0

    def ask(self, batch: Sequence[Question]) -> Answered:
        """Ask the model, and learn how long it takes: the model alone, not what the loop does with its answers."""
        started = time.perf_counter()
        answered = ask_all(self.serving, self.method, batch)
        self.seconds += SMOOTHING * (time.perf_counter() - started - self.seconds)
        return answered

    def next_batch(self) -> list[Question]:
        """Take questions up to the most rows of a batch; one alone when answers must not depend on others."""
        batch: list[Question] = []
        rows = 0
        while self.waiting and (
            not batch or (not self.serving.options.exact and rows + self.waiting[0].n_rows <= MOST_BATCH_ROWS)
        ):
            question = self.waiting.popleft()
            rows += question.n_rows
            batch.append(question)
        return batch


class Batcher:
    """Gathers, asks the model, and delivers; lives in one event loop.

    Parameters
    ----------
    quick, bulk
        Threads for calls that are too slow for the loop, and for large requests.
    answered, failed
        Told of every answered batch and of every request that the model could not answer: for log and metrics.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        quick: Executor,
        bulk: Executor,
        *,
        answered: Callable[[Outcome], None],
        failed: Callable[[Question, int], None],
        limits: Limits,
    ) -> None:
        self._loop, self._quick, self._bulk = loop, quick, bulk
        self._answered, self._failed = answered, failed
        self._limits = limits
        self._lineups: dict[tuple[Serving, str], Lineup] = {}
        self.waiting = 0
        self.held = 0
        """Bytes of the rows that wait."""

    def submit(self, question: Question) -> None:
        """Answer soon; refuse at once when too many wait."""
        full = self.held and self.held + question.size > self._limits.waiting_bytes
        if full or self.waiting >= self._limits.waiting:
            question.deliver(error_answer(overloaded("Too many requests are waiting; ask again in a second.")))
            return
        self.waiting += 1
        self.held += question.size
        if question.n_rows > BULK_ROWS:
            self._loop.create_task(self._alone(question))
            return
        key = (question.serving, question.method)
        lineup = self._lineups.get(key)
        if lineup is None:
            lineup = self._lineups[key] = Lineup(*key)
        lineup.waiting.append(question)
        if not lineup.busy:
            lineup.busy = True
            self._start(lineup)

    def forget(self, serving: Serving) -> None:
        """Drop the empty line-ups of a version that is no longer held."""
        for key in [key for key, lineup in self._lineups.items() if key[0] is serving and not lineup.waiting]:
            del self._lineups[key]

    def _start(self, lineup: Lineup) -> None:
        if lineup.seconds < INLINE_SECONDS:
            self._loop.call_soon(self._run_inline, lineup)
        else:
            self._loop.create_task(self._run_in_thread(lineup))

    def _run_inline(self, lineup: Lineup) -> None:
        batch = self._wanted(lineup.next_batch())
        self._settle(batch, *lineup.ask(batch))
        lineup.busy = bool(lineup.waiting)
        if lineup.busy:
            self._start(lineup)

    async def _run_in_thread(self, lineup: Lineup) -> None:
        while lineup.waiting:
            await self._gather(lineup)
            batch = self._wanted(lineup.next_batch())
            if not batch:
                continue
            outcome = await self._loop.run_in_executor(self._quick, lineup.ask, batch)
            lineup.last_size = len(batch)
            self._settle(batch, *outcome)
        lineup.busy = False
        lineup.last_size = 0

    async def _gather(self, lineup: Lineup) -> None:
        """Wait a little for those who were just answered; not at all for somebody who asks alone."""
        if lineup.last_size <= 1:
            return
        deadline = time.perf_counter() + min(GATHER_SHARE * lineup.seconds, GATHER_SECONDS)
        wanted = lineup.last_size + len(lineup.waiting)
        while len(lineup.waiting) < wanted and time.perf_counter() < deadline:
            await asyncio.sleep(0)

    async def _alone(self, question: Question) -> None:
        outcome = await self._loop.run_in_executor(self._bulk, _ask_if_wanted, question)
        self._settle([question], *outcome)

    def _wanted(self, batch: list[Question]) -> list[Question]:
        """Leave out the questions of clients that have gone."""
        kept: list[Question] = []
        gone: list[Question] = []
        for question in batch:
            (kept if question.wanted() else gone).append(question)
        self._let_go(gone)
        return kept

    def _let_go(self, batch: Sequence[Question]) -> None:
        self.waiting -= len(batch)
        self.held -= sum(question.size for question in batch)

    def _settle(
        self, batch: Sequence[Question], outcomes: Sequence[Outcome], errors: Sequence[tuple[Question, Exception]]
    ) -> None:
        self._let_go(batch)
        for outcome in outcomes:
            for question, answer in outcome.answers():
                question.deliver(answer)
            self._answered(outcome)
        for question, error in errors:
            answer = error_answer(error)
            question.deliver(answer)
            self._failed(question, answer.status)


def _ask_if_wanted(question: Question) -> Answered:
    return ask_all(question.serving, question.method, [question]) if question.wanted() else ([], [])
