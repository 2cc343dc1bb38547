"""Boosters without a wrapper: their rows are those of any other model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mlops_magics as mm

pytestmark = pytest.mark.filterwarnings("ignore")
RANDOM = np.random.default_rng(0)
FRAME = pd.DataFrame({"a": RANDOM.normal(size=60), "b": RANDOM.normal(size=60)})
WORDS = FRAME.assign(c=pd.Categorical(RANDOM.choice(list("xyz"), 60)))
TARGET = FRAME["a"] * 2 + FRAME["b"]

ROWS: dict[str, tuple[Any, Any]] = {
    "a frame": (FRAME, FRAME),
    "a frame with categories": (WORDS, WORDS),
    "an array": (FRAME.to_numpy(), FRAME.to_numpy()),
    "a frame, trained on an array": (FRAME.to_numpy(), FRAME),
}


@pytest.fixture
def session(tmp_path: Path) -> mm.Session:
    """A session with a board of its own."""
    return mm.Session(board=str(tmp_path / "board"))


@pytest.mark.parametrize("kind", ROWS)
def test_a_booster_of_xgboost_answers_rows(session: mm.Session, kind: str) -> None:
    """Pinned with data it has a prototype and a profile; session, report and a stranger's board take the same rows."""
    import xgboost

    trained, rows = ROWS[kind]
    matrix = xgboost.DMatrix(trained, TARGET, enable_categorical=True)
    booster = xgboost.train({"max_depth": 3}, matrix, 3)
    expected = booster.predict(matrix)
    version = session.pin(booster, "booster", data=rows, truth=TARGET)

    assert version.format == "xgboost"
    assert version.prototype is not None
    np.testing.assert_allclose(session.predict("booster", rows), expected)
    assert session.monitor("booster", data=rows).drifted == []
    session.board.distrust()
    np.testing.assert_allclose(session.load("booster").predict(matrix), expected)


def test_a_booster_of_xgboost_answers_at_an_endpoint(session: mm.Session) -> None:
    """The endpoint makes xgboost's own matrix of a request."""
    import xgboost

    matrix = xgboost.DMatrix(WORDS, TARGET, enable_categorical=True)
    booster = xgboost.train({"max_depth": 3}, matrix, 3)
    session.pin(booster, "booster", data=WORDS)
    endpoint = session.deploy("booster")
    try:
        np.testing.assert_allclose(endpoint.predict(WORDS), booster.predict(matrix), rtol=1e-6)
        np.testing.assert_allclose(
            endpoint.predict(WORDS.iloc[:1].to_dict("records")), booster.predict(matrix)[:1], rtol=1e-6
        )
    finally:
        endpoint.stop()
