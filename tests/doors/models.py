"""Ordinary models with the data that people train them on: each pinned, deployed and asked as it is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import polars as pl
import scipy.sparse as sp
from sklearn.base import BaseEstimator
from sklearn.compose import make_column_transformer
from sklearn.feature_extraction import DictVectorizer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.multioutput import MultiOutputClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from tests.doors.columns import objects

ROWS = 24
RANDOM = np.random.default_rng(0)
Y = np.tile([0, 1], ROWS // 2)
NUMBERS = pd.DataFrame(RANDOM.normal(size=(ROWS, 2)), columns=["a", "b"])
TEXTS = [f"{'good' if label else 'bad'} film {place}" for place, label in enumerate(Y)]


class MeanOfPixels(BaseEstimator):
    """Answers the mean of each image, and nothing that is no image."""

    def fit(self, X: Any, y: Any = None) -> MeanOfPixels:
        """Learn nothing."""
        return self

    def predict(self, X: Any) -> Any:
        """Return one mean for each image ``(n, h, w, c)``."""
        assert X.ndim == 4
        return X.reshape(len(X), -1).mean(axis=1)


class PolarsModel(BaseEstimator):
    """Reads a polars frame by polars' own methods."""

    def fit(self, X: Any, y: Any = None) -> PolarsModel:
        """Learn nothing."""
        return self

    def predict(self, X: Any) -> Any:
        """Return twice the column ``a``."""
        return X.select(pl.col("a") * 2).to_series().to_numpy()


class Case(NamedTuple):
    """A model that is not fitted, its data, and what to send where it is not the data."""

    model: Any
    data: Any
    truth: Any = Y
    sent: Any = None


def of_numbers() -> Any:
    """Return a model that reads two columns of a frame, whatever others are there."""
    return make_pipeline(make_column_transformer((StandardScaler(), ["a", "b"])), LogisticRegression())


def of_texts() -> Any:
    """Return a model of texts."""
    return make_pipeline(TfidfVectorizer(), LogisticRegression())


ODD: dict[str, Callable[[], pd.Series]] = {
    "decimal": lambda: objects(*[Decimal(f"{place}.5") for place in range(ROWS)]),
    "date": lambda: objects(*[dt.date(2024, 1, 1 + place) for place in range(ROWS)]),
    "time": lambda: objects(*[dt.time(place) for place in range(ROWS)]),
    "timedelta": lambda: pd.Series(pd.to_timedelta(np.arange(ROWS), unit="h")),
    "period": lambda: pd.Series(pd.period_range("2020-01", periods=ROWS, freq="M")),
    "bytes": lambda: objects(*[bytes([place]) for place in range(ROWS)]),
    "ids": lambda: objects(*[place if place % 2 else f"A{place}" for place in range(ROWS)]),
    "complex": lambda: pd.Series(np.arange(ROWS) * 1j),
    "huge": lambda: objects(*[2**70 + place for place in range(ROWS)]),
    "sparse": lambda: pd.Series(pd.arrays.SparseArray(np.eye(ROWS)[0])),
    "lists": lambda: objects(*[[place] for place in range(ROWS)]),
    "interval": lambda: pd.Series(pd.cut(np.arange(ROWS), 4)),
}


def cases() -> Iterator[tuple[str, Case]]:
    """Yield each case with its name."""
    for kind, column in ODD.items():
        yield f"odd-{kind}", Case(of_numbers(), NUMBERS.assign(x=column()))
    repeated = pd.concat([NUMBERS, ODD["ids"]().rename("x"), ODD["date"]().rename("x")], axis=1)
    yield "odd-repeated", Case(SumOfTwo(), repeated)
    yield "texts-series", Case(of_texts(), pd.Series(TEXTS, name="text"))
    yield "texts-list", Case(of_texts(), TEXTS)
    yield "texts-array", Case(of_texts(), np.array(TEXTS))
    yield "texts-objects", Case(of_texts(), np.array(TEXTS, dtype=object), sent=pd.DataFrame({"text": TEXTS}))
    yield "array", Case(LogisticRegression(), NUMBERS.to_numpy())
    yield (
        "array-of-texts",
        Case(
            make_pipeline(OneHotEncoder(handle_unknown="ignore"), LogisticRegression()),
            np.array([["x", "y"], ["z", "y"]] * (ROWS // 2)),
        ),
    )
    yield "array-1-axis", Case(TwiceAPlace(), np.arange(float(ROWS)))
    yield "images", Case(MeanOfPixels(), RANDOM.integers(0, 255, (ROWS, 5, 4, 3)).astype("uint8"))
    yield "dummies", Case(LogisticRegression(), pd.get_dummies(pd.Series(list("abcd") * 6), sparse=True, dtype=float))
    yield "csr", Case(LogisticRegression(), sp.csr_matrix(RANDOM.normal(size=(ROWS, 6))))
    wide = sp.random(ROWS, 6000, density=0.01, format="csr", random_state=0)
    yield "csr-wide", Case(LogisticRegression(), wide)
    polars_output = StandardScaler().set_output(transform="polars")
    yield "polars-output", Case(make_pipeline(polars_output, LogisticRegression()), NUMBERS)
    frame = pl.DataFrame({"a": RANDOM.normal(size=ROWS), "c": ["x", "y"] * (ROWS // 2)})
    yield "polars", Case(PolarsModel(), frame)
    yield "polars-lazy", Case(PolarsModel(), frame, sent=frame.lazy())
    yield "labels", Case(LogisticRegression(), pd.DataFrame(RANDOM.normal(size=(ROWS, 3)), columns=[2, 0, 1]))
    yield "tuples", Case(Ridge(), pd.DataFrame(NUMBERS.to_numpy(), columns=pd.MultiIndex.from_product([["a"], [1, 2]])))
    days = pd.DataFrame(NUMBERS.to_numpy(), columns=pd.date_range("2024-01-01", periods=2))
    yield "dates-as-labels", Case(make_pipeline(StandardScaler(), Ridge()).fit(days.to_numpy(), Y), days, truth=None)
    yield "several-outputs", Case(MultiOutputClassifier(LogisticRegression()), NUMBERS, np.c_[Y, 1 - Y])
    yield (
        "dicts",
        Case(
            make_pipeline(DictVectorizer(), LogisticRegression()),
            [{"city": "Bern", "t": 1.5}, {"city": "Rome"}] * (ROWS // 2),
        ),
    )
    none = pd.DataFrame({"c": objects(*["x", None, "y", "x"] * (ROWS // 4))})
    imputer = SimpleImputer(missing_values=None, strategy="constant", fill_value="missing")
    yield "none", Case(make_pipeline(imputer, OneHotEncoder(), LogisticRegression()), none)


class SumOfTwo(BaseEstimator):
    """Reads two columns by name; scikit-learn's own models refuse a name that is there twice."""

    def fit(self, X: Any, y: Any = None) -> SumOfTwo:
        """Learn nothing."""
        return self

    def predict(self, X: Any) -> Any:
        """Return the sum of ``a`` and ``b``."""
        return (X["a"] + X["b"]).to_numpy()


class TwiceAPlace(BaseEstimator):
    """Takes an array of one axis."""

    def fit(self, X: Any, y: Any = None) -> TwiceAPlace:
        """Learn nothing."""
        return self

    def predict(self, X: Any) -> Any:
        """Return twice each number."""
        assert X.shape == (len(X),)
        return 2 * X
