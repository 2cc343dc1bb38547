"""The report: the journey from a prediction log to a verdict, periods, truths that arrive later, and its two ways to
JSON."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from mlops_magics.core.monitoring import MonitorReport, ReferenceProfile, monitor, profile
from mlops_magics.core.monitoring.charts.chart import VEGALITE
from mlops_magics.core.monitoring.profiling import derived_features
from mlops_magics.core.monitoring.statistics import declarations
from mlops_magics.core.monitoring.statistics.declarations import JOINT, STATISTICS
from mlops_magics.errors import InvalidInput

SMALL = 300_000  # bytes of a notebook output


@pytest.fixture
def log(penguins: pd.DataFrame) -> pd.DataFrame:
    """Return a prediction log of 200 rows over three weeks, with ``flipper`` shifted by 1.5 σ."""
    rows = penguins.sample(200, random_state=1).reset_index(drop=True)
    rows["flipper"] += 1.5 * penguins["flipper"].std()
    numbers = np.random.default_rng(2)
    own = pd.DataFrame(
        {
            "mlops.timestamp": pd.date_range("2024-01-01", "2024-01-20", periods=200, tz="Europe/Berlin"),
            "mlops.request_id": [f"r{k // 2}" for k in range(200)],
            "mlops.row": [k % 2 for k in range(200)],
            "mlops.version": "1",
            "mlops.latency_ms": 1.0,
            "mlops.prediction": numbers.choice(["Adelie", "Gentoo"], 200),
        }
    )
    own["mlops.proba.Adelie"] = np.where(own["mlops.prediction"] == "Adelie", 0.9, 0.2)
    own["mlops.proba.Gentoo"] = 1 - own["mlops.proba.Adelie"]
    return pd.concat([own, rows], axis=1)


@pytest.fixture
def reference(penguins: pd.DataFrame) -> ReferenceProfile:
    """Return the profile as it comes back from the board."""
    species = np.random.default_rng(3).choice(["Adelie", "Gentoo"], len(penguins))
    return ReferenceProfile.from_bytes(profile(penguins, truth=species, prediction=species).to_bytes())


def test_the_log_names_the_shifted_feature_and_only_it(reference: ReferenceProfile, log: pd.DataFrame) -> None:
    """The log's own columns are no features; prediction and target have rows of their own."""
    report = monitor(reference, log, name="penguins", version="1")

    assert report.drifted == ["flipper"]
    assert report.verdict.startswith("penguins@1: One of seven features changed enough to matter. flipper is higher")
    assert set(report.roles["feature"]) == {"prediction"}


@pytest.mark.parametrize("by", ["week", "day", "6h", 50, "4 parts"])
def test_every_kind_of_period_names_it_too(reference: ReferenceProfile, log: pd.DataFrame, by: object) -> None:
    """Calendar words, durations, rows and parts; every feature has one row per period."""
    report = monitor(reference, log, by=by)

    assert report.drifted == ["flipper"] or by in ("day", "6h")
    assert len(report.drift[report.drift["feature"] == "mass"]) == len(report.periods)
    assert sum(period["n"] for period in report.periods) == 200


def test_calendar_periods_keep_the_time_zone_and_mark_the_partial_last(
    reference: ReferenceProfile, log: pd.DataFrame
) -> None:
    """Weeks begin on Monday, in Berlin; the third one stops on Saturday."""
    periods = monitor(reference, log, by="week").periods

    assert [period["label"] for period in periods] == ["2024-01-01", "2024-01-08", "2024-01-15"]
    assert [period["partial"] for period in periods] == [False, False, True]


@pytest.mark.parametrize("reference_kind", ["previous", "rolling:2", "fixed"])
def test_references_can_roll(reference: ReferenceProfile, log: pd.DataFrame, reference_kind: str) -> None:
    """Against the period before, a shift that stays is news only once."""
    found = monitor(reference, log, by=50, reference=reference_kind).drift
    drifted_in = found[(found["feature"] == "flipper") & found["drifted"]]["period"].tolist()

    assert drifted_in == (["0:50", "50:100", "100:150", "150:200"] if reference_kind == "fixed" else ["0:50"])


def test_truth_joins_by_request_id(reference: ReferenceProfile, log: pd.DataFrame) -> None:
    """Unknown and doubled ids are told; rows without truth are counted as not labelled, and estimated instead."""
    ids = ["r0", "r0", "zz", *[f"r{k}" for k in range(1, 40)]]
    truth = pd.DataFrame({"mlops.request_id": ids, "mlops.row": 0, "truth": "Adelie"})
    report = monitor(reference, log, by="week", truth=truth)

    assert [period["labelled"] for period in report.periods] == [37, 3, 0]
    assert any("no request (such as zz/0)" in note for note in report.notes)
    assert any("came twice" in note for note in report.notes)
    kinds = report.performance[report.performance["metric"] == "accuracy"].set_index(["period", "kind"])["n"]
    assert kinds.loc[("2024-01-01", "measured")] == 37
    assert kinds.loc[("2024-01-15", "estimated")] > 0


def test_a_plain_frame_is_scored_by_column_position_or_function(
    reference: ReferenceProfile, penguins: pd.DataFrame
) -> None:
    """The truth may be a column, values in order, or ids; the prediction a column, values or the model's own method."""
    frame = penguins.assign(species="Adelie")

    def model(features: pd.DataFrame) -> np.ndarray:
        assert list(features.columns) == list(penguins.columns)
        return np.repeat("Adelie", len(features))

    by_column = monitor(reference, frame, truth="species", prediction=model)
    by_values = monitor(reference, penguins, truth=frame["species"].to_numpy(), prediction=model(penguins))

    for report in (by_column, by_values):
        assert report.performance.set_index("metric").loc["accuracy", "score"] == 1.0
        assert "species" not in report.features
    with pytest.raises(InvalidInput, match="2 truths for 333 rows"):
        monitor(reference, penguins, truth=["Adelie", "Gentoo"], prediction=model)


def test_segments_are_scored_apart(reference: ReferenceProfile, log: pd.DataFrame) -> None:
    """One row per value of the segmenting column, period and metric."""
    report = monitor(reference, log, truth=log["mlops.prediction"].to_numpy(), segment="island")

    assert report.segments is not None
    assert set(report.segments["segment"]) == {"Biscoe", "Dream", "Torgersen"}
    assert (report.segments[report.segments["metric"] == "accuracy"]["score"] == 1.0).all()


def test_a_report_survives_json(reference: ReferenceProfile, log: pd.DataFrame) -> None:
    """What is stored is what was found."""
    report = monitor(reference, log, name="penguins", version="1", by="week", truth=log["mlops.prediction"].to_numpy())
    again = MonitorReport.from_json(json.dumps(report.to_json(), allow_nan=False))

    pd.testing.assert_frame_equal(again.drift, report.drift)
    pd.testing.assert_frame_equal(again.performance, report.performance)
    assert (again.verdict, again.drifted, again.distributions) == (report.verdict, report.drifted, report.distributions)


@pytest.mark.parametrize("rows", [0, 1])
def test_an_empty_or_tiny_log_is_a_report(reference: ReferenceProfile, log: pd.DataFrame, rows: int) -> None:
    """No rows, one row: a verdict in words, a chart that draws, JSON without NaN."""
    for by in (None, "week"):
        report = monitor(reference, log.iloc[:rows], name="penguins", by=by)
        assert not report.drifted
        json.dumps(report.wire(), allow_nan=False)
        report.charts().to_dict()


def test_the_chart_is_small_offline_and_readable(reference: ReferenceProfile, log: pd.DataFrame) -> None:
    """Vega-Lite 5 for JupyterLab, a PNG, a line of text; nothing is fetched."""
    report = monitor(reference, log, name="penguins", by="week", truth=log["mlops.prediction"].to_numpy())
    bundle = report.charts().bundle()

    assert bundle[VEGALITE]["$schema"].endswith("vega-lite/v5.json")
    assert bundle["text/plain"] == report.verdict
    assert bundle["image/png"].startswith("iVBOR")
    assert '"url"' not in json.dumps(bundle[VEGALITE])


@pytest.mark.slow
def test_two_hundred_features_in_half_a_year_of_weeks_stay_small() -> None:
    """200 features x 26 periods: less than 300 kB in the notebook, the picture included."""
    numbers = np.random.default_rng(0)
    reference = profile(pd.DataFrame(numbers.normal(size=(2_000, 200)), columns=[f"feature {k}" for k in range(200)]))
    current = pd.DataFrame(numbers.normal(size=(26 * 200, 200)), columns=[f"feature {k}" for k in range(200)])
    current["feature 7"] += np.linspace(0, 3, len(current))
    report = monitor(reference, current, name="wide", by="26 parts")

    assert report.drifted[0] == "feature 7"
    assert len(report.drifted) <= 4  # one alarm in twenty may be false
    assert len(json.dumps(report.wire(), allow_nan=False)) < SMALL
    assert len(json.dumps(report.charts().bundle())) < SMALL


def test_a_report_says_what_its_statistics_are() -> None:
    """Definition, bins, base, what stands for empty bins, and floor of each; they are written, read again, and those of
    a preset are said to be another tool's."""
    numbers = np.random.default_rng(0)
    frame = pd.DataFrame({"x": numbers.normal(size=60), "c": list("abc") * 20})
    stored = profile(frame)

    report = monitor(stored, frame, statistics=list(STATISTICS))
    preset = monitor(stored, frame, preset="nannyml", reference=frame)

    assert report.definitions.keys() == set(report.drift["statistic"])
    assert all(entry["definition"] and entry["floor"] is not None for entry in report.definitions.values())
    assert report.definitions["jensenshannon"]["base"] == "2"
    assert report.definitions["psi"]["empty_bins"] == 1e-4
    assert report.definitions["tails"]["sees"].endswith("not the middle")
    assert "deciles" in report.definitions["psi"]["bins"]
    written = json.loads(json.dumps(report.to_json(), allow_nan=False))
    assert written["definitions"] == report.definitions
    assert MonitorReport.from_json(written).definitions == report.definitions
    assert all("nannyml" in entry["definition"] for entry in preset.definitions.values())


def test_every_statistic_has_a_floor_that_a_report_tells() -> None:
    """No name that can be asked for is without a definition."""
    names = [*STATISTICS, *derived_features.NAMES, *JOINT]

    assert all(entry["definition"] and entry["floor"] is not None for entry in declarations.describe(names).values())


def test_the_text_of_a_report_is_its_verdict_its_alerts_and_its_notes() -> None:
    """A terminal shows this, and not the fields of the record."""
    before = pd.DataFrame({"x": np.arange(300.0)})

    text = repr(monitor(profile(before), before + 200))

    assert text.splitlines()[0] == "model: The only feature changed enough to matter. x is higher than at training."
    assert text.splitlines()[1] == "x drifted in all: ks 0.667 above 0.1"
