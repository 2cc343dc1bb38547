"""Limits on metrics: by any of their names, and of metrics that were not requested."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlops_magics.core.monitoring import MonitorReport, monitor, profile
from mlops_magics.core.monitoring.alerts import thresholds
from mlops_magics.errors import NotFound


def report_with(limit: str, **options: Any) -> MonitorReport:
    """Return the report of a classifier that is right in 80 of 100 rows, or of numbers that are off by one, with a
    limit."""
    numbers = np.random.default_rng(0)
    x = pd.DataFrame({"x": numbers.normal(size=100)})
    truth: Any = np.arange(100) % 2
    guess: Any = np.where(np.arange(100) < 20, 1 - truth, truth)
    if options.get("kind") == "regression":
        truth, guess = x["x"], x["x"] + np.tile([1.0, -1.0, 1.5, -1.5], 25)
    limits = thresholds.parse([limit], [], ["x"])
    return monitor(profile(x), x.assign(y=truth, p=guess), truth="y", prediction="p", thresholds=limits, **options)


@pytest.mark.parametrize(
    ("limit", "metric", "options"),
    [
        ("accuracy>=0.9", "accuracy", {}),
        ("Accuracy>=0.9", "accuracy", {}),
        ("accuracy_score>=0.9", "accuracy", {}),
        ("F1-macro>=0.9", "f1_macro", {}),
        ("precision>=0.9", "precision", {}),
        ("mcc>=0.9", "mcc", {}),
        ("balanced_accuracy>=0.9", "balanced_accuracy", {"metrics": ["accuracy"]}),
        ("mae<=1", "mae", {"kind": "regression"}),
        ("root mean squared error<=1", "rmse", {"kind": "regression"}),
        ("max_error<=1", "max_error", {"kind": "regression"}),
        ("neg_mean_absolute_error>=-1", "neg_mean_absolute_error", {"kind": "regression"}),
    ],
)
def test_a_limit_holds_for_every_name_of_a_metric(limit: str, metric: str, options: dict[str, Any]) -> None:
    """Also of a metric that is neither a default nor requested. The chart has the limit under the shown name."""
    report = report_with(limit, **options)

    assert [alert.name for alert in report.alerts] == [metric]
    assert metric in report.limits
    assert (report.performance["metric"] == metric).sum() == 1


@pytest.mark.parametrize(
    ("limit", "options", "reason"),
    [
        ("roc_auc>=0.9", {}, "the limit of roc_auc is not checked: The metric 'roc_auc' needs probabilities"),
        ("rmse<=1", {"kind": "classification"}, ""),
        ("accuracy>=0.9", {"kind": "regression"}, "the limit of accuracy is not checked: The metric 'accuracy' is"),
    ],
)
def test_a_limit_that_cannot_be_checked_is_a_note(limit: str, options: dict[str, Any], reason: str) -> None:
    """The report of the other metrics is made all the same."""
    report = report_with(limit, **options)

    assert report.performance["score"].notna().all()
    assert any(note.startswith(reason) for note in report.notes) == bool(reason)


def test_a_limit_without_truth_is_a_note() -> None:
    """No truth and no estimate: the limit says nothing, and the report says so."""
    x = pd.DataFrame({"x": np.random.default_rng(0).normal(size=100)})
    report = monitor(profile(x), x, thresholds=thresholds.parse(["accuracy>=0.9"], [], ["x"]))

    assert report.notes[-1] == "the limit of accuracy is not checked: no truth is known, and no estimate"


def test_a_limit_of_an_output_and_of_a_segment_keep_their_parts() -> None:
    """The name before a bracket or a bar is that of the metric."""
    found = thresholds.parse(["RMSE[height]<=3", "Accuracy|north>=0.6"], [], ["x"])

    assert dict(found.metrics) == {"rmse[height]": (None, 3.0), "accuracy|north": (0.6, None)}
    assert found.metric_names() == ("rmse", "accuracy")
    assert found.of_metric("accuracy_score", "north") == (0.6, None)
    assert found.of_metric("accuracy") == (None, None)
    with pytest.raises(NotFound, match="acuracy"):
        thresholds.parse(["acuracy>=0.5"], [], ["x"])


def test_a_limit_on_a_feature_alarms_from_five_rows_on() -> None:
    """Of three rows any score is above it: such a report says that it has too few."""
    before = pd.DataFrame({"x": np.random.default_rng(0).normal(size=1_000)})
    limits = thresholds.parse(["x<=0.05"], [], ["x"])

    few, more = (monitor(profile(before), before.head(rows), thresholds=limits) for rows in (4, 5))

    assert (few.drifted, few.too_few) == ([], True)
    assert more.drifted == ["x"]
