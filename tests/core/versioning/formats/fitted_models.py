"""One small fitted model of each kind that a format is made for, and the formats that ``auto`` may choose for it."""

from __future__ import annotations

from typing import Any

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
    "catboost": (_catboost, "catboost-json"),
    "statsmodels": (_statsmodels, "joblib"),
    "onnx": (_onnx, "onnx"),
}
