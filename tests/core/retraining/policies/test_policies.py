"""Policies: what is due, what is not and why; carried out once, whoever asks."""

from __future__ import annotations

import datetime as dt
import threading
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from mlops_magics import Session
from mlops_magics.core.retraining.policies import policy_pin
from mlops_magics.core.retraining.policies.due import Looks, due, past_of
from mlops_magics.core.retraining.policies.policy import Policy, made
from mlops_magics.core.versioning import companions
from mlops_magics.core.versioning.history.events import Event
from mlops_magics.errors import InvalidInput, NotFound
from mlops_magics.widgets import views
from tests.core.retraining.conftest import pin, rows

NOW = dt.datetime(2026, 11, 25, 12, tzinfo=dt.UTC)
"""A Wednesday."""
CREATED = "2026-11-01T00:00:00+00:00"


def event(kind: str, run: str, time: dt.datetime, sequence: int, **details: Any) -> Event:
    """Return an event of the log as it is read."""
    return Event(sequence, time.isoformat(), kind, "m", version="v", details={"run": run, **details})


def log(*runs: tuple[float, str], policy: str = "default", verdict: str = "") -> list[Event]:
    """Return the log of runs that ended so many days ago, each with its outcome and the slot of its day."""
    events: list[Event] = []
    for days, outcome in runs:
        time = NOW - dt.timedelta(days=days)
        slot = time.strftime("%Y-%m-%dT04:00:00Z")
        events.append(
            event("retrain_claim", f"r{days}", time, len(events) + 1, policy=policy, slot=slot, verdict=verdict)
        )
        events.append(event("retrain_end", f"r{days}", time, len(events) + 1, outcome=outcome))
    return events


class Report:
    """What a look at the model finds."""

    def __init__(self, drift: str = "", accuracy: float | None = None) -> None:
        self.alerts = [type("Alert", (), {"subject": "drift", "message": drift})] if drift else []
        self.verdict, self.version, self.rows, self.period = drift or "no drift", "v", 1500, "all"
        scores = [] if accuracy is None else [["11-24", "accuracy", accuracy, "measured"]]
        self.performance = pd.DataFrame(scores, columns=["period", "metric", "score", "kind"])


def look(policy: Policy, events: list[Event], report: Any = None, new_rows: int = 0) -> tuple[bool, str, str]:
    """Return whether a policy is due, why or why not, and for what."""
    found = due(policy, past_of(events, policy), NOW, Looks(lambda _: report, lambda _: new_rows))
    trigger = found.trigger or {}
    return found.trigger is not None, str(trigger.get("reason", found.why_not)), str(trigger.get("slot", ""))


DAILY = {"every": "day", "at": "04:00", "zone": "UTC"}


STOPPED = "3 retrainings did not help: a person should look, then `%promote` or a new policy"
BELOW = "accuracy 0.85 in 11-24 (measured), and the policy is accuracy<0.9"
DRIFTED = (True, "a drifted", "drift of v: 1,500 rows, all")
SEEN = "a drifted: a retraining was made for it, and no new rows came"
SLOT = (True, "every day", "2026-11-25T04:00:00Z")
ON_DRIFT = {"when": ("drift",)}
BELOW_90 = {"when": ("accuracy<0.9",)}


@pytest.mark.parametrize(
    ("options", "events", "report", "new_rows", "expected"),
    [
        (DAILY, [], None, 0, SLOT),
        (DAILY, log((0.2, "kept")), None, 0, (False, "not due yet", "")),
        (DAILY, log((5, "promoted")), None, 0, SLOT),  # five days, one run
        (DAILY, log((0.2, "kept"), policy="other"), None, 0, SLOT),
        (ON_DRIFT, [], Report("a drifted"), 0, DRIFTED),
        (ON_DRIFT, [], Report(), 0, (False, "drift: no (no drift)", "")),
        (ON_DRIFT, log((0.5, "kept")), Report("a drifted"), 0, (False, "cooling down until 2026-11-26 00:00 UTC", "")),
        (ON_DRIFT, log((2, "kept")), Report("a drifted"), 0, DRIFTED),
        (ON_DRIFT, log((2, "kept"), verdict=DRIFTED[2]), Report("a drifted"), 0, (False, SEEN, "")),
        (ON_DRIFT, log((2, "kept"), verdict="drift of u: 9 rows, all"), Report("a drifted"), 0, DRIFTED),
        ({**DAILY, **ON_DRIFT}, log((2, "kept"), verdict=DRIFTED[2]), Report("a drifted"), 0, (False, SEEN, "")),
        (BELOW_90, [], Report(accuracy=0.85), 0, (True, BELOW, "accuracy<0.9 of v: 1,500 rows, all")),
        (BELOW_90, [], Report(accuracy=0.95), 0, (False, "accuracy<0.9: no (no drift)", "")),
        ({"when": ("rows>=500",)}, [], None, 499, (False, "rows>=500: no (499 new rows)", "")),
        ({"when": ("rows>=500",)}, [], None, 500, (True, "500 new rows with truth", "rows at 2026-11-25T12:00:00Z")),
        ({**DAILY, "when": ("drift",)}, [], Report("a drifted"), 0, (True, "a drifted", "2026-11-25T04:00:00Z")),
        ({**DAILY, "min_rows": 100}, [], None, 99, (False, "99 new rows with truth, and 100 are needed", "")),
        (DAILY, log((3, "kept"), (2, "kept"), (1.2, "failed")), None, 0, (False, STOPPED, "")),
        (DAILY, log((3, "kept"), (2, "promoted"), (1.2, "kept")), None, 0, SLOT),
        (ON_DRIFT, log((-900, "kept")), Report("a drifted"), 0, DRIFTED),  # a clock that was 900 days ahead
        ({**DAILY, "created": "2030-01-01T00:00:00+00:00"}, log((-900, "kept")), None, 0, SLOT),
        ({**DAILY, "stop_after": 0}, log((3, "kept"), (2, "kept"), (1.2, "kept")), None, 0, SLOT),
    ],
)  # fmt: skip
def test_a_policy_is_due_or_says_why_not(
    options: Any, events: list[Event], report: Any, new_rows: int, expected: tuple[bool, str, str]
) -> None:
    """Cadence, conditions, cooldown, new rows, and a stop after runs that changed nothing."""
    assert look(Policy("m", **{"created": CREATED, **options}), events, report, new_rows) == expected


def test_times_before_a_policy_was_made_are_not_made_up_for() -> None:
    """A policy that is made at noon does not run for four in the morning."""
    assert look(Policy("m", created="2026-11-25T11:00:00+00:00", **DAILY), []) == (False, "not due yet", "")


def test_a_person_who_moved_the_alias_starts_the_count_again() -> None:
    """Then somebody looked."""
    events = log((3, "kept"), (2, "kept"), (1.2, "kept"))
    moved = Event(7, NOW.isoformat(), "promote", "m", alias="champion", version="w")

    assert look(Policy("m", created=CREATED, **DAILY), [*events, moved])[0]


def test_the_challenger_of_a_run_that_changed_nothing_is_no_look_of_a_person() -> None:
    """A run that keeps the champion makes its version the challenger."""
    events = log((3, "kept"), (2, "kept"), (1.2, "kept"))
    moved = [Event(each.sequence, each.time, "promote", "m", alias="challenger", version="w") for each in events]

    assert look(Policy("m", created=CREATED, **DAILY), [*events, *moved]) == (False, STOPPED, "")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "needs a cadence or a condition"),
        ({"when": ("weather",)}, "--when takes drift"),
        ({"when": ("rows<5",)}, "New rows only grow"),
        ({"every": "week", "limit": "soon"}, "not a span of time"),
        ({"every": "week", "promote_if": "maybe"}, "promote_if"),
        ({"every": "week", "cooldwon": 1}, "Did you mean"),
        ({"every": "week", "data": pd.DataFrame()}, "in memory"),
    ],
)
def test_a_policy_that_makes_no_sense_is_refused(options: Any, words: str) -> None:
    """When it is made, not when it is due."""
    with pytest.raises(InvalidInput, match=words):
        made("m", "default", options)


def test_policies_are_kept_beside_the_model(session: Session, pinned: Any, tmp_path: Path) -> None:
    """They are listed, changed by their names and removed; the listing of models does not show their pin."""
    session.policy("penguins", every="week", at="04:00", zone="UTC", data=str(tmp_path / "new.csv"), truth="species")
    session.policy("penguins", policy="on-drift", when=["drift"], min_rows=500)
    session.policy("penguins", every="day", at="05:00", zone="UTC")
    table = session.policies("penguins")

    assert list(table["policy"]) == ["default", "on-drift"]
    assert table["every"].iloc[0] == "day at 05:00 UTC"
    assert list(table["due"]) == [False, False]
    shown = views.display_bundle(table, session)[0]["text/plain"]
    assert "penguins (default): not due yet, next at" in shown
    assert "penguins (on-drift): 0 new rows with truth, and 500 are needed" in shown
    assert repr(session.policy("penguins", policy="on-drift", when=["drift"], min_rows=500)).startswith(
        "Policy on-drift of penguins: retrained when drift, with at least 500 new rows, from the prediction log."
    )
    assert list(session.models()["name"]) == ["penguins"]
    assert policy_pin.models(session.board) == ["penguins"]
    removed = session.policy("penguins", policy="on-drift", off=True)
    assert (removed.when, repr(removed)) == (("drift",), "Policy on-drift of penguins was removed.")
    with pytest.raises(NotFound, match="on-drift"):
        session.policy("penguins", policy="on-drift", off=True)


def test_a_due_policy_runs_once_however_many_ask(session: Session, tmp_path: Path) -> None:
    """R22: Two at once: one runs, the other has nothing to do; then there is nothing to do for both."""
    pin(session)
    rows(1500, shift=2.0, seed=1).to_parquet(tmp_path / "new.parquet")
    session.policy("penguins", every="* * * * *", zone="UTC", data=str(tmp_path / "new.parquet"), truth="species")
    kept = policy_pin.read(session.board, "penguins")[0]
    changed = {"when": (), "created": "2020-01-01T00:00:00+00:00", "every": "0 0 1 1 *"}
    policy_pin.put(session.board, Policy(**{**kept.to_json(), **changed}))
    found: list[Any] = []

    def ask() -> None:
        found.extend(Session(session.board.url).run_policies("penguins"))

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    assert sorted(run.outcome for run in found) in (["held", "promoted"], ["not due", "promoted"])
    assert [run.outcome for run in session.run_policies()] == ["not due"]
    assert session.version("penguins@champion").lineage.retraining["trigger"]["policy"] == "default"
    assert len(session.versions("penguins")) == 2


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"when": "acuracy<0.9"}, "did you mean 'accuracy'"),
        ({"every": "week", "metric": "f1_makro"}, "did you mean 'f1_macro'"),
        ({"every": "week", "floors": {"acuracy": 0.8}}, "did you mean 'accuracy'"),
        ({"when": "profit<3"}, ""),
        ({"when": ["roc_auc<0.9", "drift"], "floors": {"balanced_accuracy": 0.5}}, ""),
    ],
)
def test_a_metric_that_does_not_exist_is_refused_when_the_policy_is_kept(
    options: Any, words: str, session: Session
) -> None:
    """Such a policy would never be due, and nothing would say so; a metric of the user's own is one of the version."""
    pin(session, metrics={"profit": 5.0})
    if words:
        with pytest.raises(NotFound, match=words):
            session.policy("penguins", **options)
        if options.pop("every", None):
            with pytest.raises(NotFound, match=words):
                session.retrain("penguins", data=rows(100), truth="species", **options)
        assert list(session.history("penguins")["event"]) == ["pin"]
        return
    assert session.policy("penguins", **options).model == "penguins"


@pytest.mark.parametrize("data", ["new.parquet", "SELECT * FROM 'new.parquet'", "new.csv"])
def test_conditions_look_at_the_rows_of_any_source(
    data: str, session: Session, pinned: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The truth is the column of the pin where it is among them; without it, drift is looked at all the same."""
    monkeypatch.chdir(tmp_path)
    frame = rows(600, shift=2.0, seed=1)
    frame.to_parquet("new.parquet")
    frame.drop(columns="species").assign(a=frame["a"] + 2).to_csv("new.csv", index=False)
    session.policy("penguins", when=["accuracy<0.9", "drift"], data=data)
    (found,) = session._statuses(session.board, "penguins", None)

    assert found.trigger is not None, found.why_not
    assert found.trigger["kind"] == ("drift" if data.endswith(".csv") else "metric")
    assert found.trigger["verdict"].startswith("drift of" if data.endswith(".csv") else "accuracy<0.9 of")


def test_policies_that_cannot_be_read_keep_no_others_back(session: Session, pinned: Any) -> None:
    """One model's are an outcome; asked for alone, they are an error."""
    session.policy("penguins", every="week")
    companions.update(session.board, "auks", policy_pin.COMPANION, lambda before: b"nonsense", "broken")

    assert [(run.model, run.outcome) for run in session.run_policies()] == [("auks", "failed"), ("penguins", "not due")]
    assert [run.policy for run in session.run_policies(policy="default")] == ["default", "default"]
    with pytest.raises(NotFound, match="No policy of penguins: 'daily'"):
        session.run_policies("penguins", policy="daily")


def test_a_policy_that_fails_is_an_outcome(session: Session, pinned: Any, tmp_path: Path) -> None:
    """A file that is not there is one line, and other policies go on."""
    session.policy("penguins", when="rows>=1", data=str(tmp_path / "no.parquet"), truth="species")
    runs = session.run_policies()

    assert [run.outcome for run in runs] == ["not due"]
    assert "No file" in runs[0].text
