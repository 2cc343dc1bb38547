"""The words of a line, read into the arguments of a verb."""

from __future__ import annotations

import json
from typing import Any

import pytest
from IPython.core.error import UsageError

PIN = "model = LogisticRegression().fit(X, y)"


@pytest.mark.parametrize(
    ("line", "cell", "truth"),
    [
        ("%%pin_model m --data X_test y_test --test X y", f"\n{PIN}", True),
        ("%%pin_model --data X_test m", f"\n{PIN}", False),
        ("%pin_model m fitted --data X_test y_test", "", True),
        ("%pin_model m --data X_test y_test --model fitted", "", True),
        ("%pin_model m --data X_test fitted", "", False),
        ("%pin_model --data X_test y_test m fitted", "", True),
    ],
)
def test_data_and_truth_are_given_in_one_option(birds: Any, line: str, cell: str, truth: bool) -> None:
    """`--data X y` beside `--test X y`; a word that the verb needs is never taken for the truth."""
    birds.run("fitted = LogisticRegression().fit(X, y)")
    version = birds.run(f"{line}{cell}")
    profile = json.loads(birds.session.board.read_file(version, "profile.json"))

    assert profile["rows"] == 100
    assert (profile["target"] is not None) == truth


def test_a_truth_that_is_given_twice_is_refused(birds: Any) -> None:
    """One of the two would be lost."""
    with pytest.raises(UsageError, match="given twice"):
        birds.run(f"%%pin_model m --data X y --truth y\n{PIN}")
