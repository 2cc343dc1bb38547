"""The truth of new rows against what a model learned to answer."""

from __future__ import annotations

import contextlib
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlops_magics.core.monitoring.scoring.model_task import ModelTask
from mlops_magics.core.retraining.new_rows import column_checks
from mlops_magics.core.versioning import Prototype
from mlops_magics.errors import DataMismatch

KINDS: dict[str, Any] = {
    "integers": [1, 2, 3],
    "numbers": [1.5, 2.5, 3.5],
    "numerals": ["1.5", "2", "3"],
    "booleans": [True, False, True],
    "texts": ["a", "b", "c"],
    "categories": pd.Categorical(["a", "b", "c"]),
    "grades": pd.Categorical([1, 2, 3]),
    "bands": pd.cut([1.0, 5.0, 9.0], [0, 4, 8, 12]),
    "times": pd.to_datetime(["2026-01-01", "2026-01-02", "2026-01-03"]),
    "durations": pd.to_timedelta([1, 2, 3], unit="h"),
    "complex": [1 + 2j, 2j, 3j],
    "nothing": [None, None, None],
}
ACCEPTED: dict[str, str] = {
    "integers": "integers numbers numerals booleans grades nothing",
    "numbers": "integers numbers numerals booleans grades nothing",
    "booleans": "booleans",
    "texts": "numerals texts categories nothing",
    "categories": "numerals texts categories nothing",
    "grades": "integers numbers numerals booleans grades nothing",
    "bands": "bands nothing",
    "times": "times nothing",
    "durations": "durations nothing",
    "complex": "integers numbers grades complex nothing",
}
"""For each kind of a feature, the kinds of new values that its model can learn from."""


@pytest.mark.parametrize("kind", ACCEPTED)
def test_a_feature_of_another_kind_is_refused(kind: str) -> None:
    """A time is not a number, nor a number a time, also as categories. Texts are read as the kind that they spell."""
    training = pd.DataFrame({"f": KINDS[kind]})
    prototype = Prototype.from_data(training)
    accepted = set()
    for name, values in KINDS.items():
        with contextlib.suppress(DataMismatch):
            frame, _ = column_checks.conform(pd.DataFrame({"f": values}), prototype, set())
            accepted.add(name)
            if name == kind:
                pd.testing.assert_frame_equal(frame, training)

    assert accepted == set(ACCEPTED[kind].split())


def test_categories_keep_their_type_and_their_order() -> None:
    """Numbers as categories, read as texts from a CSV, are the same categories, and a new one is added behind them."""
    training = pd.DataFrame({"f": pd.Categorical([3, 1, 2], categories=[3, 1, 2], ordered=True)})
    frame, _ = column_checks.conform(pd.DataFrame({"f": ["1", "7", "3"]}), Prototype.from_data(training), set())

    assert list(frame["f"].cat.categories) == [3, 1, 2, 7]
    assert frame["f"].cat.ordered
    assert list(frame["f"]) == [1, 7, 3]


WORDS, NUMBERS = ModelTask("classification", ("no", "yes")), ModelTask("classification", ("0", "1"))
REGRESSION = ModelTask("regression")
SPECIES = ["gentoo", "adelie"]


@pytest.mark.parametrize(
    ("task", "values", "refused"),
    [
        (WORDS, ["yes", "no"], None),
        (WORDS, ["yes", "perhaps"], None),
        (WORDS, pd.Categorical(["yes", "no"]), None),
        (WORDS, [1, 0], "holds 1, 0, and the model learned no, yes"),
        (WORDS, [True, False], "holds True, False"),
        (WORDS, SPECIES, "holds 'gentoo', 'adelie'"),
        (NUMBERS, [1, 0], None),
        (NUMBERS, [1.0, 0.0], None),
        (NUMBERS, [True, False], None),
        (NUMBERS, ["1", "0"], None),
        (NUMBERS, ["yes", "no"], "the model learned 0, 1"),
        (REGRESSION, [1.5, 2.5], None),
        (REGRESSION, np.array([1, 2], dtype="int8"), None),
        (REGRESSION, ["1.5", "2"], None),
        (REGRESSION, SPECIES, "the model learned numbers"),
        (ModelTask("classification"), SPECIES, None),
        (None, SPECIES, None),
    ],
)
def test_a_truth_of_another_kind_is_refused(task: ModelTask | None, values: Any, refused: str | None) -> None:
    """Where no label is known; a new label beside known ones is data."""
    truth = pd.Series(values, name="t")
    if refused is None:
        column_checks.check_truth(truth, task)
        return
    with pytest.raises(DataMismatch, match=refused) as fault:
        column_checks.check_truth(truth, task)

    assert "\n" not in str(fault.value)
