"""Four teams, made by script: nothing, two models, forty models with endpoints and policies, many pins and no look."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression

import mlops_magics as mm
from mlops_magics.core import verdicts
from mlops_magics.core.retraining.policies import policy_pin
from mlops_magics.core.retraining.policies.policy import Policy
from mlops_magics.core.versioning.history.events import Event

X = pd.DataFrame(np.random.default_rng(0).normal(size=(60, 2)), columns=["a", "b"])
Y = (X["a"] > 0).astype(int)
MANY = 40
SERVED = 12


def pinned(board: Path, name: str = "m00") -> mm.Session:
    """Return the session of a board with one model."""
    session = mm.Session(board=board)
    session.pin(LogisticRegression().fit(X, Y), name, data=X, truth=Y, test=(X, Y), description="a demonstration")
    return session


def two_models(board: Path) -> mm.Session:
    """One person with two models, each pinned once."""
    session = pinned(board, "owls")
    session.copy("owls", session.board, name="finches")
    return session


def pins_only(board: Path) -> mm.Session:
    """A team that pins much and monitors nothing: six models with three versions each."""
    session = pinned(board)
    versions = [session.version("m00")]
    for shift in (1, 2):
        model = LogisticRegression(C=shift).fit(X, Y)
        versions.append(session.pin(model, "m00", data=X, truth=Y, test=(X, Y)))
    for number in range(1, 6):
        for version in versions:
            session.copy(version.ref, session.board, name=f"m{number:02}")
    return session


def forty_models(board: Path) -> mm.Session:
    """A team with forty models, of which some are served, with champions, policies, runs and verdicts."""
    session = pinned(board)
    names = [f"m{number:02}" for number in range(MANY)]
    for name in names[1:]:
        session.copy("m00", session.board, name=name)
    second = session.pin(LogisticRegression(C=2).fit(X, Y), "m00", data=X, truth=Y, test=(X, Y))
    for name in names[:SERVED]:
        session.promote(f"{name}@v1", to="champion")
        policy_pin.put(session.board, Policy(name, every="week", when=("drift",), zone="UTC", created=_ago(30)))
        session.thresholds(name, ["a<=0.2"])
        for days in (20, 6):
            verdicts.publish(session.board, _verdict(session, name, days))
    session.promote(second.ref, to="champion")
    _retrained(session, "m00", second.version)
    return session


def _ago(days: int) -> str:
    return (dt.datetime.now(dt.UTC) - dt.timedelta(days=days)).isoformat()


def _verdict(session: mm.Session, name: str, days: int) -> verdicts.Verdict:
    facts = {"name": name, "version": session.version(name).version, "created": _ago(days), "rows": 60}
    listed = {"drifted": [], "alerts": [], "n_alerts": 0, "worst": []}
    return {"id": f"{name}-{days}", "by": "ana", **facts, **listed, "verdict": f"{name}: no drift"}


def _retrained(session: mm.Session, name: str, version: str) -> None:
    """Record a run that a policy started and that promoted."""
    claim = {"run": "r1", "policy": "default", "host": "here", "pid": 1, "started": 0.0}
    session.board.log.append(lambda events: Event.retrain_claim(name, version, claim))
    session.board.log.append(
        lambda events: Event.retrain_end(name, version, {"run": "r1", "outcome": "promoted", "why": "better"})
    )
