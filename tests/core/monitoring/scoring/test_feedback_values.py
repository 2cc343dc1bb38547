"""Truths of feedback, in whatever shape clients send them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlops_magics.core.log_columns import REQUEST_ID, ROW, TRUTH
from mlops_magics.core.monitoring.reading import tables
from mlops_magics.core.monitoring.scoring import labels

ASKED = tables.read({REQUEST_ID: ["r"] * 4, ROW: range(4), "x": range(4)})
NAN = np.nan


def joined(truths: list[Any], names: tuple[str, ...] = ()) -> labels.Truth:
    """Return the truths of one request, joined to its rows."""
    feedback = pd.DataFrame({REQUEST_ID: "r", ROW: range(len(truths)), TRUTH: pd.Series(truths, dtype=object)})
    found = labels.align(ASKED, feedback, names=names)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("truths", "values", "note"),
    [
        ([1.0, 2.0, 3.0, 4.0], [1, 2, 3, 4], ""),
        ([[1.0], [2.0], None, 4.0], [1, 2, NAN, 4], ""),
        ([1.0, {"a": 1}, 3.0, 4.0], [1, NAN, 3, 4], "1 truth has not a single value: left out"),
        ([1.0, [], [3.0, 3.0], np.array([4.0])], [1, NAN, NAN, 4], "2 truths have not a single value: left out"),
    ],
)
def test_a_nested_value_does_not_change_the_others(truths: list[Any], values: list[float], note: str) -> None:
    """A list of one is its value. Dictionaries and longer lists are left out, and counted."""
    found = joined(truths)

    np.testing.assert_array_equal(found.column.values, values)
    assert [each for each in found.notes if "single" in each] == ([note] if note else [])


def test_labels_beside_a_dictionary_stay_labels() -> None:
    """True, "true" and 0 are not quoted because a client sent a dictionary once."""
    assert set(joined([True, "true", 0, {"a": 1}]).column.labels) == {"True", "true", "0"}


@pytest.mark.parametrize(
    ("truths", "left"),
    [
        ([[1.0, 10.0], [2.0, 20.0], [3.0, 30.0], [4.0, 40.0]], 0),
        ([{"a": 1.0, "b": 10.0}, [2.0, 20.0], np.array([3.0, 30.0]), {"b": 40.0, "a": 4.0}], 0),
        ([[1.0, 10.0], 2.0, [3.0], {"a": 4.0}], 3),
        ([[1.0, 10.0], [1.0, 2.0, 3.0], [[1.0, 2.0], [3.0, 4.0]], "2"], 3),
        ([[1.0, 10.0], {"a": [2.0, 3.0], "b": [20.0]}, {"a": 2.0}, [3.0]], 3),
    ],
)
def test_each_output_gets_its_own_value(truths: list[Any], left: int) -> None:
    """From a list in the order of the outputs, or by their names. What is neither is left out, and counted."""
    found = joined(truths, ("a", "b"))

    known = np.arange(4) < 4 - left
    for name, scale in (("a", 1.0), ("b", 10.0)):
        np.testing.assert_array_equal(found.columns[name].values, np.where(known, scale * np.arange(1, 5), NAN))
    assert any(each.startswith(f"{left} truths have not one value for each of a, b") for each in found.notes) == (
        left > 0
    )


def test_outputs_without_feedback_have_no_truth() -> None:
    """The log of a model of several outputs is monitored before any truth arrives."""
    found = labels.align(ASKED, pd.DataFrame({REQUEST_ID: [], ROW: [], TRUTH: []}), names=("a", "b"))

    assert found is not None
    assert list(found.columns) == ["a", "b"]
    assert not found.known().any()
