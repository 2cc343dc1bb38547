"""What an endpoint does, without any framework: requests become questions, outcomes answers, log and counts."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import orjson

from mlops_magics.core.deploying.contract.http_error import Refusal
from mlops_magics.core.deploying.contract.http_messages import Answer, Request, error_answer
from mlops_magics.core.deploying.contract.limits import Limits
from mlops_magics.core.deploying.parsing import bodies
from mlops_magics.core.deploying.prediction_log.log_columns import Entry
from mlops_magics.core.deploying.prediction_log.loop_scheduler import Turns
from mlops_magics.core.deploying.server import routes
from mlops_magics.core.deploying.server.counts.counters import Metrics
from mlops_magics.core.deploying.server.counts.worker_tallies import Ledger, Tally
from mlops_magics.core.deploying.server.guard import Guard
from mlops_magics.core.deploying.server.slots import Catalogue, Slot
from mlops_magics.core.deploying.serving.batch_result import Outcome, ask_all
from mlops_magics.core.deploying.serving.loaded_model import Serving
from mlops_magics.core.deploying.serving.prediction_request import Question, RequestIds
from mlops_magics.errors import MlopsError

STICKY_KEY = "x-sticky-key"
"""The header by which a client stays with one of two versions; without it every request is dealt anew."""
MOST_KNOWN_PATHS = 1024


class Service:
    """The endpoint behind the event loop and behind Flask alike."""

    def __init__(self, catalogue: Catalogue, guard: Guard, limits: Limits | None = None) -> None:
        self.catalogue = catalogue
        self.guard = guard
        self.limits = limits or Limits()
        self.metrics = Metrics()
        self._ids = RequestIds()
        self._routes: dict[str, routes.Route | None] = {}
        self.own_routes: dict[str, Callable[[Any, Any], Any]] = {}
        """The owner's functions by path: each takes the model and the request's JSON, and returns JSON."""
        self.waiting: Callable[[], int] = int
        """How many questions wait; the event loop's batcher knows."""
        self.ledger = Ledger()
        self.turns = Turns()
        """Of the event loop, for the threads of the logs."""

    def tally(self) -> Tally:
        """Return what this worker counted until now."""
        logs = self.catalogue.logs()
        log = {fact: sum(getattr(each, fact) for each in logs) for fact in ("written", "dropped", "waiting")}
        failure = next((each.failure for each in logs if each.failure), None)
        return Tally(self.ledger.worker, self.metrics, self.waiting(), {**log, "failure": failure})

    def tallies(self) -> list[Tally]:
        """Return what every worker of the endpoint counted, the workers before these included."""
        return sorted([self.tally(), *self.ledger.others()], key=lambda tally: tally.worker)

    def route(self, path: str) -> routes.Route | None:
        """Return the prediction route of a path; known paths are looked up once."""
        try:
            return self._routes[path]
        except KeyError:
            route = routes.find(path)
            if len(self._routes) < MOST_KNOWN_PATHS:
                self._routes[path] = route
            return route

    def question(self, route: routes.Route, request: Request) -> Question:
        """Read a request and check its rows.

        Raises
        ------
        Refusal, DataMismatch
        """
        headers = request.headers
        request_id = self._ids(headers.get("x-request-id", ""))
        if "content-encoding" in headers:
            request.body = bodies.unpacked(request.body, headers["content-encoding"], self.limits)
        slot = self._slot(route)
        serving = _held(slot, route.version) if route.version else slot.pick(headers.get(STICKY_KEY) or request_id)
        if route.method and route.method not in serving.methods:
            raise Refusal(404, f"{slot.name} has no {route.method}. Known: {', '.join(serving.methods)}.")
        part, render = route.read(request, serving)
        return Question(serving, getattr(render, "method", route.method), part, render, request_id)

    def shadowed(self, route: routes.Route, request: Request, question: Question) -> Question | None:
        """Return the same question for the version in the shadow, whose answer is logged and sent to nobody."""
        serving = self._slot(route).shadow()
        if serving is None or question.method not in serving.methods:
            return None
        try:
            part, render = route.read(request, serving)
        except MlopsError:  # it reads other columns; the version that answers decides what is an error
            return None
        return Question(serving, question.method, part, render, question.request_id)

    def _slot(self, route: routes.Route) -> Slot:
        return self.catalogue.slot(route.name) if route.name else self.catalogue.first

    def answer(self, request: Request) -> Answer:
        """Answer a prediction request here and now, alone: what Flask's views do."""
        route = self.route(request.path)
        if route is None:
            return error_answer(Refusal(404, "No such route."))
        try:
            question = self.question(route, request)
        except Exception as error:  # every refusal has its answer, and what was not foreseen has one too
            return self.refused(error, route)
        outcomes, errors = ask_all(question.serving, question.method, [question])
        for outcome in outcomes:
            _, answer = next(outcome.answers())
            self.record(outcome)
            return answer
        return self.refused(errors[0][1], route)

    def refused(self, error: BaseException, route: routes.Route | None = None) -> Answer:
        """Write an error as the route's protocol words it, and count it."""
        answer = error_answer(error)
        self.metrics.refused(answer.status)
        if route is not None and route.dress is not None:
            answer.body = orjson.dumps(route.dress(orjson.loads(answer.body)))
        return answer

    def failed(self, question: Question, status: int) -> None:
        """Count a request that the model could not answer."""
        self.metrics.refused(status, question.serving.version.version)

    def record(self, outcome: Outcome) -> None:
        """Hand an answered batch to the metrics and to the prediction log."""
        now = time.time()
        questions = outcome.questions
        serving = questions[0].serving
        latencies = outcome.latencies()
        self.metrics.answered(serving.version.version, latencies, outcome.table.n_rows)
        log = self.catalogue.log(serving)
        if log is not None:
            ids = "\n".join([question.request_id for question in questions])
            counts = [question.n_rows for question in questions]
            told = np.array(latencies)
            log.add(Entry(now, ids, counts, told, outcome.table, outcome.values, questions[0].method))


def _held(slot: Slot, version: str) -> Serving:
    """Return the version that a path names, where it is in memory."""
    held = slot.warm(version)
    if held is None:
        known = ", ".join(serving.version.version for serving in slot.held())
        raise Refusal(404, f"Version {version[:80]!r} of {slot.name} is not served here. Known: {known}.")
    return held
