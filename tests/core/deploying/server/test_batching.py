"""Requests that wait together are answered together, each with its own answer, and nobody waits for nothing."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlops_magics.core.deploying.contract.http_messages import Request, Response
from mlops_magics.core.deploying.contract.limits import Limits
from mlops_magics.core.deploying.server.batching import Batcher
from mlops_magics.core.deploying.server.service import Service
from mlops_magics.core.deploying.serving.batch_result import BatchResult
from mlops_magics.core.deploying.serving.prediction_request import PredictionRequest
from tests.core.deploying.conftest import Pinned
from tests.core.deploying.service import service_of


class Counting:
    """A model that remembers how many rows it was asked for at a time, and refuses a negative number."""

    def __init__(self, seconds: float = 0.0) -> None:
        self.sizes: list[int] = []
        self._seconds = seconds

    def predict(self, frame: pd.DataFrame) -> np.ndarray:
        import time

        time.sleep(self._seconds)
        self.sizes.append(len(frame))
        if (frame["x2"] == -1.0).any():
            raise ValueError("x2 must not be -1")
        return frame["x2"].to_numpy()


class Bench:
    """A batcher on a service, in the running loop."""

    def __init__(self, service: Service, limits: Limits | None = None) -> None:
        self.service = service
        self.outcomes: list[BatchResult] = []
        self.failures: list[int] = []
        self._threads = [ThreadPoolExecutor(1), ThreadPoolExecutor(1)]
        loop = asyncio.get_running_loop()
        self.batcher = Batcher(
            loop,
            *self._threads,
            answered=self.outcomes.append,
            failed=lambda _, status: self.failures.append(status),
            limits=limits or Limits(),
        )

    def request(self, value: float) -> PredictionRequest:
        row = {"x 0": 0.0, "x-1": 0.0, "x2": value, "x3": 0.0}
        route = self.service.route("/predict")
        assert route is not None
        return self.service.read(route, Request("POST", "/predict", body=json.dumps([row]).encode()))

    def submit(self, request: PredictionRequest) -> Awaitable[Response]:
        future: asyncio.Future[Response] = asyncio.get_running_loop().create_future()
        request.deliver = future.set_result
        self.batcher.submit(request)
        return future

    def close(self) -> None:
        for thread in self._threads:
            thread.shutdown()


def run(
    line: Pinned, model: Any, scenario: Callable[[Bench], Awaitable[Any]], limits: Limits | None = None, **options: Any
) -> Any:
    async def main() -> Any:
        pinned = Pinned(line.board, line.version, model, line.rows)
        bench = Bench(service_of(pinned, **options), limits)
        model.sizes.clear()
        try:
            return await scenario(bench)
        finally:
            bench.close()

    return asyncio.run(main())


def told(answer: Response) -> Any:
    return json.loads(answer.body)


@pytest.mark.parametrize("seconds", [0.0, 0.01])
def test_requests_that_arrive_together_are_one_call(line: Pinned, seconds: float) -> None:
    """Fifty requests are far fewer calls, and everybody gets the own value, for quick and for slow models."""
    model = Counting(seconds)

    async def scenario(bench: Bench) -> list[Response]:
        return list(await asyncio.gather(*[bench.submit(bench.request(float(place))) for place in range(50)]))

    answers = run(line, model, scenario)

    assert [told(answer)["predict"] for answer in answers] == [[float(place)] for place in range(50)]
    assert len(model.sizes) <= 3
    assert sum(model.sizes) == 50


def test_an_error_stays_with_its_request(line: Pinned) -> None:
    """One bad request in a batch is refused; its neighbours are answered."""

    async def scenario(bench: Bench) -> list[Response]:
        return list(await asyncio.gather(*[bench.submit(bench.request(value)) for value in (1.0, -1.0, 2.0)]))

    answers = run(line, Counting(), scenario)

    assert [answer.status for answer in answers] == [200, 422, 200]
    assert "x2 must not be -1" in told(answers[1])["message"]


def test_exact_answers_come_one_by_one(line: Pinned) -> None:
    """With `exact`, no request is answered together with another."""
    model = Counting()

    async def scenario(bench: Bench) -> None:
        await asyncio.gather(*[bench.submit(bench.request(1.0)) for _ in range(5)])

    run(line, model, scenario, exact=True)

    assert model.sizes == [1] * 5


def test_clients_that_have_gone_cost_no_call(line: Pinned) -> None:
    """A question that nobody waits for any more is not asked."""
    model = Counting()

    async def scenario(bench: Bench) -> int:
        gone = [bench.request(1.0) for _ in range(4)]
        for question in gone:
            question.wanted = lambda: False
            bench.batcher.submit(question)
        await bench.submit(bench.request(2.0))
        return bench.batcher.waiting

    assert run(line, model, scenario) == 0
    assert model.sizes == [1]


def test_too_many_waiting_are_told_to_come_later(line: Pinned) -> None:
    """Beyond the queue's limit the answer is 503 with Retry-After, at once, and counted."""

    async def scenario(bench: Bench) -> tuple[list[Response], list[int]]:
        answers = await asyncio.gather(*[bench.submit(bench.request(1.0)) for _ in range(5)])
        return list(answers), bench.failures

    answers, failures = run(line, Counting(0.01), scenario, Limits(waiting=3))

    assert sorted(answer.status for answer in answers) == [200, 200, 200, 503, 503]
    assert failures == [503, 503]
    assert ("Retry-After", "1") in next(answer for answer in answers if answer.status == 503).headers
