"""A model behind an endpoint is a fitted estimator: for people, for scikit-learn, and without scikit-learn."""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone, is_classifier, is_regressor
from sklearn.ensemble import VotingClassifier
from sklearn.inspection import partial_dependence, permutation_importance
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils.validation import check_is_fitted

import mlops_magics as mm
from mlops_magics.core.deploying.clients.endpoint_model import EndpointModel
from mlops_magics.core.deploying.endpoints.remote_model import RemoteModel
from mlops_magics.errors import DataMismatch, EndpointError, InvalidInput

RANDOM = np.random.default_rng(0)
ROWS = pd.DataFrame(RANDOM.normal(size=(60, 3)), columns=["a", "b", "c"])
LABELS = np.where(ROWS["a"] + ROWS["b"] > 0, "yes", "no")
NUMBERS = 2.0 * ROWS["a"] - ROWS["c"]


@dataclass(frozen=True)
class Served:
    """Two models behind one endpoint, and the estimators that ask it."""

    session: mm.Session
    endpoint: Any
    own: dict[str, Any]
    remote: dict[str, RemoteModel]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Deploy a classifier and a regressor that was trained on an array."""
    root = tmp_path_factory.mktemp("remote")
    own = {
        "labels": LogisticRegression().fit(ROWS, LABELS),
        "numbers": LinearRegression().fit(ROWS.to_numpy(), NUMBERS),
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLOPS_MAGICS_STATE", str(root / "state"))
        session = mm.Session(board=root / "board")
        session.pin(own["labels"], "labels", data=ROWS, truth=LABELS)
        session.pin(own["numbers"], "numbers", data=ROWS.to_numpy(), truth=NUMBERS)
        endpoint = session.deploy("labels", also=["numbers"])
        try:
            yield Served(session, endpoint, own, {name: session.remote(name) for name in own})
        finally:
            endpoint.stop()


def test_its_methods_and_attributes_are_the_models(served: Served) -> None:
    """Every method that the model has answers as the model does; the others are not there."""
    for name, remote in served.remote.items():
        own, rows = served.own[name], ROWS if name == "labels" else ROWS.to_numpy()
        for method in ("predict", "predict_proba", "decision_function", "transform"):
            assert hasattr(remote, method) == hasattr(own, method)
            if hasattr(own, method):
                found, expected = getattr(remote, method)(rows), getattr(own, method)(rows)
                compare = np.testing.assert_allclose if expected.dtype.kind == "f" else np.testing.assert_array_equal
                compare(found, expected)
        assert remote.n_features_in_ == own.n_features_in_
        truth = LABELS if name == "labels" else NUMBERS
        assert remote.score(rows, truth) == pytest.approx(own.score(rows, truth))
    assert list(served.remote["labels"].classes_) == list(served.own["labels"].classes_)
    assert list(served.remote["labels"].feature_names_in_) == ["a", "b", "c"]
    for name, attribute in (("numbers", "classes_"), ("numbers", "feature_names_in_"), ("labels", "coef_")):
        assert not hasattr(served.remote[name], attribute)


def test_scikit_learn_takes_it_for_the_fitted_model(served: Served) -> None:
    """Inspection, cross-validation, pipelines, votes and clones answer as with the model itself."""
    remote, own = served.remote["labels"], served.own["labels"]
    check_is_fitted(remote)
    assert is_classifier(remote)
    assert is_regressor(served.remote["numbers"])
    assert clone(remote).get_params()["url"] == remote.url

    for tool in (
        lambda model: permutation_importance(model, ROWS, LABELS, n_repeats=2, random_state=0).importances_mean,
        lambda model: partial_dependence(model, ROWS, ["a"], grid_resolution=4, response_method="predict_proba")[
            "average"
        ],
        lambda model: (
            make_pipeline(FunctionTransformer(lambda rows: rows[["c", "b", "a"]]), model).fit(ROWS).predict(ROWS)
            if model is remote
            else model.predict(ROWS)
        ),
    ):
        found, expected = tool(remote), tool(own)
        compare = np.testing.assert_allclose if expected.dtype.kind == "f" else np.testing.assert_array_equal
        compare(found, expected)
    token = {"token": served.endpoint.token}
    whole = cross_val_predict(remote.set_params(**token), ROWS, LABELS, cv=3)
    np.testing.assert_array_equal(whole, own.predict(ROWS))
    vote = VotingClassifier([("own", own), ("remote", remote)], voting="soft").fit(ROWS, LABELS)
    np.testing.assert_array_equal(vote.predict(ROWS), own.predict(ROWS))


def test_many_rows_go_in_several_requests(served: Served) -> None:
    """However many rows a request may have, the answers are in order."""
    remote = RemoteModel(served.endpoint.url, served.endpoint.token, rows=7)

    for rows in (ROWS, ROWS.to_dict("list"), ROWS.to_dict("records")):
        np.testing.assert_array_equal(remote.predict(rows), served.own["labels"].predict(ROWS))


def test_faults_are_one_line(served: Served) -> None:
    """A missing column is named before anything is sent; a wrong token, model or address is one line."""
    remote = RemoteModel(served.endpoint.url, served.endpoint.token)
    with pytest.raises(DataMismatch, match="Missing column 'b'"):
        remote.predict(ROWS[["a", "c"]])
    with pytest.raises(InvalidInput, match="no parameter"):
        remote.set_params(depth=3)
    for wrong, error in (
        (RemoteModel(served.endpoint.url, "wrong"), "oken"),
        (RemoteModel(served.endpoint.url, served.endpoint.token, model="finches"), "no model 'finches'"),
        (RemoteModel("http://127.0.0.1:9"), "does not answer"),
    ):
        with pytest.raises(EndpointError, match=error) as refused:
            wrong.predict(ROWS)
        assert "\n" not in str(refused.value)


def test_a_busy_endpoint_is_asked_again(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three refusals for too many requests are waited for; any other refusal is not."""
    remote = RemoteModel(served.endpoint.url, served.endpoint.token)
    waits: list[float] = []
    monkeypatch.setattr("mlops_magics.core.deploying.clients.endpoint_model.time.sleep", waits.append)
    statuses = [503, 429, 503]

    def busy() -> str:
        if statuses:
            raise EndpointError("busy", statuses.pop())
        return "answered"

    assert remote._patiently(busy) == "answered"
    assert waits == [0.25, 0.5, 1.0]
    with pytest.raises(EndpointError):
        remote._patiently(lambda: (_ for _ in ()).throw(EndpointError("gone", 404)))
    assert len(waits) == 3


def test_neither_text_nor_pickle_holds_the_token(served: Served) -> None:
    """What is printed or stored of it can be read by others."""
    remote = RemoteModel(served.endpoint.url, served.endpoint.token)

    assert served.endpoint.token not in repr(remote)
    assert served.endpoint.token.encode() not in pickle.dumps(remote)


def test_a_copy_in_another_process_finds_the_endpoint_of_this_machine(served: Served) -> None:
    """joblib sends the estimator to its processes as a pickle. Of an endpoint elsewhere the token is requested."""
    copy = pickle.loads(pickle.dumps(clone(served.remote["labels"])))
    elsewhere = pickle.loads(pickle.dumps(EndpointModel(served.endpoint.url, served.endpoint.token)))
    folder = str(Path(served.session.board.url).parent / "state")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLOPS_MAGICS_STATE", folder)

        assert copy.predict(ROWS).tolist() == served.own["labels"].predict(ROWS).tolist()
    with pytest.raises(EndpointError, match=r"set_params\(token=") as refused:
        elsewhere.predict(ROWS)
    assert refused.value.status == 401


def test_a_model_that_nothing_serves_is_named(served: Served, tmp_path: Path) -> None:
    """The error has the line that starts an endpoint."""
    session = mm.Session(board=tmp_path / "board")
    session.pin(served.own["labels"], "alone", data=ROWS, truth=LABELS)

    with pytest.raises(EndpointError, match="%deploy alone"):
        session.remote("alone")
    assert type(session.usable("alone")) is LogisticRegression


WITHOUT = """
import sys
class Gone:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "sklearn":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Gone())
import mlops_magics as mm
session = mm.Session(board=sys.argv[1])
model = session.usable("labels")
print(type(model).__name__, model.predict([{"a": 3.0, "b": 3.0, "c": 0.0}])[0], model.classes_.tolist())
"""


def test_without_its_library_the_endpoint_is_asked(served: Served) -> None:
    """In a process in which scikit-learn cannot be imported, `%use` gives a model that predicts."""
    state = str(Path(served.session.board.url).parent / "state")
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT, served.session.board.url],
        capture_output=True, text=True, check=False, timeout=120, env={"MLOPS_MAGICS_STATE": state, "PATH": "/usr/bin"},
    )  # fmt: skip

    assert done.stdout.strip() == "RemoteModel yes ['no', 'yes']", done.stderr
