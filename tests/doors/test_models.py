"""Ordinary models are pinned, deployed and asked with what they were trained on, and answer as in the notebook."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pytest
import scipy.sparse as sp
import xgboost

import mlops_magics as mm
from mlops_magics.core.deploying import Endpoint
from mlops_magics.core.deploying.server import in_process
from mlops_magics.core.monitoring.profiling.reference_profile import ReferenceProfile
from mlops_magics.core.versioning import ModelVersion
from mlops_magics.core.versioning.publishing.facts import PROFILE
from mlops_magics.errors import InvalidInput
from tests.doors.models import NUMBERS, TEXTS, Case, Y, cases, of_numbers, of_texts

CASES = dict(cases())


@dataclass(frozen=True)
class Served:
    """Every model on one board, behind one endpoint."""

    endpoint: Endpoint
    versions: dict[str, ModelVersion]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Pin every model with its data, and deploy them; none has a fault that would be warned of."""
    folder = tmp_path_factory.mktemp("models")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLOPS_MAGICS_STATE", str(folder / "state"))
        session = mm.Session(board=folder / "board")
        with warnings.catch_warnings():
            warnings.filterwarnings("error", message=".*endpoints cannot answer")
            versions = {name: _pinned(session, name, case) for name, case in CASES.items()}
        first, *others = CASES
        endpoint = session.deploy(first, also=others, log=False, token=False)
    yield Served(endpoint, versions)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLOPS_MAGICS_STATE", str(folder / "state"))
        endpoint.stop()


def _pinned(session: mm.Session, name: str, case: Case) -> ModelVersion:
    if case.truth is not None:
        case.model.fit(case.data, case.truth)
    return session.pin(case.model, name, data=case.data, truth=case.truth, format="joblib")


def close(found: Any, own: Any) -> None:
    """Compare probabilities: the fast path sums in another order than scikit-learn."""
    np.testing.assert_allclose(found, own, rtol=1e-12)


@pytest.mark.parametrize("name", CASES)
def test_a_model_answers_what_it_was_trained_on(name: str, served: Served) -> None:
    """Through HTTP and in process, the values and their types are those of the model's own methods."""
    case = CASES[name]
    sent = case.data if case.sent is None else case.sent
    methods = [each for each in ("predict", "predict_proba") if hasattr(case.model, each)]
    for method in methods:
        answered = getattr(served.endpoint, method)(sent, model=name)
        here = in_process.predict(served.versions[name], case.model, sent, method)

        own = getattr(case.model, method)(case.data)
        own = np.stack(own, axis=1) if isinstance(own, list) else own  # of several outputs, a list of arrays
        for found in (answered, here):
            compare = np.testing.assert_array_equal if own.dtype.kind != "f" else close
            compare(found, own)
        assert type(here) is type(answered)


def test_tables_of_any_library_can_be_handed_over(served: Served) -> None:
    """A relation of DuckDB, a lazy frame, an Arrow table and a dict of columns are rows as a frame is."""
    rows = CASES["polars-output"].data
    own = CASES["polars-output"].model.predict(rows)
    import pyarrow as pa

    relation = duckdb.sql("select * from rows")
    for sent in (relation, pl.from_pandas(rows).lazy(), pa.Table.from_pandas(rows), rows.to_dict("list")):
        np.testing.assert_array_equal(served.endpoint.predict(sent, model="polars-output"), own)


def test_held_out_rows_alone_describe_a_version(tmp_path: Path) -> None:
    """Where the training data are not known, `test` gives prototype, profile and metrics."""
    session = mm.Session(board=tmp_path / "board")
    version = session.pin(of_numbers().fit(NUMBERS, Y), "held", test=(NUMBERS, Y))

    assert version.prototype is not None
    assert version.prototype.names == ("a", "b")
    assert PROFILE in {file.name for file in version.files}
    assert "accuracy" in version.metrics


def test_a_booster_of_xgboost_is_pinned_with_data(tmp_path: Path) -> None:
    """It is asked with frames, as its wrapper is; metrics and profile are there."""
    booster = xgboost.train({"objective": "binary:logistic"}, xgboost.DMatrix(NUMBERS, label=Y), 3)
    session = mm.Session(board=tmp_path / "board")

    version = session.pin(booster, "booster", data=NUMBERS, truth=Y, test=(NUMBERS, Y))

    assert not version.prototype.fault
    np.testing.assert_allclose(session.predict("booster", NUMBERS), booster.predict(xgboost.DMatrix(NUMBERS)))


class Answer:
    """Answers with what it was given for so many rows."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer

    def predict(self, rows: Any) -> Any:
        """Return the same for any rows."""
        return self.answer


FORMS = {
    "list of texts": TEXTS,
    "array of texts": np.array(TEXTS),
    "Series without a name": pd.Series(TEXTS),
    "uneven lists": [["a"] * (1 + place % 3) for place in range(len(Y))],
    "sparse": sp.csr_matrix(np.round(NUMBERS.to_numpy())),
    "array": NUMBERS.to_numpy(),
    "records": [{"a": 1.5, "c": "x"} if place % 2 else {"c": "y"} for place in range(len(Y))],
    "polars": pl.DataFrame({"d": [dt.date(2024, 1, 1 + place) for place in Y], "l": [[1, place] for place in Y]}),
    "bytes": pd.DataFrame({"x": pd.Series([b"\xff\xfe", b"a"] * 12, dtype=object)}),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("form", FORMS)
def test_training_data_of_any_form_are_monitored_against_themselves(form: str, tmp_path: Path) -> None:
    """They are pinned with a profile, and the same data in the same form have every column and no drift."""
    session = mm.Session(board=tmp_path / "board")
    session.pin(Answer(np.zeros(len(Y))), "model", data=FORMS[form], format="joblib")
    report = session.monitor("model", data=FORMS[form])

    assert list(report.drifted) == []
    assert not {"missing_column", "extra_column"} & set(report.drift["statistic"])


OF_SEVERAL_VALUES = {
    "intervals": (np.zeros(len(Y)), np.ones((len(Y), 2))),
    "uneven lists": [[1.0] * (1 + place % 2) for place in range(len(Y))],
    "mappings": [{"mean": 1.5, "low": 1.0}] * len(Y),
    "survival": np.array([(True, 1.5)] * len(Y), dtype=[("event", bool), ("time", float)]),
    "images": np.zeros((len(Y), 2, 2)),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", OF_SEVERAL_VALUES)
def test_predictions_of_several_values_have_no_distribution_and_stop_no_pin(kind: str, tmp_path: Path) -> None:
    """The features are profiled all the same."""
    session = mm.Session(board=tmp_path / "board")
    version = session.pin(Answer(OF_SEVERAL_VALUES[kind]), "model", data=NUMBERS, format="joblib")
    profile = ReferenceProfile.from_bytes(session.board.read_file(version, PROFILE))

    assert set(profile.features) == {"a", "b"}
    assert profile.prediction is None


FORMULA = """
import os, sys, numpy as np, pandas as pd, statsmodels.formula.api as smf
import mlops_magics as mm

def log_plus(x):
    return np.log(x + SHIFT)

SHIFT = 10
frame = pd.DataFrame({"a": np.arange(12.0), "b": np.arange(12.0) % 5, "y": np.arange(12.0) * 2})
model = smf.ols("y ~ log_plus(a) + b", frame).fit()
session = mm.Session(board=sys.argv[1])
version = session.pin(model, "formula", data=frame[["a", "b"]], truth=frame["y"])
print(version.prototype.fault, model.predict(frame[:2]).tolist())
"""


def test_a_formula_with_a_function_of_the_notebook_is_served(tmp_path: Path) -> None:
    """The function that a statsmodels formula names goes with the version; another process answers with it."""
    script, board = tmp_path / "pin.py", tmp_path / "board"
    script.write_text(FORMULA)
    done = subprocess.run([sys.executable, script, board], capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    own = done.stdout.split("[")[1].strip("]\n").split(", ")

    endpoint = mm.Session(board=board).deploy("formula", log=False)
    found = endpoint.predict(pd.DataFrame({"a": [0.0, 1.0], "b": [0.0, 1.0]}))
    endpoint.stop()

    np.testing.assert_allclose(found, [float(each) for each in own])


def test_a_version_that_cannot_answer_is_named_when_it_is_pinned(tmp_path: Path) -> None:
    """A model that fails behind an endpoint is warned of at the pin, and its deployment is refused with the reason."""
    session = mm.Session(board=tmp_path / "board")

    with pytest.warns(UserWarning, match="values for 3 rows"):
        session.pin(AnswersOnce(), "once", data=NUMBERS, format="joblib")
    with pytest.raises(InvalidInput, match="values for 3 rows"):
        session.deploy("once")


class AnswersOnce:
    """Answers fewer values than it has rows."""

    def predict(self, rows: Any) -> Any:
        """Return one value for all rows."""
        return np.array([1.0])


def test_a_model_of_texts_is_monitored_with_the_form_of_its_training(tmp_path: Path) -> None:
    """`monitor` lets the model answer rows without predictions, and hands it texts, not a frame."""
    session = mm.Session(board=tmp_path / "board")
    model = of_texts().fit(pd.Series(TEXTS, name="text"), Y)
    session.pin(model, "texts", data=pd.Series(TEXTS, name="text"), truth=Y, format="joblib")

    report = session.monitor("texts", data=pd.DataFrame({"text": TEXTS, "label": Y}), truth="label")

    measured = report.performance.query("metric == 'accuracy'")["score"]
    assert 1.0 in set(measured)
    assert np.mean(model.predict(TEXTS) == Y) == 1.0
