"""Formats: every kind of model comes back predicting the same; nothing unsafe is read from a board nobody trusts."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.compose import make_column_transformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from mlops_magics.core.versioning import Board, Facts, open_board
from mlops_magics.core.versioning.formats.joblib_format import JoblibFormat
from mlops_magics.errors import IntegrityError, InvalidInput, NotTrusted, SerializationError


class Doubling(TransformerMixin, BaseEstimator):
    """A transformer of the user's own."""

    def fit(self, X: Any, y: Any = None) -> Doubling:
        self.fitted_ = True
        return self

    def transform(self, X: Any) -> Any:
        return X * 2


def _labels(rows: pd.DataFrame) -> np.ndarray:
    return (rows["width"] > 0).to_numpy().astype(int)


def _xgboost(rows: pd.DataFrame) -> Any:
    import xgboost

    return xgboost.XGBClassifier(n_estimators=3).fit(rows, _labels(rows))


def _lightgbm(rows: pd.DataFrame) -> Any:
    import lightgbm

    return lightgbm.train({"verbose": -1, "min_data_in_leaf": 2}, lightgbm.Dataset(rows, _labels(rows)), 3)


def _catboost(rows: pd.DataFrame) -> Any:
    catboost = pytest.importorskip("catboost")
    return catboost.CatBoostClassifier(iterations=3, verbose=False, allow_writing_files=False).fit(rows, _labels(rows))


def _statsmodels(rows: pd.DataFrame) -> Any:
    import statsmodels.api as sm

    return sm.OLS(rows.sum(axis=1), rows).fit()


def _onnx(rows: pd.DataFrame) -> Any:
    skl2onnx = pytest.importorskip("skl2onnx")
    fitted = LinearRegression().fit(rows.to_numpy(), rows.sum(axis=1))
    return skl2onnx.to_onnx(fitted, rows.to_numpy()[:1])


MODELS: dict[str, tuple[Any, str]] = {
    "linear": (lambda rows: LinearRegression().fit(rows, rows.sum(axis=1)), "skops"),
    "pipeline": (
        lambda rows: make_pipeline(make_column_transformer((StandardScaler(), ["width"])), LogisticRegression()).fit(
            rows, _labels(rows)
        ),
        "skops",
    ),
    "grid": (
        lambda rows: GridSearchCV(LogisticRegression(), {"C": [1, 10]}, cv=2).fit(rows, _labels(rows)),
        "skops joblib",
    ),
    "forest": (lambda rows: RandomForestClassifier(3, random_state=0).fit(rows, _labels(rows)), "skops joblib"),
    "own transformer": (
        lambda rows: make_pipeline(Doubling(), LogisticRegression()).fit(rows, _labels(rows)),
        "joblib",
    ),
    "function": (lambda rows: lambda frame: frame["width"] * 3, "joblib"),
    "xgboost": (_xgboost, "skops joblib"),
    "lightgbm": (_lightgbm, "lightgbm"),
    "catboost": (_catboost, "catboost"),
    "statsmodels": (_statsmodels, "joblib"),
    "onnx": (_onnx, "onnx"),
}


@pytest.mark.parametrize("kind", MODELS)
@pytest.mark.filterwarnings("ignore")
def test_every_kind_of_model_comes_back_equal(board: Board, rows: pd.DataFrame, kind: str) -> None:
    """`auto` chooses the safest format that is proven, and what is loaded predicts the same."""
    build, formats = MODELS[kind]
    fitted = build(rows)
    version = board.publish(fitted, "model", Facts(example=rows))
    loaded = board.load(version)

    assert version.format in formats.split()
    if kind == "onnx":
        np.testing.assert_allclose(loaded.predict(rows), rows.sum(axis=1), rtol=1e-6)
    else:
        expected = fitted.predict(rows) if hasattr(fitted, "predict") else fitted(rows)
        np.testing.assert_array_equal(loaded.predict(rows), expected)


NOTEBOOK = """
import sys
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from mlops_magics.core.versioning import open_board

FACTOR = 2

class Own(TransformerMixin, BaseEstimator):
    def fit(self, X, y=None):
        self.fitted_ = True
        return self
    def transform(self, X):
        return X * FACTOR

rows = pd.DataFrame({"a": [1.0, 2.0, 3.0]})
model = make_pipeline(Own(), LinearRegression()).fit(rows, [2.0, 4.0, 6.0])
open_board(sys.argv[1]).publish(model, "own", example=rows)
"""


def test_a_class_of_the_notebook_is_read_in_another_process(tmp_path: Path) -> None:
    """Its definition travels by value, with the globals that it uses."""
    subprocess.run([sys.executable, "-c", NOTEBOOK, str(tmp_path / "board")], check=True)
    loaded = open_board(tmp_path / "board").load("own")

    np.testing.assert_allclose(loaded.predict(pd.DataFrame({"a": [5.0]})), [10.0])


class Exploding:
    """What a stranger's pickle does."""

    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> Any:
        return os.mkdir, (str(self.marker),)


def _strangers(place: Path, marker: Path, format: str = "joblib") -> Board:
    """Return a board that somebody else made, with a model that runs code when it is read."""
    board = open_board(place)
    board.publish(Exploding(marker), "gift", Facts(format="joblib"))
    board.distrust()
    return open_board(place)


def test_nothing_of_an_untrusted_board_is_unpickled(tmp_path: Path) -> None:
    """The refusal names the option that trusts; the code did not run."""
    board = _strangers(tmp_path / "board", tmp_path / "ran")
    with pytest.raises(NotTrusted, match="--trust"):
        board.load("gift")
    assert not (tmp_path / "ran").exists()


def test_skops_of_its_own_list_is_read_from_an_untrusted_board(board: Board, rows: pd.DataFrame, model: Any) -> None:
    """A format that runs no code needs no trust."""
    board.publish(model, "line", Facts(format="skops"))
    board.distrust()

    np.testing.assert_array_equal(board.load("line").predict(rows), model.predict(rows))


@pytest.mark.parametrize("kind", ["xgboost", "lightgbm", "catboost", "onnx"])
@pytest.mark.filterwarnings("ignore")
def test_native_formats_of_an_untrusted_board_are_not_read(board: Board, rows: pd.DataFrame, kind: str) -> None:
    """They bring no code, but their readers are no match for a stranger's bytes; the listing says so too."""
    fitted = MODELS[kind][0](rows)
    board.publish(fitted.get_booster() if kind == "xgboost" else fitted, "line", Facts(format=kind))
    board.distrust()

    with pytest.raises(NotTrusted, match=f"a {kind} file is read by a library that trusts"):
        board.load("line")
    assert not board.versions("line")["trusted"].any()


@pytest.mark.parametrize("format", ["skops", "xgboost", "lightgbm", "catboost", "keras", "torch"])
def test_a_pickle_that_claims_another_format_is_never_unpickled(tmp_path: Path, format: str) -> None:
    """Declared type × actual bytes: the reader goes by both, and never falls back."""
    from mlops_magics.core.versioning.formats.registry import handlers

    board = open_board(tmp_path / "board")
    marker = tmp_path / "ran"
    bytes_ = pickle.dumps(Exploding(marker))

    class Lying:
        name, suffix, magic, runs_code, sequential = format, handlers()[format].suffix, (), False, False

        def write(self, model: Any, stream: Any) -> None:
            stream.write(bytes_)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("mlops_magics.core.versioning.formats.registry.handler", lambda name: Lying())
        board.publish(object(), "gift", Facts(format=format))
    with pytest.raises(IntegrityError, match=f"is no {format} file"):
        board.load("gift")
    assert not marker.exists()


def test_a_board_that_replaced_a_trusted_one_is_not_trusted(tmp_path: Path, model: Any) -> None:
    """Trust belongs to the board, not to its place."""
    ours = open_board(tmp_path / "board")
    ours.publish(model, "line")
    strangers = _strangers(tmp_path / "other", tmp_path / "ran")
    (tmp_path / "board").rename(tmp_path / "aside")
    Path(strangers.url).rename(tmp_path / "board")

    assert not open_board(tmp_path / "board").trusted
    with pytest.raises(NotTrusted):
        open_board(tmp_path / "board").load("gift")


def test_a_format_that_does_not_fit_is_refused(board: Board, model: Any) -> None:
    """An unknown word names what exists; a format of another library says so."""
    with pytest.raises(InvalidInput, match="did you mean 'skops'"):
        board.publish(model, "line", Facts(format="skop"))
    with pytest.raises(SerializationError, match="xgboost"):
        board.publish(model, "line", Facts(format="xgboost"))


LARGE_ARRAYS: dict[str, Callable[[], Any]] = {
    "plain": lambda: np.random.default_rng(0).integers(0, 255, 30_000_001, dtype=np.uint8),
    "columns first": lambda: np.asfortranarray(np.random.default_rng(0).random((2_000, 1_500))),
    "records": lambda: np.zeros(700_000, dtype=[("left", "<i8"), ("gini", "<f8"), ("flag", "?")]),
    "times": lambda: np.arange(3_000_000).astype("datetime64[s]").reshape(3, -1),
    "other byte order": lambda: np.arange(3_000_000, dtype=">f8"),
    "objects": lambda: np.array([{"a": 1}, None] * 10, dtype=object),
}


@pytest.mark.parametrize("kind", LARGE_ARRAYS)
def test_large_arrays_come_back_as_they_were(board: Board, kind: str) -> None:
    """What is read straight into its own memory has the values, dtype, order and rights that joblib gives it."""
    stored = {"before": np.arange(5), "large": LARGE_ARRAYS[kind](), "between": "text", "last": np.ones(2_000_000)}
    version = board.publish(stored, "large", Facts(format="joblib"))
    loaded = board.load(version)
    expected = joblib.load(Path(board.url) / "large" / version.version / version.file)

    assert loaded.keys() == stored.keys()
    for name in ("before", "large", "last"):
        np.testing.assert_array_equal(loaded[name], stored[name])
        assert loaded[name].dtype == expected[name].dtype
        assert str(loaded[name].flags) == str(expected[name].flags)
    assert loaded["between"] == "text"


def test_a_compressed_file_of_another_writer_is_read(board: Board) -> None:
    """joblib tells compressed files by their first bytes."""
    version = board.publish({"values": np.arange(3)}, "small", Facts(format="joblib"))
    path = Path(board.url) / "small" / version.version / version.file
    joblib.dump({"values": np.arange(3)}, path, compress=3)

    with path.open("rb") as stream:
        assert JoblibFormat().read(stream)["values"].tolist() == [0, 1, 2]


@pytest.mark.parametrize("place", [100, 5_000_000, 17_000_000, 29_999_990])
def test_a_damaged_block_of_a_large_model_never_reaches_the_unpickler(board: Board, place: int) -> None:
    """Large files are verified block by block while they are read, wherever the damage is."""
    values = np.random.default_rng(0).integers(0, 255, 30_000_000, dtype=np.uint8)
    version = board.publish({"values": values, "after": [1]}, "large", Facts(format="joblib"))
    path = Path(board.url) / "large" / version.version / version.file

    with path.open("r+b") as stream:
        stream.seek(place + 150)
        stream.write(b"\0\1\2\3")
    with pytest.raises(IntegrityError):
        board.load(version)
    assert joblib.load(path) is not None
