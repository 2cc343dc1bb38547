"""A live endpoint: state, a form to ask it, rate and latency, swap and stop."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import traitlets

from mlops_magics.core.deploying import prediction_log
from mlops_magics.core.deploying.clients import snippets
from mlops_magics.errors import MlopsError
from mlops_magics.widgets import wire
from mlops_magics.widgets.view import RecordView, Verb, bundle

if TYPE_CHECKING:
    from mlops_magics.core.deploying import Endpoint
    from mlops_magics.core.session import Session

WATCH_SECONDS = 1.0
MOST_VERSIONS = 50


class EndpointView(RecordView):
    """An `Endpoint`; its token stays in Python.

    Attributes
    ----------
    live
        State, counts, latency and the last requests, pushed about once a second while the view lives.
    """

    _esm = bundle("endpoint")
    live = traitlets.Dict().tag(sync=True)

    def __init__(self, endpoint: Endpoint, session: Session) -> None:
        self.endpoint, self._session = endpoint, session
        self._before: tuple[float, int] | None = None
        self._starts = False
        self._tail = prediction_log.Tail(endpoint.board, endpoint.name)
        self._closed = threading.Event()
        verbs: dict[str, Verb] = {
            "predict": self._predict,
            "stop": self._stop,
            "restart": self._restart,
            "swap": self._swap,
        }
        super().__init__(self._described(), verbs, live=self._measured())
        threading.Thread(target=self._watch, name=f"watch {endpoint.name}", daemon=True).start()

    def close(self) -> None:
        """Stop watching, and close the view."""
        self._closed.set()
        super().close()

    @property
    def _model(self) -> str:
        return self._session.labelled(self.endpoint.name, self.endpoint.board)

    def _described(self) -> dict[str, Any]:
        version = self._session.version(f"{self._model}@{self.endpoint.version}")
        columns = wire.prototype(version.prototype)
        asked = (self.endpoint.url, self.endpoint.token, columns["examples"][:1])
        names = ("name", "version", "alias", "board", "url", "port", "pid", "started")
        return {
            **{name: wire.safe(getattr(self.endpoint, name)) for name in names},
            "prototype": columns,
            "snippets": {language: write(*asked) for language, write in snippets.BY_LANGUAGE.items()},
            "versions": list(self._session.versions(self._model)["version"].head(MOST_VERSIONS)),
        }

    def _measured(self) -> dict[str, Any]:
        state = "starting" if self._starts else self.endpoint.state
        try:
            health = self.endpoint.health() if state == "running" else {}
        except MlopsError:
            health, state = {}, "starting" if self._starts else self.endpoint.state
        latency = health.get("latency_ms", {})
        measured: dict[str, Any] = wire.safe(
            {
                "state": state,
                "requests": health.get("requests"),
                "rows": health.get("rows"),
                "rate": self._rate(health.get("requests")),
                "p50_ms": latency.get("p50"),
                "p95_ms": latency.get("p95"),
                "errors": health.get("errors"),
                "version": health.get("version", self.endpoint.version),
                "uptime_seconds": health.get("uptime"),
                "recent": self.answered_recently(),
            }
        )
        return measured

    def answered_recently(self) -> list[dict[str, Any]] | None:
        """Return the last requests, newest first; None where no prediction log is kept."""
        if not self.endpoint.announced.plan.get("log", True):
            return None
        return list(wire.safe(self._tail.rows()))

    def _rate(self, requests: int | None) -> float | None:
        """Return requests per second since the last look."""
        if requests is None:
            self._before = None
            return None
        now = time.monotonic()
        before, self._before = self._before, (now, requests)
        if before is None or now <= before[0]:
            return None
        return max(0.0, (requests - before[1]) / (now - before[0]))

    def _watch(self) -> None:
        while not self._closed.wait(WATCH_SECONDS):
            measured = self._measured()
            if self._closed.is_set():
                return
            self.live = measured

    def _again(self) -> dict[str, Any]:
        self.record, self.live = self._described(), self._measured()
        return dict(self.record)

    def _predict(self, row: dict[str, Any]) -> dict[str, Any]:
        began = time.perf_counter()
        values, headers = self._ask("predict", row)
        milliseconds = 1000 * (time.perf_counter() - began)
        warning = headers.get("x-warning")
        return {
            "prediction": values[0],
            "probabilities": self._probabilities(row),
            "version": headers.get("x-model-version"),
            "latency_ms": round(milliseconds, 2),
            "warnings": [warning] if warning else [],
        }

    def _probabilities(self, row: dict[str, Any]) -> dict[str, float] | None:
        """Return how sure the model is of each label; None for models that do not say."""
        labels = self.endpoint.health().get("classes")
        if not labels:
            return None
        try:
            shares = self._ask("predict_proba", row)[0][0]
        except MlopsError:
            return None
        return (
            dict(zip(labels, shares, strict=True)) if isinstance(shares, list) and len(shares) == len(labels) else None
        )

    def _ask(self, method: str, row: dict[str, Any]) -> tuple[list[Any], Mapping[str, str]]:
        kind = {"Content-Type": "application/json"}
        content, headers = self.endpoint.client.send("POST", f"/{method}", json.dumps([row]).encode(), kind)
        return list(json.loads(content)["predict"]), headers

    def _stop(self) -> dict[str, Any]:
        self.endpoint.stop()
        self.live = self._measured()
        return {}

    def _restart(self) -> dict[str, Any]:
        self._starts = True
        try:
            self.live = self._measured()
            self.endpoint = self.endpoint.restart()
        finally:
            self._starts = False
            self.live = self._measured()
        return self._again()

    def _swap(self, version: str) -> dict[str, Any]:
        self.endpoint.swap(self._session.version(f"{self._model}@{version}"))
        return self._again()
