"""The rule of a promotion."""

from __future__ import annotations

from typing import Any

import pytest

from mlops_magics.core.retraining.champion_challenger.promotion_rule import PromotionRule, checks_of, floors_of
from mlops_magics.core.retraining.retraining import Gain, SegmentGain
from mlops_magics.errors import InvalidInput


def gain(lower: float | None, upper: float = 0.5, metric: str = "accuracy", **scores: float) -> Gain:
    """Return the gain of a comparison."""
    middle = None if lower is None else (lower + upper) / 2
    given = {"champion": 0.8, "challenger": 0.85, **scores}
    better = metric != "rmse"
    return Gain(metric, given["champion"], given["challenger"], middle, lower, upper, better, True, "exact McNemar")


@pytest.mark.parametrize(
    ("rule", "found", "held"),
    [
        ({}, gain(0.001), True),
        ({}, gain(0.0), False),
        ({}, gain(-0.01), False),
        ({}, gain(None), False),
        ({"min_gain": 0.01}, gain(0.005), False),
        ({"min_gain": 0.01}, gain(0.015), True),
        ({"promote_if": "no-worse"}, gain(-0.019), True),
        ({"promote_if": "no-worse"}, gain(-0.021), False),
        ({"promote_if": "no-worse", "margin": 0.05}, gain(-0.021), True),
        ({"promote_if": "no-worse"}, gain(-1.9, metric="rmse", champion=100.0, challenger=99.0), True),
        ({"promote_if": "no-worse"}, gain(-2.1, metric="rmse", champion=100.0, challenger=99.0), False),
        ({"floors": {"accuracy": 0.85}}, gain(0.01), True),
        ({"floors": {"accuracy": 0.86}}, gain(0.01), False),
        ({"floors": {"rmse": 99.0}}, gain(0.01, metric="rmse", challenger=98.0), True),
        ({"floors": {"rmse": 97.0}}, gain(0.01, metric="rmse", challenger=98.0), False),
        ({"floors": {"f1": 0.1}}, gain(0.01), False),
    ],
)
def test_what_must_hold_of_the_scores(rule: dict[str, Any], found: Gain, held: bool) -> None:
    """The lower bound of the gain, a floor in the direction of its metric; what is not known does not hold."""
    checks = checks_of(PromotionRule(**rule), [found], [], 300)

    assert all(check.held for check in checks) == held


def test_few_rows_and_a_worse_segment_keep_the_champion() -> None:
    """Each is one check with its own words."""
    segments = [SegmentGain("island = Biscoe", 40, -0.2, -0.3, -0.1, False)]
    checks = {check.name: check for check in checks_of(PromotionRule(), [gain(0.1)], segments, 20)}

    assert not checks["enough rows"].held
    assert "island = Biscoe" in checks["no segment worse by more than 0.02"].text


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["accuracy>=0.8"], {"accuracy": 0.8}),
        (["rmse <= 3"], {"rmse": 3.0}),
        (["a=1", "b>2e-1"], {"a": 1.0, "b": 0.2}),
        ([], {}),
    ],
)
def test_floors_are_read(words: list[str], expected: dict[str, float]) -> None:
    """As they are written."""
    assert floors_of(words) == expected


@pytest.mark.parametrize("word", ["accuracy", "accuracy>=", ">=0.8", "accuracy>=high", "accuracy>=1e", "a b>=1", ""])
def test_a_floor_that_cannot_be_read_is_one_line(word: str) -> None:
    """With an example."""
    with pytest.raises(InvalidInput, match="not a valid floor") as caught:
        floors_of([word])

    assert "accuracy>=0.8" in str(caught.value)


@pytest.mark.parametrize(
    "given",
    [{"promote_if": "always"}, {"level": 1.0}, {"level": 0.4}, {"min_gain": -1}, {"margin": float("nan")}],
)
def test_a_rule_that_makes_no_sense_is_refused(given: dict[str, Any]) -> None:
    """Before anything runs."""
    with pytest.raises(InvalidInput):
        PromotionRule(**given)
