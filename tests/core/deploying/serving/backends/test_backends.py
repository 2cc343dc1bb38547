"""Faster ways to the same answers, and the falling back where they are not the same."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator
from sklearn.compose import ColumnTransformer
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import ExtraTreesClassifier, ExtraTreesRegressor, RandomForestClassifier, RandomForestRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import (
    BayesianRidge,
    HuberRegressor,
    Lasso,
    LinearRegression,
    LogisticRegression,
    Ridge,
    SGDRegressor,
)
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, MinMaxScaler, OneHotEncoder, StandardScaler

from mlops_magics.core.deploying.contract.model_options import ServingOptions
from mlops_magics.core.deploying.serving.backends import flat_trees
from mlops_magics.core.deploying.serving.backends.backend import NativeBackend
from mlops_magics.core.deploying.serving.backends.choice import answerable, choose
from mlops_magics.core.deploying.serving.backends.equivalence_rows import equivalence_table
from mlops_magics.core.deploying.serving.backends.single_job import single_job, with_single_job
from mlops_magics.core.deploying.serving.loaded_model import LoadedModel
from mlops_magics.core.deploying.validation.check import Check
from mlops_magics.core.deploying.validation.layout import Layout, Table
from mlops_magics.core.versioning import Prototype
from tests.core.deploying.conftest import Pinned, numbers

NUMBERS = ["x 0", "x-1", "x2", "x3"]


def rows_with_city() -> pd.DataFrame:
    return numbers().assign(city=np.random.default_rng(2).choice(["Bern", "Rome", "Oslo"], 200))


def chosen(model: Any, rows: Any, method: str = "predict", **options: Any) -> Any:
    layout = Layout(Prototype.from_data(rows))
    return choose(model, method, layout, equivalence_table(Check(layout)), ServingOptions(**options)).timed()


def assert_equal_on(choice: Any, model: Any, rows: pd.DataFrame, method: str) -> None:
    check = Check(Layout(Prototype.from_data(rows)))
    for size in (1, 7, 200):
        table = check.columns({name: rows[name].tolist()[:size] for name in rows})
        expected, found = NativeBackend(model, method)(table), choice.backend(table)
        if expected.dtype.kind == "f":
            np.testing.assert_allclose(found, expected, rtol=1e-12)
        else:
            np.testing.assert_array_equal(found, expected)


def test_numbers_go_as_an_array() -> None:
    """A model on float columns is asked without a frame, and answers the same."""
    rows = numbers()
    model = KNeighborsRegressor().fit(rows, rows.sum(axis=1))

    choice = chosen(model, rows)

    assert choice.backend.name == "array"
    assert_equal_on(choice, model, rows, "predict")
    assert list(model.feature_names_in_) == list(rows.columns)


def test_a_pipeline_of_numbers_goes_as_an_array() -> None:
    """Every step of a pipeline forgets the names in the copy only."""
    rows = numbers()
    model = make_pipeline(StandardScaler(), GaussianNB()).fit(rows, rows["x2"] > 0)

    choice = chosen(model, rows, "predict_proba")

    assert choice.backend.name == "array"
    assert_equal_on(choice, model, rows, "predict_proba")


LABELS = {
    "two": lambda rows: np.where(rows["x2"] > 0, "yes", "no"),
    "three": lambda rows: np.digitize(rows["x2"], [-0.5, 0.5]),
}


@pytest.mark.parametrize("kind", [LinearRegression, Ridge, Lasso, SGDRegressor, BayesianRidge, HuberRegressor])
@pytest.mark.parametrize("behind", [(), (SimpleImputer(), StandardScaler())], ids=["alone", "scaled"])
def test_linear_regressions_are_a_product_and_a_sum(kind: Any, behind: tuple[Any, ...]) -> None:
    """Their answers are computed from the coefficients, and are the model's own."""
    rows = numbers()
    model = make_pipeline(*behind, kind()) if behind else kind()
    model.fit(rows, rows.sum(axis=1) + 3.0)

    choice = chosen(model, rows)

    assert choice.backend.name == "linear"
    assert_equal_on(choice, model, rows, "predict")
    assert list(model.feature_names_in_) == list(rows.columns)


@pytest.mark.parametrize("labels", LABELS.values(), ids=LABELS)
@pytest.mark.parametrize("method", ["predict", "predict_proba", "decision_function"])
def test_linear_classifiers_are_a_product_and_a_sum(labels: Any, method: str) -> None:
    """Labels, probabilities and scores, on mixed columns behind a ColumnTransformer too."""
    rows = rows_with_city()
    parts = [("n", StandardScaler(), NUMBERS), ("c", OneHotEncoder(handle_unknown="ignore"), ["city"])]
    model = make_pipeline(ColumnTransformer(parts), LogisticRegression()).fit(rows, labels(rows))

    choice = chosen(model, rows, method)

    assert choice.backend.name == "linear"
    assert_equal_on(choice, model, rows, method)


def test_several_targets_are_a_product_and_a_sum() -> None:
    """A row of answers for each row."""
    rows = numbers()
    model = LinearRegression().fit(rows, rows[["x2", "x3"]] * 2.0)

    choice = chosen(model, rows)

    assert choice.backend.name == "linear"
    assert_equal_on(choice, model, rows, "predict")


def test_what_is_not_finite_is_for_the_model_itself() -> None:
    """A missing value that the prototype admits and the model does not is refused in the model's own words."""
    rows = numbers()
    model = LinearRegression().fit(rows, rows.sum(axis=1))
    layout = Layout(Prototype.from_data(rows.mask(rows > 2.0)))
    choice = choose(model, "predict", layout, equivalence_table(Check(layout)), ServingOptions())
    assert choice.backend.name == "linear"

    with pytest.raises(ValueError, match="contains NaN"):
        choice.backend(Check(layout).records([dict.fromkeys(layout.names)]))


def test_scores_of_another_kind_are_not_guessed() -> None:
    """A classifier that computes its scores in a way of its own is asked itself."""
    rows = numbers()
    model = LinearDiscriminantAnalysis().fit(rows, rows["x2"] > 0)

    assert chosen(model, rows).backend.name == "array"


@pytest.mark.parametrize(
    "kind", [RandomForestClassifier, ExtraTreesClassifier, RandomForestRegressor, ExtraTreesRegressor]
)
@pytest.mark.parametrize("unknown", ["ignore", "error"])
def test_forests_on_mixed_columns_go_through_their_trees(kind: Any, unknown: str) -> None:
    """A forest behind scaling and one-hot coding gives the same bits; what is not rebuilt here keeps its own way."""
    rows = rows_with_city()
    parts = [("n", StandardScaler(), NUMBERS), ("c", OneHotEncoder(handle_unknown=unknown), ["city"])]
    model = make_pipeline(ColumnTransformer(parts), kind(15, random_state=0)).fit(rows, (rows["x2"] > 0).astype(int))

    choice = chosen(model, rows)

    assert choice.backend.name == ("trees" if unknown == "ignore" else "frame")
    assert_equal_on(choice, model, rows, "predict")


@pytest.mark.parametrize("kind", [RandomForestClassifier, ExtraTreesRegressor])
@pytest.mark.parametrize("most", [0, 10**9], ids=["each tree", "all at once"])
def test_missing_values_go_where_the_trees_send_them(kind: Any, most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A forest that learned from missing values gives the same bits, in one table or, where that is too large, not."""
    monkeypatch.setattr(flat_trees, "MOST_NODES", most)
    rows = numbers().mask(numbers().abs() < 0.2)
    model = kind(15, random_state=0).fit(rows, rows["x2"] > 0)

    choice = chosen(model, rows)

    assert choice.backend.name == "trees"
    for place in range(30):
        row = Check(Layout(Prototype.from_data(rows))).columns({name: rows[name].tolist()[place:][:1] for name in rows})
        np.testing.assert_array_equal(choice.backend(row), NativeBackend(model, "predict")(row))


def test_imputing_scaling_and_passing_through_are_rebuilt() -> None:
    """Chains of plain transformers are rebuilt, missing values included."""
    rows = rows_with_city()
    rows.loc[::5, "x2"] = np.nan
    parts = [
        ("i", make_pipeline(SimpleImputer(strategy="median"), MinMaxScaler()), ["x2", "x3"]),
        ("p", "passthrough", ["x 0"]),
        ("f", FunctionTransformer(), ["x-1"]),
        ("c", OneHotEncoder(handle_unknown="ignore"), ["city"]),
    ]
    model = make_pipeline(ColumnTransformer(parts), RandomForestClassifier(15, random_state=0)).fit(
        rows, rows["x3"] > 0
    )

    choice = chosen(model, rows, "predict_proba")

    assert choice.backend.name == "trees"
    assert_equal_on(choice, model, rows, "predict_proba")


@pytest.mark.parametrize("columns", [slice("x 0", "x2"), slice(0, 2), [True, False, True, False], [-1, 0], 2])
def test_columns_that_are_chosen_in_other_ways_are_for_the_model_itself(columns: Any) -> None:
    """A ColumnTransformer takes slices, marks and places from the end too. None of them stops a deployment."""
    rows = numbers()
    parts = [
        ("s", SimpleImputer() if columns != 2 else FunctionTransformer(np.reshape, kw_args={"shape": (-1, 1)}), columns)
    ]
    model = make_pipeline(ColumnTransformer(parts, remainder="drop"), LinearRegression()).fit(rows, rows["x3"])

    assert_equal_on(chosen(model, rows), model, rows, "predict")


class Moody(BaseEstimator):
    """Answers otherwise when it is asked without names."""

    def fit(self, rows: Any, truth: Any = None) -> Moody:
        self.feature_names_in_ = np.array(rows.columns)
        return self

    def predict(self, rows: Any) -> np.ndarray:
        return np.full(len(rows), 1.0 if hasattr(rows, "columns") else 2.0)


def test_a_way_that_differs_is_not_taken() -> None:
    """Proof on the example rows decides, not the type of the model."""
    Moody.__module__ = "sklearn.moody"
    rows = numbers()

    choice = chosen(Moody().fit(rows), rows)

    assert choice.backend.name == "frame"
    assert "no faster way" in choice.reason


class Touchy(BaseEstimator):
    """Answers arrays of small numbers only, and frames of all."""

    def fit(self, rows: Any, truth: Any = None) -> Touchy:
        self.feature_names_in_ = np.array(rows.columns)
        return self

    def predict(self, rows: Any) -> np.ndarray:
        if not hasattr(rows, "columns") and (rows > 100).any():
            raise KeyError("too large for an array")
        return np.asarray(rows).sum(axis=1)


def test_rows_that_a_wide_model_refuses_are_found_in_few_calls() -> None:
    """Of 40 texts the model knows three each: the example rows without an unseen one are kept, all others left out."""
    random = np.random.default_rng(0)
    rows = pd.DataFrame({f"x{place}": random.normal(size=100) for place in range(160)})
    texts = pd.DataFrame({f"c{place}": random.choice(["a", "b", "c"], 100) for place in range(40)})
    encoder = ColumnTransformer([("texts", OneHotEncoder(), list(texts))], remainder="passthrough")
    whole = pd.concat([rows, texts], axis=1)
    model = make_pipeline(encoder, LinearRegression()).fit(whole, rows["x0"])
    table = equivalence_table(Check(Layout(Prototype.from_data(whole))))
    assert table is not None
    calls = []

    def backend(part: Table) -> Any:
        calls.append(part.n_rows)
        return NativeBackend(model, "predict")(part)

    kept = answerable(backend, table)

    assert kept is not None
    assert kept.n_rows == table.n_rows - 40
    assert len(calls) < table.n_rows // 3


def test_a_way_that_fails_later_is_left_for_the_models_own(line: Pinned) -> None:
    """A request that a faster way cannot answer, but the model can, is answered; the report says what happened."""
    Touchy.__module__ = "sklearn.touchy"
    serving = LoadedModel(line.version, Touchy().fit(line.rows))
    assert serving.choice("predict").backend.name == "array"

    table = serving.check.records([dict.fromkeys(serving.layout.names, 1000.0)])
    assert serving.predict("predict", table).tolist() == [1000.0 * len(serving.layout.names)]
    assert serving.report()["predict"] == {"path": "frame", "reason": "the array path failed on a request (KeyError)"}


def test_exact_takes_no_faster_way() -> None:
    """Who asks for exact answers gets the model's own way."""
    rows = numbers()

    assert chosen(LinearRegression().fit(rows, rows.sum(axis=1)), rows, exact=True).backend.name == "frame"


def test_arrays_stay_arrays() -> None:
    """A model that was trained on an array is asked with one."""
    rows = numbers().to_numpy()

    choice = chosen(KNeighborsRegressor().fit(rows, rows.sum(axis=1)), rows)

    assert choice.backend.name == "frame"
    assert choice.seconds > 0


def test_onnx_says_how_far_it_is_from_the_model() -> None:
    """`engine="onnx"` is taken with its largest difference, and only where labels are equal."""
    pytest.importorskip("skl2onnx")
    pytest.importorskip("onnxruntime")
    rows = rows_with_city()
    parts = [("n", StandardScaler(), NUMBERS), ("c", OneHotEncoder(handle_unknown="ignore"), ["city"])]
    model = make_pipeline(ColumnTransformer(parts), RandomForestClassifier(15, random_state=0)).fit(
        rows, rows["x2"] > 0
    )

    choice = chosen(model, rows, "predict_proba", engine="onnx")

    assert choice.backend.name == "onnx"
    assert "largest difference" in choice.reason


def test_a_model_of_many_jobs_uses_one_for_a_few_rows() -> None:
    """In a pipeline and below a column transformer too; the model itself keeps its jobs, for many rows."""
    rows = numbers()
    scale = ColumnTransformer([("all", StandardScaler(), list(rows))], n_jobs=2)
    forest = RandomForestClassifier(5, n_jobs=-1, random_state=0)
    model = make_pipeline(scale, forest).fit(rows, rows["x2"] > 0)

    twin = single_job(model)

    assert [step.n_jobs for step in twin] == [1, 1]
    assert [step.n_jobs for step in model] == [2, -1]
    np.testing.assert_array_equal(with_single_job(model, "predict")(rows), model.predict(rows))
    assert single_job(StandardScaler().fit(rows)).n_features_in_ == 4
    plain = RandomForestClassifier(5)
    assert single_job(plain) is plain
