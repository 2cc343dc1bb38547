"""The round-trip test: a model read back must predict the same, whatever a prediction is."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

from mlops_magics.core.versioning.formats import round_trip

NAN = float("nan")
PREDICTIONS: dict[str, tuple[Any, Any]] = {
    "a mapping of arrays": ({"p": np.arange(3.0), "q": np.array(["z"])}, {"p": np.arange(3.0), "q": np.array(["y"])}),
    "arrays of several shapes": ((np.arange(3.0), np.ones((3, 2))), (np.arange(3.0), np.zeros((3, 2)))),
    "uneven lists": ([[1], [1, 2]], [[1], [1, 3]]),
    "missing objects": ([NAN, None, pd.NA, pd.NaT, "x"], [NAN, NAN, pd.NA, pd.NaT, "x"]),
    "nullable integers": (pd.array([1, None], dtype="Int64"), pd.array([1, 2], dtype="Int64")),
    "named fields": (np.array([(True, NAN)], dtype=[("e", bool), ("t", float)]), np.array([True])),
    "a sparse matrix": (sp.eye(3).tocsr(), sp.eye(3).tocsr() * 2),
    "arrays within objects": ([{"a": np.array([1, 2])}, {"b": NAN}], [{"a": np.array([1, 3])}, {"b": NAN}]),
    "sets": ([{1, 2}, {3}], [{1, 2}, {4}]),
}


class Answer:
    """Predicts what it was given."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer

    def predict(self, rows: Any) -> Any:
        """Return the same for any rows."""
        return self.answer


class Each:
    """Predicts by a generator."""

    def predict(self, rows: Any) -> Any:
        """Yield one value for each row."""
        return (row * 2 for row in rows)


@pytest.mark.parametrize("kind", PREDICTIONS)
def test_predictions_of_every_kind_are_compared(kind: str) -> None:
    """Those of a copy are the same, and those of another model are not."""
    own, other = (Answer(each) for each in PREDICTIONS[kind])
    before = round_trip.answers(own, [1, 2])

    assert before
    assert round_trip.equal(before, round_trip.answers(pickle.loads(pickle.dumps(own)), [1, 2]))
    assert not round_trip.equal(before, round_trip.answers(other, [1, 2]))


@pytest.mark.parametrize("kind", ["float64", "float32"])
def test_floats_may_differ_by_the_rounding_of_a_sum(kind: str) -> None:
    """The trees of a forest are added by threads in another order each time; a real difference is one."""
    sums = np.random.default_rng(0).random((50, 2)).astype(kind)
    step = np.finfo(kind).eps

    assert round_trip.equal({"p": sums}, {"p": sums * sums.dtype.type(1 + 3 * step)})
    assert not round_trip.equal({"p": sums}, {"p": sums * sums.dtype.type(1 + 4_000 * step)})
    assert not round_trip.equal({"p": sums}, {"p": np.where(sums > 0.5, np.nan, sums)})


def test_a_generator_is_the_values_that_it_yields() -> None:
    """It can be read once, and is not equal to another one by itself."""
    assert round_trip.equal(*(round_trip.answers(Each(), rows) for rows in ([1, 2], [1, 2])))
    assert not round_trip.equal(*(round_trip.answers(Each(), rows) for rows in ([1, 2], [1, 3])))
