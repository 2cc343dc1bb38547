"""Whatever comes, every feature keeps its row or the caller gets one clear line; pytest turns warnings into errors."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from mlops_magics.core.monitoring import drift
from mlops_magics.errors import InvalidInput

ROWS = 500
BAD: dict[str, tuple[Callable[[pd.DataFrame], pd.DataFrame], set[tuple[str, str]]]] = {
    "empty": (lambda f: f.iloc[:0], {("a", "no_rows")}),
    "one row": (lambda f: f.iloc[:1], set()),
    "one date": (lambda f: f.assign(t=f["t"].iloc[0]), {("t", "hour")}),
    "all missing": (lambda f: f.assign(a=np.nan), {("a", "all_missing")}),
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


def test_an_empty_reference_is_a_verdict_of_every_feature(good: pd.DataFrame) -> None:
    """Nothing to compare with is trouble, and said once per feature."""
    answer = drift(good.iloc[:0], good)

    assert list(answer["statistic"]) == ["empty_reference"] * 3
    assert answer["drifted"].all()


def test_doubled_names_in_the_current_data_are_one_clear_line(good: pd.DataFrame) -> None:
    """The line names the column."""
    with pytest.raises(InvalidInput, match="'a' occurs 2 times"):
        drift(good, good.set_axis(["a", "a", "t"], axis=1))
