"""The endpoint without a framework: requests become predictions, log entries and counters."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from mlops_magics.core.deploying.contract.http_error import HttpError
from mlops_magics.core.deploying.contract.http_messages import Request, Response, error_response
from mlops_magics.core.deploying.contract.limits import Limits
from mlops_magics.core.deploying.parsing import bodies
from mlops_magics.core.deploying.prediction_log.log_encoder import Entry
from mlops_magics.core.deploying.prediction_log.loop_scheduler import LoopScheduler
from mlops_magics.core.deploying.server import routes
from mlops_magics.core.deploying.server.counts.counters import Metrics
from mlops_magics.core.deploying.server.counts.worker_tallies import Tally, WorkerTallies
from mlops_magics.core.deploying.server.guard import Guard
from mlops_magics.core.deploying.server.slots import Slot, SlotTable
from mlops_magics.core.deploying.serving.batch_result import BatchResult, predict_all
from mlops_magics.core.deploying.serving.loaded_model import LoadedModel
from mlops_magics.core.deploying.serving.prediction_request import PredictionRequest, RequestIds, with_error_fields
from mlops_magics.errors import MlopsError

STICKY_KEY = "x-sticky-key"
"""The header by which a client stays with one of two versions. Without it every request is assigned anew."""
MOST_KNOWN_PATHS = 1024


class Service:
    """The endpoint behind the event loop and behind Flask.

    Attributes
    ----------
    own_routes
        The owner's functions by path: each takes the model and the request's JSON, and returns JSON.
    waiting
        Returns how many requests wait in the batcher of the event loop.
    scheduler
        Of the event loop, for the threads of the logs.
    prove
        Returns the proof for a client's challenge, empty where the endpoint has no announcement.
    """

    def __init__(self, slots: SlotTable, guard: Guard, limits: Limits | None = None) -> None:
        self.slots = slots
        self.guard = guard
        self.limits = limits or Limits()
        self.metrics = Metrics()
        self._ids = RequestIds()
        self._routes: dict[str, routes.Match | None] = {}
        self.own_routes: dict[str, Callable[[Any, Any], Any]] = {}
        self.waiting: Callable[[], int] = int
        self.worker_tallies = WorkerTallies()
        self.scheduler = LoopScheduler()
        self.prove: Callable[[str], str] = _no_proof

    def tally(self) -> Tally:
        """Return the counters of this worker."""
        logs = self.slots.logs()
        log = {fact: sum(getattr(each, fact) for each in logs) for fact in ("written", "dropped", "waiting")}
        failure = next((each.failure for each in logs if each.failure), None)
        return Tally(self.worker_tallies.worker, self.metrics, self.waiting(), {**log, "failure": failure})

    def tallies(self) -> list[Tally]:
        """Return the counters of every worker of the endpoint, including workers that have ended."""
        return sorted([self.tally(), *self.worker_tallies.others()], key=lambda tally: tally.worker)

    def route(self, path: str) -> routes.Match | None:
        """Return the prediction route of a path. Each path is matched once."""
        try:
            return self._routes[path]
        except KeyError:
            match = routes.find(path)
            # clients choose paths, so the table is bounded
            if len(self._routes) < MOST_KNOWN_PATHS:
                self._routes[path] = match
            return match

    def read(self, match: routes.Match, request: Request) -> PredictionRequest:
        """Read a request and check its rows, for the version that answers and for the shadow.

        Raises
        ------
        HttpError, DataMismatch
        """
        headers = request.headers
        request_id = self._ids(headers.get("x-request-id", ""))
        if "content-encoding" in headers:
            request.body = bodies.decompress(request.body, headers["content-encoding"], self.limits)
        slot = self.slots.slot(match.name)
        loaded = _held(slot, match.version) if match.version else slot.pick(headers.get(STICKY_KEY) or request_id)
        if match.method and match.method not in loaded.methods:
            raise loaded.without(match.method)
        part, render = match.protocol.read(request, loaded)
        method = getattr(render, "method", match.method)
        asked = PredictionRequest(loaded, method, part, render, request_id, match.protocol.error_fields)
        if slot.challenger is not None:
            asked.for_shadow = _for_shadow(match, request, asked, slot.shadow())
        return asked

    def respond(self, request: Request) -> Response:
        """Answer a prediction request alone and at once, as Flask's views do."""
        match = self.route(request.path)
        if match is None:
            return error_response(HttpError(404, "No such route."))
        try:
            asked = self.read(match, request)
        except Exception as error:  # also errors of our own code get a JSON response
            return self.refuse(error, match)
        results, errors = predict_all(asked.loaded, asked.method, [asked])
        for result in results:
            _, response = next(result.responses())
            self.record(result)
            return response
        return self.refuse(errors[0][1], match)

    def refuse(self, error: BaseException, match: routes.Match | None = None, path: str = "") -> Response:
        """Return an error as the protocol of the route, or else of the path, writes it, and count it."""
        response = error_response(error)
        self.metrics.refused(response.status)
        return with_error_fields(response, match.protocol.error_fields if match else routes.error_fields(path))

    def failed(self, request: PredictionRequest, status: int) -> None:
        """Count a request that the model could not answer."""
        self.metrics.refused(status, request.loaded.version.version)

    def record(self, result: BatchResult) -> None:
        """Count an answered batch, and log it."""
        now = time.time()
        requests = result.requests
        loaded = requests[0].loaded
        latencies = result.latencies()
        self.metrics.answered(loaded.version.version, latencies, result.table.n_rows)
        log = self.slots.log(loaded)
        if log is not None:
            ids = "\n".join([request.request_id for request in requests])
            counts = [request.n_rows for request in requests]
            log.add(Entry(now, ids, counts, np.array(latencies), result.table, result.values, requests[0].method))


def _for_shadow(
    match: routes.Match, request: Request, asked: PredictionRequest, shadow: LoadedModel | None
) -> PredictionRequest | None:
    """Return the same request for the shadow version, whose response is logged and not sent."""
    if shadow is None or asked.method not in shadow.methods:
        return None
    try:
        part, render = match.protocol.read(request, shadow)
    except MlopsError:  # the shadow reads other columns, and only the answering version decides what is an error
        return None
    return PredictionRequest(shadow, asked.method, part, render, asked.request_id)


def _no_proof(challenge: str) -> str:
    return ""


def _held(slot: Slot, version: str) -> LoadedModel:
    """Return the version of a path.

    Raises
    ------
    HttpError
        404 where it is not in memory.
    """
    held = slot.warm(version)
    if held is None:
        known = ", ".join(loaded.version.version for loaded in slot.held())
        raise HttpError(404, f"Version {version[:80]!r} of {slot.name} is not served here. Known: {known}.")
    return held
