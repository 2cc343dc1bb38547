"""Whatever comes, every feature keeps its row or the caller gets one clear line; pytest turns warnings into errors."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from mlops_magics.core.monitoring import ReferenceProfile, drift, monitor, performance, profile
from mlops_magics.errors import InvalidInput

ROWS = 500
BAD: dict[str, tuple[Callable[[pd.DataFrame], pd.DataFrame], set[tuple[str, str]]]] = {
    "empty": (lambda f: f.iloc[:0], {("a", "no_rows")}),
    "one row": (lambda f: f.iloc[:1], set()),
    "one date": (lambda f: f.assign(t=f["t"].iloc[0]), {("t", "hour")}),
    "all missing": (lambda f: f.assign(a=np.nan), {("a", "all_missing")}),
    "all infinite": (lambda f: f.assign(a=np.inf), {("a", "all_infinite")}),
    "missing and infinite": (lambda f: f.assign(a=[np.nan] * 200 + [-np.inf] * 300), {("a", "all_infinite")}),
    "column missing": (lambda f: f.drop(columns="a"), {("a", "missing_column")}),
    "column extra": (lambda f: f.assign(z=1), {("z", "extra_column")}),
    "other type": (lambda f: f.assign(a="q"), {("a", "changed_type")}),
    "strings among numbers": (lambda f: f.assign(a=["bad", *f["a"].iloc[1:]]), {("a", "changed_type")}),
    "some infinities": (lambda f: f.assign(a=[np.inf, -np.inf, *f["a"].iloc[2:]]), {("a", "ks")}),
    "constant": (lambda f: f.assign(a=1.0), {("a", "ks")}),
    "unseen category": (lambda f: f.assign(c="w"), {("c", "tvd")}),
    "naive times": (lambda f: f.assign(t=f["t"].dt.tz_localize(None)), {("t", "hour")}),
    "other time zone": (lambda f: f.assign(t=f["t"].dt.tz_convert("Asia/Tokyo")), {("t", "hour")}),
    "mixed time zones": (
        lambda f: f.assign(
            t=pd.Series([v if k % 2 else v.tz_convert("Asia/Tokyo") for k, v in enumerate(f["t"])], dtype=object)
        ),
        {("t", "hour")},
    ),
}


@pytest.fixture
def good() -> pd.DataFrame:
    """Return a number, a category and a time."""
    numbers = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "a": numbers.normal(size=ROWS),
            "c": numbers.choice(list("xyz"), ROWS),
            "t": pd.date_range("2024", periods=ROWS, freq="h", tz="UTC"),
        }
    )


@pytest.mark.parametrize("name", BAD)
def test_bad_data_keep_a_row_for_every_feature(good: pd.DataFrame, name: str) -> None:
    """What is wrong is named in the feature's own row, and the other features are still compared."""
    spoil, expected = BAD[name]

    answer = drift(good, spoil(good))

    assert set(answer["feature"]) >= set(good.columns)
    assert set(zip(answer["feature"], answer["statistic"], strict=True)) >= expected


@pytest.mark.parametrize("name", BAD)
def test_a_report_says_of_bad_data_what_drift_says(good: pd.DataFrame, name: str) -> None:
    """`%monitor` compares with the stored profile: the same rows, and text, HTML and charts are made of them."""
    spoil, expected = BAD[name]
    stored = ReferenceProfile.from_bytes(profile(good, truth=good["a"]).to_bytes())

    report = monitor(stored, spoil(good))

    assert set(report.drift["feature"]) >= set(good.columns)
    assert set(zip(report.drift["feature"], report.drift["statistic"], strict=True)) >= expected
    assert repr(report)
    assert report.to_json()


@pytest.mark.parametrize(
    ("ids", "said"),
    [
        (["q1", "q2", "unknown"], "1 truths have ids that were never asked (such as unknown)"),
        (["q1", "q1", "q2"], "1 truths came twice for the same id (such as q1); the last one counts"),
        ([], "no truth has arrived"),
        ([None, "q1", "q2"], "1 truths have no id"),
    ],
)
def test_truth_with_unknown_doubled_or_no_ids_is_told(good: pd.DataFrame, ids: list[str | None], said: str) -> None:
    """What could not be joined is counted in the report's notes or refused in one line; nothing is joined twice."""
    current = good.assign(request_id=[f"q{place}" for place in range(ROWS)])
    truth = pd.DataFrame({"request_id": ids, "y": [1.0] * len(ids)})

    report = monitor(profile(good), current, truth=truth, on="request_id", prediction=good["a"], metrics="rmse")

    assert said in " ".join(report.notes)
    assert report.performance["n"].sum() == len(set(ids) & {"q1", "q2"})


LABELS: dict[str, tuple[list[object], list[object]]] = {
    "empty": ([], []),
    "one row": ([1.0], [1.0]),
    "all truth missing": ([np.nan] * 4, [1.0, 0.0, 1.0, 0.0]),
    "all predictions missing": ([1.0, 0.0, 1.0, 0.0], [np.nan] * 4),
    "one class": (["a"] * 4, ["a", "b", "a", "b"]),
    "a class never seen": (["a", "b", "a", "b"], ["a", "z", "z", "z"]),
    "numbers for words": (["a", "b", "a", "b"], [1.0, 2.0, 1.0, 2.0]),
    "infinite truth": ([np.inf, 0.5, 1.5, 2.5], [0.5, 0.5, 1.5, 2.5]),
    "infinite prediction": ([0.5, 0.5, 1.5, 2.5], [np.inf, 0.5, 1.5, 2.5]),
    "constant": ([2.5] * 4, [2.5] * 4),
}


@pytest.mark.parametrize("name", LABELS)
def test_bad_truths_are_a_row_without_a_score_or_one_clear_line(name: str) -> None:
    """Never a traceback of numpy or scikit-learn, and a score is a finite number or missing."""
    truth, estimate = LABELS[name]
    with contextlib.suppress(InvalidInput):
        scores = performance(pd.DataFrame({"y": truth, "p": estimate}), truth="y", estimate="p")
        assert not np.isinf(scores["score"]).any()
        assert len(scores)


def test_an_empty_reference_is_a_verdict_of_every_feature(good: pd.DataFrame) -> None:
    """Nothing to compare with is trouble, and said once per feature."""
    answer = drift(good.iloc[:0], good)

    assert list(answer["statistic"]) == ["empty_reference"] * 3
    assert answer["drifted"].all()


def test_doubled_names_in_the_current_data_are_one_clear_line(good: pd.DataFrame) -> None:
    """The line names the column."""
    with pytest.raises(InvalidInput, match="'a' occurs 2 times"):
        drift(good, good.set_axis(["a", "a", "t"], axis=1))
