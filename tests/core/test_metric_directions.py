"""Whether a higher or a lower value of a metric is better."""

from __future__ import annotations

import pytest
from sklearn.metrics import get_scorer_names

from mlops_magics.core.metric_directions import direction


@pytest.mark.parametrize("name", get_scorer_names())
def test_a_higher_value_of_every_scorer_of_scikit_learn_is_better(name: str) -> None:
    """That is their convention: losses have a negative sign. Scores of clusterings are not in the tables."""
    assert direction(name) >= 0


@pytest.mark.parametrize("name", ["rmse", "valError", "test/log_loss", "brier_score_loss", "latency_p99", "fpr"])
def test_a_lower_value_of_a_loss_is_better(name: str) -> None:
    """Words are found in any spelling, with a prefix or in camel case."""
    assert direction(name) == -1


def test_an_unknown_name_has_no_direction() -> None:
    """A slope or a number of trees is neither good nor bad."""
    assert [direction("slope"), direction("n_trees"), direction("")] == [0, 0, 0]
