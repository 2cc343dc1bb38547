"""`%monitor` as its reader uses it: segments, references, presets, functions as metrics, limits, and what is kept."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from IPython.core.error import UsageError

from mlops_magics import cli

ROWS = 300


def flights(seed: int, shift: float = 0.0) -> pd.DataFrame:
    """Return rows with their delay; in the south, a shift of the wind."""
    numbers = np.random.default_rng(seed)
    found = pd.DataFrame({"temp": numbers.normal(10, 3, ROWS), "wind": numbers.normal(5, 1, ROWS)})
    found["region"] = numbers.choice(["north", "south"], ROWS)
    found["delay"] = 2 * found["temp"] + found["wind"] + numbers.normal(size=ROWS)
    found.loc[found["region"] == "south", "wind"] += shift
    return found


TRAIN = """%%pin_model flights --test test test_delay --segments region
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder
columns = make_column_transformer((OneHotEncoder(), ["region"]), remainder="passthrough")
model = make_pipeline(columns, LinearRegression()).fit(train, delay)
"""


@pytest.fixture
def pinned(shell: Any) -> Any:
    """A notebook with a pinned regression and new rows in ``year``, of which a month is missing."""
    train, test, year = flights(0), flights(1), flights(2, shift=2.0)
    moments = pd.date_range("2024-01-01", "2024-02-20", periods=200).append(
        pd.date_range("2024-04-01", "2024-04-10", periods=100)
    )
    features = ["temp", "wind", "region"]
    shell.give(train=train[features], delay=train["delay"], test=test[features], test_delay=test["delay"])
    shell.give(year=year.assign(when=moments, row=range(ROWS)))
    shell.run(TRAIN)
    return shell


def test_segments_periods_and_estimates_in_one_line(pinned: Any) -> None:
    """Before the truth arrives errors are estimated; the empty month is a gap, the last one partial."""
    report = pinned.run("%monitor flights --data year --timestamp when --by month --segment region")
    found = report.segment_drift[report.segment_drift["drifted"]]

    assert ("south", "wind") in set(zip(found["segment"], found["feature"]))
    assert [period["n"] for period in report.periods] == [124, 76, 0, 100]
    assert report.periods[-1]["partial"]
    assert set(report.performance["metric"]) == {"rmse", "mae"}
    assert set(report.performance["kind"]) == {"estimated"}


def test_truth_of_its_own_functions_as_metrics_and_what_is_kept(pinned: Any) -> None:
    """A frame of truths is joined by an id; label coverage is told; the kept metrics come back."""
    pinned.run("def bias(truth, guess): return float((guess - truth).mean())")
    pinned.run("told = year[['row', 'delay']].head(150)")
    line = "--data year --truth told --on row --timestamp when --by month --metrics rmse bias --pin-metrics"
    report = pinned.run(f"%monitor flights {line}")

    assert [period["labelled"] for period in report.periods] == [124, 26, 0, 0]
    assert set(report.performance[report.performance["kind"] == "measured"]["metric"]) == {"rmse", "bias"}
    kept = pinned.run("%verdicts flights --metrics")
    assert set(kept["metric"]) == {"rmse", "bias"}
    assert len(pinned.run("%verdicts flights")) == 1


def test_presets_and_references_of_ones_own(pinned: Any) -> None:
    """The rows of the reference may have more columns than the model; a small profile stands in for rows."""
    pinned.give(history=flights(0))
    for preset in ("evidently", "nannyml"):
        report = pinned.run(f"%monitor flights --data year --preset {preset} --reference history --by '4 parts'")
        assert "wind" in report.drifted
        assert "delay" not in report.drifted
    assert pinned.run("%monitor flights --data year --preset evidently").drifted == ["wind"]
    with pytest.raises(UsageError, match="'temp', which the model reads"):
        pinned.run("%monitor flights --data year --reference history[['wind']]")


def test_limits_are_kept_and_count(pinned: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """In the notebook and in a shell, which exits with 3 at the metric that is beyond its limit."""
    assert repr(pinned.run("%thresholds flights wind<=0.9 'rmse<=0.5' --ignore region")) == (
        "wind<=0.9, rmse<=0.5, region ignored"
    )
    report = pinned.run("%monitor flights --data year --truth delay")
    assert report.drifted == []
    assert [alert.name for alert in report.alerts] == ["rmse"]

    pinned["year"].to_parquet("year.parquet")
    words = ["monitor", "flights", "--data", "year.parquet", "--truth", "delay", "--fail-on"]
    assert cli.main([*words, "performance"]) == 3
    assert "rmse (measured) in all is" in capsys.readouterr().out
    assert cli.main([*words, "drift"]) == 0
    assert cli.main(["thresholds", "flights", "--clear", "--json"]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1]) == {"features": {}, "metrics": {}, "ignored": []}
    assert cli.main([*words, "drift,performance"]) == 3


BAD = {
    "all infinite": (lambda f: f.assign(temp=np.inf), "temp", "all_infinite"),
    "all missing": (lambda f: f.assign(temp=None), "temp", "all_missing"),
    "column missing": (lambda f: f.drop(columns="temp"), "temp", "missing_column"),
    "strings among numbers": (lambda f: f.assign(temp=["bad", *f["temp"].iloc[1:]]), "temp", "changed_type"),
    "lists": (lambda f: f.assign(temp=[[1]] * len(f)), "temp", "changed_type"),
    "complex": (lambda f: f.assign(temp=f["temp"] + 1j), "temp", "changed_type"),
    "unseen category": (lambda f: f.assign(region="east"), "region", "tvd"),
    "extra": (lambda f: f.assign(z=1), "z", "extra_column"),
}


def test_bad_rows_have_their_row_also_where_the_model_cannot_answer_them(pinned: Any) -> None:
    """The truth is given, so the model is asked; that it raises is a note."""
    for spoil, feature, statistic in BAD.values():
        pinned.give(odd=spoil(flights(3)))
        report = pinned.run("%monitor flights --data odd --truth delay")

        assert (feature, statistic) in set(zip(report.drift["feature"], report.drift["statistic"]))
        assert set(report.drift["feature"]) >= {"temp", "wind", "region"}
        assert report.notes or len(report.performance)


def test_words_that_make_no_sense_are_one_line(pinned: Any) -> None:
    """Each says what is known."""
    for line, said in (
        ("--segment nowhere", "No column 'nowhere' of the segment exists"),
        ("--detect adwn", "invalid choice: 'adwn'"),
        ("--preset evidentely", "invalid choice"),
        ("--reference nothing", "No variable 'nothing'"),
        ("--truth delay --metrics acuracy", "did you mean 'accuracy'"),
        ("--notify ftp://x", "A notification cannot be sent by 'ftp://x'"),
    ):
        with pytest.raises(UsageError, match=said):
            pinned.run(f"%monitor flights --data year {line}")


def test_a_reference_may_be_a_file(pinned: Any, tmp_path: Path) -> None:
    """By its path, as on the command line."""
    flights(0).to_parquet(tmp_path / "before.parquet")

    assert pinned.run(f"%monitor flights --data year --reference {tmp_path}/before.parquet").drifted == ["wind"]
