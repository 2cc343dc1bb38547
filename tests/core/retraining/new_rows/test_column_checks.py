"""The truth of new rows against what a model learned to answer."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlops_magics.core.monitoring.scoring.model_task import ModelTask
from mlops_magics.core.retraining.new_rows import column_checks
from mlops_magics.errors import DataMismatch

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
