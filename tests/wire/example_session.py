"""A session with two versions of one model, an endpoint that answered, and a report: the examples on the wire."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression

from mlops_magics import Session
from mlops_magics.core.known_boards import key_of
from mlops_magics.core.retraining.retraining import STEPS, Check, Comparison, Gain, Retraining, SegmentGain, Step
from mlops_magics.core.retraining.running.job import Job
from mlops_magics.core.session import card_view, comparison_view, endpoint_view, readiness_view, retraining_view
from mlops_magics.core.versioning.history.events import Event
from mlops_magics.core.wire.panel_records import ChangeEvent, News
from mlops_magics.panel import verbs
from mlops_magics.panel.board_pool import BoardPool
from mlops_magics.widgets import records as faces
from mlops_magics.widgets.versions import VersionsView


def frame(seed: int, rows: int = 200) -> tuple[pd.DataFrame, pd.Series[str]]:
    """Return rows of two numbers and a category, and a label that depends on the numbers."""
    numbers = np.random.default_rng(seed)
    data = pd.DataFrame({"a": numbers.normal(size=rows), "b": numbers.normal(size=rows)})
    return data, (data["a"] + data["b"] > 0).map({True: "yes", False: "no"})


@contextmanager
def opened(folder: Path) -> Iterator[Session]:
    """Yield the session; its endpoint is stopped at the end."""
    session = Session(board=folder / "models")
    for seed in (0, 1):
        data, truth = frame(seed)
        model = LogisticRegression(C=1.0 + seed).fit(data, truth)
        metrics = {"accuracy": 0.9 + seed / 100}
        session.pin(model, "toy", data=data, truth=truth, test=frame(9), metrics=metrics, description="two columns")
    session.promote("toy", to="champion")
    try:
        yield session
    finally:
        for endpoint in session.endpoints_running():
            endpoint.stop()


def records(session: Session) -> dict[str, Any]:
    """Return one of each record on the wire, by the name of its file."""
    second, first = session.versions("toy")["version"]
    drifted, truth = frame(2)
    months = pd.date_range("2026-01-01", periods=len(drifted), freq="h")
    data = drifted.assign(a=drifted["a"] + 2, when=months, side=["left", "right"] * 100)
    report = session.monitor("toy", data=data, truth=truth, by="day", timestamp="when", segment="side")
    endpoint = session.deploy("toy@champion")
    endpoint.predict(drifted.head(3))
    endpoint.settle()
    moved = VersionsView(session.versions("toy"), session)
    try:
        return {
            "versions": faces.versions(session, session.versions("toy")),
            "models": faces.models(session, session.models()),
            "moved": moved.verbs["promote"](version=first, alias="challenger"),
            "compare": comparison_view.of(session.compare(f"toy@{first}", f"toy@{second}", drifted)),
            "endpoint": endpoint_view.record(session, endpoint),
            "live": endpoint_view.live(session, endpoint, endpoint.health(), state=endpoint.state, rate=1.5),
            "drift": faces.report(report.wire()),
            "retraining": retraining_view.of(session, run(session, first, second)),
            "readiness": readiness_view.of(session.readiness(["D5=partly:reviewed every year"], files=None)),
            "card": card_view.of(
                session, session.model_card("toy", {"owners": "ana@example.org", "limits": "Two columns only."})
            ),
            "change": ChangeEvent(
                (key_of(session.board.url),),
                endpoints=True,
                verdicts=False,
                news=(News("endpoint", key_of(session.board.url), "toy", "warning", "The endpoint of toy died."),),
            ),
            **_panel(session, first, second),
        }
    finally:
        moved.close()


def run(session: Session, first: str, second: str) -> Retraining:
    """Return a run whose challenger was promoted."""
    output = Path(session.board.url).parent / "output.txt"
    output.write_text("epoch 1 of 1\n")
    gains = (
        Gain("accuracy", 0.9, 0.92, 0.02, 0.008, 0.032, True, True, "exact McNemar"),
        Gain("log_loss", 0.31, 0.33, -0.02, -0.031, -0.009, False, False, "paired bootstrap"),
    )
    checks = (
        Check("better on accuracy by more than 0.005", True, "the gain is +0.02"),
        Check("enough rows", True, "40"),
    )
    found = Comparison(
        "accuracy", 40, gains, (SegmentGain("side = left", 20, 0.03, 0.01, 0.05),), checks, notes=("few rows",),
        asked=0.005, segment_margin=0.02,
    )  # fmt: skip
    steps = tuple(Step(name, "done", "2026-11-27T14:03:00+00:00", 1.5, "40 rows") for name in STEPS)
    return Retraining(
        "run-1", "toy", session.board.url, first, "promoted", second, "2026-11-27T14:03:00+00:00",
        "2026-11-27T14:03:12+00:00", {"kind": "drift", "reason": "a drifted"}, steps, 200, 160, 40, "40 at random",
        found, f"The challenger is better. {second} is champion now.", by="ana", host="here", log=str(output),
    )  # fmt: skip


def _panel(session: Session, first: str, second: str) -> dict[str, Any]:
    """Return the reply of each verb of the panel; what stops and forgets comes last."""
    pool, board = BoardPool(session), key_of(session.board.url)
    last = run(session, first, second)
    job = Job.of(session.board.url, last.name, last.run)
    job.create()
    job.write(last)
    model = {"board": board, "name": "toy"}
    row = {"a": 0.5, "b": -1.0}
    asked: dict[str, dict[str, Any]] = {
        "boards": {}, "models": {"board": board}, "versions": model, "version": {**model, "version": second},
        "history": model, "compare": {**model, "a": first, "b": second}, "traffic": model, "verdicts": model,
        "report": model, "endpoints": {}, "endpoint": model, "predict": {**model, "row": row},
        "promote": {**model, "alias": "champion", "version": first}, "rollback": {**model, "alias": "champion"},
        "canary": {**model, "version": first, "share": 0.1}, "end_trial": model,
        "swap": {**model, "version": first}, "restart": model, "stop": model, "forget": {"board": board},
        "retraining": model, "card": {**model, "version": second},
        "write_card": {**model, "version": second, "part": "caveats", "text": "An example."},
        "schedule": {**model, "policy": "weekly", "every": "week", "zone": "UTC", "when": "drift", "notebook": "n"},
        "policies": model, "unschedule": {**model, "policy": "weekly"}, "cancel": model,
    }  # fmt: skip
    _left_running(session, last)
    with patch.object(faces, "HEALTH_SECONDS", 30.0):  # a busy machine answers late, and a reply has no health then
        replies = {f"panel-{verb}": verbs.call(pool, verb, fields) for verb, fields in asked.items()}
    deleted = verbs.call(pool, "delete", {**model, "version": _spare(session)})
    session.deploy("toy@champion")
    verbs.call(pool, "canary", {**model, "version": first, "share": 0.1})
    return {
        **replies,
        "panel-delete": deleted,
        "panel-restore": verbs.call(pool, "restore", {"board": board, "place": deleted.place}),
        "panel-adopt": verbs.call(pool, "adopt", model),
    }


def _left_running(session: Session, last: Retraining) -> None:
    """Leave a run whose process is gone: what can be cancelled."""
    left = dataclasses.replace(
        last, run="run-0", status="running", ended=None, version=None, started="2026-11-27T12:00:00+00:00"
    )
    job = Job.of(session.board.url, left.name, left.run)
    job.create()
    job.write(left)
    names = dict.fromkeys(("policy", "slot", "verdict"), "")
    details = {"run": left.run, **names, "host": "here", "pid": 0, "started": 0.0}
    session.board.log.append(lambda events: Event.retrain_claim(left.name, left.parent, details))


def _spare(session: Session) -> str:
    """Return a version that no alias names."""
    data, truth = frame(5)
    return session.pin(LogisticRegression().fit(data, truth), "toy", data=data, truth=truth).version
