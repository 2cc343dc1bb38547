"""Fitted models of each kind that is read without trust: forests, boosted trees, neighbours, boosters, pipelines."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from sklearn import ensemble, neighbors, tree
from sklearn.calibration import CalibratedClassifierCV
from sklearn.cluster import FeatureAgglomeration, KMeans
from sklearn.compose import TransformedTargetRegressor, make_column_transformer
from sklearn.datasets import make_classification
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, SplineTransformer, StandardScaler
from sklearn.svm import SVC, SVR, OneClassSVM

X, Y = make_classification(150, 6, n_informative=4, n_redundant=0, n_classes=3, random_state=0)
NUMBERS = X[:, 0] * 2 + X[:, 1]
FRAME = pd.DataFrame(X, columns=list("abcdef"))
MIXED = FRAME.assign(c=np.array(list("wxyz"), dtype=object)[(Y + (X[:, 2] > 0)) % 4])
CATEGORIES = MIXED.assign(c=MIXED["c"].astype("category"))
GAPS = np.where(X > 1.5, np.nan, X)
WORDS = np.array([f"w{i % 7} x{i % 3} w{i % 5} yy" for i in range(150)], dtype=object)
SETTINGS = {"verbose": -1, "n_estimators": 4, "num_leaves": 5}


def _sparse() -> Any:
    from scipy.sparse import csr_matrix

    return csr_matrix(np.where(X > 0, X, 0))


def _columns(model: Any) -> Any:
    encoder = OneHotEncoder(handle_unknown="ignore", min_frequency=20)
    return make_pipeline(
        make_column_transformer((encoder, ["c"]), (StandardScaler(), ["a", "b"]), remainder="passthrough"), model
    )


def _scaled(model: Any) -> Any:
    return make_pipeline(StandardScaler(), model)


def _xgboost(kind: str, rows: Any, target: Any, **options: Any) -> tuple[Any, Any]:
    import xgboost

    return getattr(xgboost, kind)(n_estimators=3, max_depth=3, **options).fit(rows, target), rows


def _lightgbm(kind: str, rows: Any, target: Any, **options: Any) -> tuple[Any, Any]:
    import lightgbm

    return getattr(lightgbm, kind)(**{**SETTINGS, **options}).fit(rows, target), rows


def _catboost(kind: str, rows: Any, target: Any, **options: Any) -> tuple[Any, Any]:
    import catboost

    model = getattr(catboost, kind)(iterations=3, depth=3, verbose=False, allow_writing_files=False, **options)
    return model.fit(rows, target), rows


def _fit(model: Any, rows: Any, target: Any = Y) -> tuple[Any, Any]:
    return model.fit(rows, target), rows


def _stack() -> tuple[Any, Any]:
    import xgboost

    members = [
        ("forest", ensemble.RandomForestClassifier(9, random_state=0)),
        ("neighbours", neighbors.KNeighborsClassifier()),
        ("hist", ensemble.HistGradientBoostingClassifier(max_iter=2)),
        ("boosted", ensemble.GradientBoostingClassifier(n_estimators=2)),
        ("xgboost", xgboost.XGBClassifier(n_estimators=2)),
    ]
    return _fit(ensemble.StackingClassifier(members, cv=2), X)


BUILDERS: dict[str, Callable[[], tuple[Any, Any]]] = {
    "tree": lambda: _fit(tree.DecisionTreeClassifier(random_state=0), X),
    "tree, pruned": lambda: _fit(tree.DecisionTreeRegressor(ccp_alpha=0.01), X, NUMBERS),
    "tree of one leaf": lambda: _fit(tree.DecisionTreeClassifier(), X, np.zeros(150)),
    "forest": lambda: _fit(ensemble.RandomForestClassifier(12, random_state=0), FRAME, np.array(list("abc"))[Y]),
    "forest with gaps": lambda: _fit(ensemble.RandomForestRegressor(10), GAPS, NUMBERS),
    "forest of two targets": lambda: _fit(ensemble.RandomForestClassifier(10), X, np.c_[Y, Y % 2]),
    "forest of few trees": lambda: _fit(ensemble.ExtraTreesClassifier(3), X),
    "forest on sparse rows": lambda: _fit(ensemble.ExtraTreesRegressor(9), _sparse(), NUMBERS),
    "gradient boosting": lambda: _fit(ensemble.GradientBoostingClassifier(n_estimators=4), X),
    "gradient boosting, one column": lambda: _fit(ensemble.GradientBoostingRegressor(n_estimators=9), X, NUMBERS),
    "hist gradient boosting": lambda: _fit(ensemble.HistGradientBoostingRegressor(max_iter=5), GAPS, NUMBERS),
    "hist gradient boosting of categories": lambda: _fit(
        ensemble.HistGradientBoostingClassifier(max_iter=3, categorical_features="from_dtype", min_samples_leaf=5),
        CATEGORIES,
    ),
    "isolation forest": lambda: _fit(ensemble.IsolationForest(n_estimators=9, max_features=0.5), X),
    "bagged trees": lambda: _fit(ensemble.BaggingClassifier(tree.DecisionTreeClassifier(), 9, max_features=0.5), X),
    "bagged neighbours": lambda: _fit(ensemble.BaggingClassifier(neighbors.KNeighborsClassifier(), 2), X),
    "adaboost": lambda: _fit(ensemble.AdaBoostClassifier(n_estimators=9), X),
    "stack": _stack,
    "vote": lambda: _fit(
        ensemble.VotingClassifier([("a", tree.DecisionTreeClassifier()), ("b", LogisticRegression())]), X
    ),
    "merged features": lambda: _fit(make_pipeline(FeatureAgglomeration(3), LogisticRegression()), X),
    "neighbours in a k-d tree": lambda: _fit(neighbors.KNeighborsClassifier(algorithm="kd_tree"), X),
    "neighbours in a ball tree": lambda: _fit(
        neighbors.KNeighborsRegressor(algorithm="ball_tree", p=3, weights="distance"), X, NUMBERS
    ),
    "neighbours without a tree": lambda: _fit(neighbors.KNeighborsClassifier(algorithm="brute"), X),
    "neighbours of sparse rows": lambda: _fit(neighbors.KNeighborsClassifier(), _sparse()),
    "outliers by neighbours": lambda: _fit(neighbors.LocalOutlierFactor(novelty=True), X, None),
    "density": lambda: _fit(neighbors.KernelDensity(), X, None),
    "columns and forest": lambda: _fit(_columns(ensemble.RandomForestClassifier(9, random_state=0)), MIXED),
    "columns and boosting": lambda: _fit(_columns(ensemble.HistGradientBoostingClassifier(max_iter=2)), MIXED),
    "words and forest": lambda: _fit(make_pipeline(TfidfVectorizer(), ensemble.RandomForestClassifier(9)), WORDS),
    "grid search": lambda: _fit(
        GridSearchCV(ensemble.RandomForestClassifier(9), {"max_depth": [2, None]}, cv=2, scoring="f1_macro"), X
    ),
    "calibrated forest": lambda: _fit(CalibratedClassifierCV(ensemble.RandomForestClassifier(9), cv=2), X),
    "calibrated by steps": lambda: _fit(
        CalibratedClassifierCV(tree.DecisionTreeClassifier(max_depth=3), cv=2, method="isotonic"), X
    ),
    "support vectors": lambda: _fit(SVC(probability=False), X),
    "support vector regression": lambda: _fit(SVR(), X, NUMBERS),
    "one class": lambda: _fit(OneClassSVM(), X, None),
    "clusters": lambda: _fit(KMeans(3, n_init=1), X, None),
    "network": lambda: _fit(MLPClassifier((4,), max_iter=5), X),
    "gaussian process": lambda: _fit(GaussianProcessRegressor(), X[:40], NUMBERS[:40]),
    "splines": lambda: _fit(make_pipeline(SplineTransformer(), LogisticRegression()), X),
    "logarithms": lambda: _fit(
        make_pipeline(FunctionTransformer(np.log1p), ensemble.RandomForestRegressor(9)), abs(X), NUMBERS
    ),
    "target in logarithms": lambda: _fit(
        TransformedTargetRegressor(ensemble.RandomForestRegressor(9), func=np.log1p, inverse_func=np.expm1),
        X,
        abs(NUMBERS),
    ),
    "xgboost": lambda: _xgboost("XGBClassifier", FRAME, Y),
    "xgboost of categories": lambda: _xgboost("XGBClassifier", CATEGORIES, Y, enable_categorical=True),
    "xgboost, linear": lambda: _xgboost("XGBRegressor", X, NUMBERS, booster="gblinear"),
    "xgboost, dart": lambda: _xgboost("XGBRegressor", GAPS, NUMBERS, booster="dart"),
    "xgboost of two targets": lambda: _xgboost(
        "XGBRegressor", X, np.c_[NUMBERS, Y], multi_strategy="multi_output_tree"
    ),
    "xgboost forest": lambda: _xgboost("XGBRFRegressor", X, NUMBERS),
    "lightgbm": lambda: _lightgbm("LGBMClassifier", FRAME, Y),
    "lightgbm of categories": lambda: _lightgbm(
        "LGBMClassifier", CATEGORIES, Y, max_cat_to_onehot=1, min_data_per_group=1, cat_smooth=1
    ),
    "lightgbm, linear leaves": lambda: _lightgbm("LGBMRegressor", GAPS, NUMBERS, linear_tree=True),
    "catboost": lambda: _catboost("CatBoostClassifier", FRAME, np.array(list("abc"))[Y]),
    "catboost of two categories": lambda: _catboost(
        "CatBoostRegressor", MIXED.assign(c=MIXED["c"] > "x"), NUMBERS, cat_features=["c"], one_hot_max_size=2
    ),
    "scaled catboost": lambda: _fit(
        make_pipeline(StandardScaler(), _catboost("CatBoostRegressor", X, NUMBERS)[0]), X, NUMBERS
    ),
    "scaled lightgbm": lambda: _fit(_columns(_lightgbm("LGBMRegressor", X, NUMBERS)[0]), MIXED, NUMBERS),
}
"""Kind → a function that returns a fitted model and rows that it predicts."""


@functools.cache
def build(kind: str) -> tuple[Any, Any]:
    """Return a fitted model of a kind and rows that it predicts, without the warnings of its fit."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return BUILDERS[kind]()


def answers(model: Any, rows: Any) -> list[Any]:
    """Return all predictions of a model as arrays, in the order of its methods."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = [getattr(model, method)(rows) for method in METHODS if hasattr(model, method)]
    return [np.hstack(each) if isinstance(each, list) else np.asarray(each) for each in found]


METHODS = ("predict", "predict_proba", "decision_function", "score_samples")
