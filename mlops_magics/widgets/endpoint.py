"""A live endpoint: state, a form for requests, rate and latency, swap and stop."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

import traitlets

from mlops_magics.core.session import endpoint_view
from mlops_magics.core.wire.encoding import to_json
from mlops_magics.errors import MlopsError
from mlops_magics.widgets import records, text
from mlops_magics.widgets.saved import endpoint as page
from mlops_magics.widgets.saved import listings
from mlops_magics.widgets.view import RecordView, Shown, Verb

if TYPE_CHECKING:
    from mlops_magics.core.session import Session
    from mlops_magics.core.session.records import Endpoint
    from mlops_magics.core.wire.endpoint_records import EndpointRecord, FormAnswer, Live
    from mlops_magics.core.wire.version_records import Moved

WATCH_SECONDS = 1.0


def show(record: Endpoint, session: Session) -> Shown:
    """Return the display of an endpoint."""
    told = text.endpoint(record)
    try:
        found = records.whole_endpoint(session, record)
    except MlopsError:  # its board or its version is gone
        return Shown("endpoint", told, listings.sentence("Endpoint", told))
    return Shown("endpoint", told, page.endpoint(found.record, found.live), lambda: EndpointView(record, session))


class EndpointView(RecordView):
    """An `Endpoint`, whose token stays in Python.

    Attributes
    ----------
    live
        State, counts, latency and the last requests, pushed about once a second while the view is open.
    """

    view_kind = "endpoint"
    live = traitlets.Dict().tag(sync=True)

    def __init__(self, endpoint: Endpoint, session: Session) -> None:
        self.endpoint, self._session = endpoint, session
        self._before: tuple[float, int] | None = None
        self._starts = False
        self._closed = threading.Event()
        verbs: dict[str, Verb] = {
            "predict": self._predict,
            "stop": self._stop,
            "restart": self._restart,
            "swap": self._swap,
            "canary": self._canary,
            "adopt": self._adopt,
            "rollback": self._rollback,
            "end_trial": self._end_trial,
        }
        super().__init__(endpoint_view.record(session, endpoint), verbs, live=to_json(self._measured()))
        threading.Thread(target=self._watch, name=f"watch {endpoint.name}", daemon=True).start()

    def close(self) -> None:
        """Stop watching, and close the view."""
        self._closed.set()
        super().close()

    @property
    def _model(self) -> str:
        return self._session.labelled(self.endpoint.name, self.endpoint.board)

    def _measured(self) -> Live:
        state = self._state
        try:
            health = self.endpoint.health() if state == "running" else {}
        except MlopsError:
            health, state = {}, self._state
        rate = self._rate(health.get("requests"))
        return endpoint_view.live(self._session, self.endpoint, health, state=state, rate=rate)

    @property
    def _state(self) -> str:
        return "starting" if self._starts else self.endpoint.state

    def _rate(self, requests: int | None) -> float | None:
        """Return requests per second since the last look."""
        if requests is None:
            self._before = None
            return None
        # not the clock: a correction of it would give a wrong rate, or divide by zero
        now = time.monotonic()
        before, self._before = self._before, (now, requests)
        if before is None or now <= before[0]:
            return None
        # a restarted endpoint counts from 0
        return max(0.0, (requests - before[1]) / (now - before[0]))

    def _watch(self) -> None:
        while not self._closed.wait(WATCH_SECONDS):
            measured = to_json(self._measured())
            if self._closed.is_set():
                return
            self.live = measured

    def _again(self) -> EndpointRecord:
        record = endpoint_view.record(self._session, self.endpoint)
        self.record, self.live = to_json(record), to_json(self._measured())
        return record

    def _predict(self, row: dict[str, Any]) -> FormAnswer:
        return self._session.answer(self._model, row)

    def _canary(self, version: str, share: float) -> EndpointRecord:
        self._session.deploy(f"{self._model}@{version}", canary=share)
        return self._again()

    def _adopt(self, force: bool = False) -> Moved:
        move = self._session.adopt(self._model, force=force is True)
        self._again()
        return records.moved(self._session, move)

    def _rollback(self, alias: str, force: bool = False) -> Moved:
        move = self._session.rollback(self._model, alias, force=force is True)
        self._again()
        return records.moved(self._session, move)

    def _end_trial(self) -> EndpointRecord:
        self._session.end_trial(self._model)
        return self._again()

    def _stop(self) -> None:
        self.endpoint.stop()
        self.live = to_json(self._measured())

    def _restart(self) -> EndpointRecord:
        self._starts = True
        try:
            self.live = to_json(self._measured())
            self.endpoint = self.endpoint.restart()
        finally:
            self._starts = False
            self.live = to_json(self._measured())
        return self._again()

    def _swap(self, version: str) -> EndpointRecord:
        self._session.swap(self._model, version)
        return self._again()
