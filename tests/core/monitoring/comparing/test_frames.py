"""The calibrated default: quiet when nothing happened, right about what did, and never stopped by one bad column."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlops_magics.core.monitoring import ReferenceProfile, drift, profile
from mlops_magics.core.monitoring.comparing.findings import DRIFT_COLUMNS
from mlops_magics.core.monitoring.reading import batches
from mlops_magics.errors import InvalidInput


def _verdicts(answer: pd.DataFrame) -> dict[str, str]:
    return {row.feature: row.statistic for row in answer[answer["drifted"]].itertuples()}


def test_columns_are_exactly_the_documented_ones(penguins: pd.DataFrame) -> None:
    """The names and their order are a contract."""
    answer = drift(penguins, penguins)

    assert tuple(answer.columns) == DRIFT_COLUMNS
    assert len(answer) == penguins.shape[1]
    assert answer["drifted"].dtype == bool


@pytest.mark.parametrize("feature", ["bill_length", "flipper", "mass"])
@pytest.mark.parametrize("sigmas", [1, 2])
@pytest.mark.parametrize("stored", [True, False])
def test_one_shifted_feature_is_named_and_only_it(
    penguins: pd.DataFrame, feature: str, sigmas: int, stored: bool
) -> None:
    """200 rows drawn from 333, one feature shifted by one or two standard deviations, from rows or from the stored
    profile."""
    current = penguins.sample(200, random_state=sigmas).reset_index(drop=True)
    current[feature] += sigmas * penguins[feature].std()
    reference = ReferenceProfile.from_bytes(profile(penguins).to_bytes()) if stored else penguins

    assert list(_verdicts(drift(reference, current))) == [feature]


def test_null_data_are_quiet() -> None:
    """At most 5 % of reports on unchanged data have any false alarm, at 100 rows and 20 features."""
    numbers = np.random.default_rng(3)
    shares = 1 / np.arange(1, 21)

    def frame(rows: int) -> pd.DataFrame:
        numeric = {f"x{k}": numbers.normal(size=rows) for k in range(12)}
        return pd.DataFrame(
            numeric | {f"c{k}": numbers.choice(20, rows, p=shares / shares.sum()).astype(str) for k in range(8)}
        )

    alarms = [bool(drift(profile(frame(1_000)), frame(100))["drifted"].any()) for _ in range(60)]

    assert sum(alarms) <= 4  # one expected


def test_trivial_differences_in_large_data_do_not_alarm() -> None:
    """With many rows every difference is significant; below the practical floor it is no drift."""
    numbers = np.random.default_rng(1)
    reference = pd.DataFrame({"x": numbers.normal(size=50_000)})
    answer = drift(reference, reference + 0.05)

    assert answer["p_value"].iloc[0] < 1e-6
    assert not answer["drifted"].any()


def test_structural_trouble_is_a_verdict_and_stops_nothing() -> None:
    """A missing column, all missing, another type: each is a drifted row; the healthy feature is still compared."""
    n = np.arange(200.0)
    reference = pd.DataFrame({"gone": n, "empty": n, "typed": n, "fine": n, "words": ["a", "b"] * 100})
    current = pd.DataFrame(
        {"empty": n * np.nan, "typed": [str(v) for v in n], "fine": n, "words": [1.5, 2.5] * 100, "extra": n}
    )

    answer = drift(reference, current)

    assert _verdicts(answer) == {
        "gone": "missing_column",
        "empty": "all_missing",
        "typed": "changed_type",
        "words": "changed_type",
    }
    assert set(answer["feature"]) == {*reference.columns, "extra"}
    assert answer.set_index("feature").loc["extra", "statistic"] == "extra_column"


@pytest.mark.parametrize("large", [False, True], ids=["rows", "batches"])
def test_booleans_are_zero_and_one(large: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A flag that another reader gives as 0 and 1, or 0 and 1 as a flag, is the same feature; 2 is another type."""
    numbers = np.random.default_rng(4)
    flags = pd.DataFrame({"f": numbers.random(400) < 0.3})
    codes = flags.astype(int)
    if large:
        monkeypatch.setattr(batches, "LARGE_FILE", 1)

    def scores(before: pd.DataFrame, now: pd.DataFrame) -> list[Any]:
        now.to_parquet(tmp_path / "now.parquet")
        found = drift(profile(before), tmp_path / "now.parquet" if large else now)
        return found[["score", "drifted"]].to_numpy().tolist()

    assert scores(flags, codes) == scores(flags, codes.astype(float)) == scores(flags, flags) == [[0.0, False]]
    assert scores(codes, flags) == [[0.0, False]]
    assert scores(flags, codes * 2) == [[1.0, True]]


def test_more_missing_values_are_drift() -> None:
    """A feature whose values look the same but are often missing now has a row that says so."""
    numbers = np.random.default_rng(0)
    reference = pd.DataFrame({"x": numbers.normal(size=500)})
    current = reference.sample(300, random_state=0).reset_index(drop=True)
    current.loc[:100, "x"] = np.nan

    assert _verdicts(drift(reference, current)) == {"x": "missing"}


def test_one_new_category_in_many_rows_is_no_drift() -> None:
    """A single unseen value among 500 rows does not alarm; a fifth of the rows does."""
    reference = pd.DataFrame({"c": ["a", "b"] * 500})
    one = pd.DataFrame({"c": ["a", "b"] * 250 + ["new"]})
    many = pd.DataFrame({"c": ["a", "b"] * 200 + ["new"] * 100})

    assert not drift(reference, one)["drifted"].any()
    assert drift(reference, many)["drifted"].all()


@pytest.mark.parametrize(
    "make", [lambda f: f, lambda f: f.iloc[:0], lambda f: f.iloc[:1]], ids=["all", "none", "one row"]
)
def test_any_number_of_rows_gives_one_row_per_feature(penguins: pd.DataFrame, make: object) -> None:
    """Empty data and one row are answered, without an alarm."""
    answer = drift(penguins, make(penguins))  # type: ignore[operator]

    assert len(answer) == penguins.shape[1]
    assert not answer["drifted"].any()


def test_infinities_and_constants_are_compared() -> None:
    """Infinite values are dropped and counted apart; a constant that stays is quiet, one that moves is drift."""
    n = np.arange(200.0)
    reference = pd.DataFrame({"inf": n, "same": 1.0, "moved": 1.0})
    current = pd.DataFrame({"inf": np.where(n % 50 == 0, np.inf, n), "same": 1.0, "moved": 2.0})

    answer = drift(reference, current, statistics=["ks", "wasserstein", "psi", "jensenshannon"])

    assert set(_verdicts(answer)) == {"moved"}
    assert answer.set_index(["feature", "statistic"]).loc[("inf", "ks"), "n_current"] == 196


def test_hundred_thousand_categories_are_compared() -> None:
    """Identifiers neither break nor alarm; the profile keeps their size bounded."""
    reference = pd.DataFrame({"id": [f"r{k}" for k in range(100_000)]})
    current = pd.DataFrame({"id": [f"c{k}" for k in range(1_000)]})
    stored = profile(reference)

    assert len(stored.to_bytes()) < 60_000
    assert len(drift(stored, current)) == 1


def test_doubled_column_names_are_one_clear_line() -> None:
    """A frame with two columns of one name is refused by name."""
    frame = pd.DataFrame([[1.0, 2.0]], columns=["x", "x"])

    with pytest.raises(InvalidInput, match="'x' occurs 2 times"):
        drift(frame, frame)


def test_unknown_preset_lists_the_known() -> None:
    """A preset that does not exist is refused with those that do."""
    with pytest.raises(InvalidInput, match="evidently, nannyml"):
        drift(pd.DataFrame({"x": [1.0]}), pd.DataFrame({"x": [1.0]}), preset="alibi")
