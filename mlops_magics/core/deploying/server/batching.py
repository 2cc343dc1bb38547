"""Micro-batching: requests that arrive while the model runs are answered together by its next call."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import Executor
from typing import Any

from mlops_magics.core.deploying.contract.http_error import overloaded
from mlops_magics.core.deploying.contract.limits import Limits
from mlops_magics.core.deploying.serving.batch_result import BatchResult, predict_all
from mlops_magics.core.deploying.serving.loaded_model import LoadedModel
from mlops_magics.core.deploying.serving.prediction_request import PredictionRequest

INLINE_SECONDS = 0.002
"""A quicker call runs in the event loop: switching to a thread and back costs more than the wait of the others."""
BULK_ROWS = 2000
"""Requests with more rows are answered alone and in another thread, so that small ones overtake them."""
MOST_BATCH_ROWS = 4096
GATHER_SHARE, GATHER_SECONDS = 0.05, 0.005
"""After a batch, the queue waits this share of the model's time, at most so many seconds, for the same clients."""
SMOOTHING = 0.2
"""Weight of the newest call in the moving average of the model's time."""

Results = tuple[list[BatchResult], list[tuple[PredictionRequest, BaseException]]]


class MethodQueue:
    """Requests that wait for one method of one version, in order of arrival."""

    __slots__ = ("busy", "forgotten", "last_size", "loaded", "method", "seconds", "waiting")

    def __init__(self, loaded: LoadedModel, method: str) -> None:
        self.loaded, self.method = loaded, method
        self.waiting: deque[PredictionRequest] = deque()
        self.busy = False
        self.forgotten = False
        """Whether the version was swapped out. An idle queue must not keep it in memory."""
        self.seconds = loaded.choice(method).seconds
        self.last_size = 0

    def predict(self, batch: Sequence[PredictionRequest]) -> Results:
        """Call the model, and update its average time, which does not include writing the responses."""
        started = time.perf_counter()
        results = predict_all(self.loaded, self.method, batch)
        self.seconds += SMOOTHING * (time.perf_counter() - started - self.seconds)
        return results

    def next_batch(self) -> list[PredictionRequest]:
        """Take requests up to `MOST_BATCH_ROWS`, or only one where responses must not depend on each other."""
        batch: list[PredictionRequest] = []
        rows = 0
        # the first request is taken however large it is
        while self.waiting and (
            not batch or (not self.loaded.options.exact and rows + self.waiting[0].n_rows <= MOST_BATCH_ROWS)
        ):
            request = self.waiting.popleft()
            rows += request.n_rows
            batch.append(request)
        return batch


class Batcher:
    """Queues requests, calls the model, and delivers the responses, in one event loop.

    Parameters
    ----------
    quick, bulk
        Threads for calls that are too slow for the loop, and for large requests.
    answered, failed
        Called with every answered batch, and with every request that the model could not answer: for log and counters.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        quick: Executor,
        bulk: Executor,
        *,
        answered: Callable[[BatchResult], None],
        failed: Callable[[PredictionRequest, int], None],
        limits: Limits,
    ) -> None:
        self._loop, self._quick, self._bulk = loop, quick, bulk
        self._answered, self._failed = answered, failed
        self._limits = limits
        self._queues: dict[tuple[LoadedModel, str], MethodQueue] = {}
        self.waiting = 0
        self.held = 0
        """Bytes of the rows that wait."""

    def submit(self, request: PredictionRequest) -> None:
        """Queue a request, or answer 503 at once when too many wait."""
        # a request that is larger than the limit by itself still goes while nothing waits
        full = self.held and self.held + request.size > self._limits.waiting_bytes
        if full or self.waiting >= self._limits.waiting:
            response = request.refuse(overloaded("Too many requests are waiting. Try again in a second."))
            request.deliver(response)
            self._failed(request, response.status)
            return
        self.waiting += 1
        self.held += request.size
        if request.n_rows > BULK_ROWS:
            # the call in the thread refers to the task, so no reference is kept here
            self._loop.create_task(self._run_alone(request))
            return
        key = (request.loaded, request.method)
        queue = self._queues.get(key)
        if queue is None:
            queue = self._queues[key] = MethodQueue(*key)
        queue.waiting.append(request)
        if not queue.busy:
            queue.busy = True
            self._start(queue)

    def forget(self, models: Collection[LoadedModel]) -> None:
        """Release versions that were swapped out. A queue with requests is released when it is empty."""
        for (loaded, _), queue in list(self._queues.items()):
            if loaded in models:
                queue.forgotten = True
                self._release_idle(queue)

    def _release_idle(self, queue: MethodQueue) -> None:
        if queue.forgotten and not queue.busy:
            self._queues.pop((queue.loaded, queue.method), None)

    def _start(self, queue: MethodQueue) -> None:
        if queue.seconds < INLINE_SECONDS:
            # not at once: requests that this round of the loop reads join the batch
            self._loop.call_soon(self._run_inline, queue)
        else:
            self._loop.create_task(self._run_in_thread(queue))

    def _run_inline(self, queue: MethodQueue) -> None:
        batch = self._wanted(queue.next_batch())
        self._settle(batch, *queue.predict(batch))
        # through the loop again: a full queue must not keep it from reading sockets
        queue.busy = bool(queue.waiting)
        if queue.busy:
            self._start(queue)
        else:
            self._release_idle(queue)

    async def _run_in_thread(self, queue: MethodQueue) -> None:
        # only the loop changes the queue, so that no lock is needed between the loop and the thread
        while queue.waiting:
            await self._gather(queue)
            batch = self._wanted(queue.next_batch())
            if not batch:
                continue
            results = await self._in_thread(self._quick, queue.predict, batch, batch)
            queue.last_size = len(batch)
            self._settle(batch, *results)
        queue.busy = False
        queue.last_size = 0
        self._release_idle(queue)

    async def _gather(self, queue: MethodQueue) -> None:
        """Wait a little for the clients of the last batch, but not at all after a batch of one."""
        if queue.last_size <= 1:
            return
        deadline = time.perf_counter() + min(GATHER_SHARE * queue.seconds, GATHER_SECONDS)
        wanted = queue.last_size + len(queue.waiting)
        while len(queue.waiting) < wanted and time.perf_counter() < deadline:
            await asyncio.sleep(0)  # one round of the loop, in which sockets are read

    async def _run_alone(self, request: PredictionRequest) -> None:
        results = await self._in_thread(self._bulk, _predict_if_wanted, request, [request])
        self._settle([request], *results)

    async def _in_thread(
        self, pool: Executor, call: Callable[[Any], Results], argument: Any, batch: Sequence[PredictionRequest]
    ) -> Results:
        """Call in a thread. Where there is no memory for one, each request gets the error, and none waits for ever."""
        try:
            return await self._loop.run_in_executor(pool, call, argument)
        except Exception as error:  # a RuntimeError of the executor, or a MemoryError
            return [], [(request, error) for request in batch]

    def _wanted(self, batch: list[PredictionRequest]) -> list[PredictionRequest]:
        """Leave out the requests of clients that have gone."""
        kept: list[PredictionRequest] = []
        gone: list[PredictionRequest] = []
        for request in batch:
            (kept if request.wanted() else gone).append(request)
        if gone:
            self._uncount(gone)
        return kept

    def _uncount(self, batch: Sequence[PredictionRequest]) -> None:
        self.waiting -= len(batch)
        self.held -= sum(request.size for request in batch)

    def _settle(
        self,
        batch: Sequence[PredictionRequest],
        results: Sequence[BatchResult],
        errors: Sequence[tuple[PredictionRequest, BaseException]],
    ) -> None:
        self._uncount(batch)
        for result in results:
            # the clients first: counters and log can wait
            for request, response in result.responses():
                request.deliver(response)
            self._answered(result)
        for request, error in errors:
            response = request.refuse(error)
            request.deliver(response)
            self._failed(request, response.status)


def _predict_if_wanted(request: PredictionRequest) -> Results:
    return predict_all(request.loaded, request.method, [request]) if request.wanted() else ([], [])
