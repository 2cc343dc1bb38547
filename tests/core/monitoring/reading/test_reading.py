"""A column is what the reference says it is, whichever library, file or width it comes in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from mlops_magics.core.monitoring import ReferenceProfile, drift, monitor, profile
from mlops_magics.core.monitoring.reading import batches

ROWS = 400
NUMBERS = np.random.default_rng(0)
ZIPS = np.array(["01234", "00501", "90210", "02139"])
COUNTRIES = np.array(["NA", "DE", "FR", "null"])


def _frame(seed: int) -> pd.DataFrame:
    numbers = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "zip": numbers.choice(ZIPS, ROWS),
            "country": numbers.choice(COUNTRIES, ROWS),
            "word": np.where(numbers.random(ROWS) < 0.3, None, numbers.choice(["a", "b"], ROWS)),
            "flag": numbers.random(ROWS) < 0.5,
            "size": np.where(numbers.random(ROWS) < 0.1, np.nan, numbers.normal(size=ROWS).round(2)),
            "rating": numbers.integers(1, 6, ROWS),
        }
    )


def _path(frame: pd.DataFrame, folder: Path, ending: str) -> str:
    path = folder / f"rows.{ending}"
    {"csv": lambda: frame.to_csv(path, index=False), "parquet": lambda: frame.to_parquet(path)}.get(
        ending, lambda: frame.to_feather(path)
    )()
    return str(path)


@pytest.mark.parametrize("ending", ["csv", "parquet", "arrow"])
@pytest.mark.parametrize("large", [False, True], ids=["in memory", "in batches"])
def test_a_file_has_the_scores_of_its_frame(
    ending: str, large: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Zip codes keep their zeros, NA and null are countries, empty words are missing, and flags are booleans."""
    reference = ReferenceProfile.from_bytes(profile(_frame(10)).to_bytes())
    current = _frame(1)
    path = _path(current, tmp_path, ending)
    expected = drift(reference, current)
    if large:
        monkeypatch.setattr(batches, "LARGE_FILE", 1)
    found = drift(reference, path)

    columns = ["feature", "statistic", "score", "n_current", "drifted"]
    pd.testing.assert_frame_equal(found[columns], expected[columns], rtol=1e-9)
    assert set(found["statistic"]) == {"ks", "tvd"}


def test_rows_as_reference_decide_too(tmp_path: Path) -> None:
    """A frame beside a path."""
    frame = _frame(10)

    assert not drift(frame, _path(_frame(1), tmp_path, "csv"))["drifted"].any()


def test_the_truth_in_a_file_is_of_the_type_of_the_target(tmp_path: Path) -> None:
    """Labels 01 and 02 are those that the model was trained on, and not the numbers 1 and 2."""
    frame = _frame(10).assign(y=np.resize(["01", "02"], ROWS))
    reference = profile(frame[["size", "rating"]], truth=frame["y"], prediction=frame["y"])
    report = monitor(reference, _path(frame, tmp_path, "csv"), truth="y", prediction="y")

    assert report.performance.set_index("metric").loc["accuracy", "score"] == 1.0
    assert not report.roles["drifted"].any()


@pytest.mark.parametrize("width", [np.float32, np.float16])
def test_the_width_of_a_float_is_no_drift(width: Any) -> None:
    """Decimals of 32 and of 64 bits are the same numbers."""
    values = NUMBERS.integers(0, 50, 1_000) / 10
    wide, narrow = pd.DataFrame({"x": values}), pd.DataFrame({"x": values.astype(width)})

    for pair in ((wide, narrow), (narrow, wide), (profile(wide), narrow)):
        assert drift(*pair)["score"].item() == 0.0
    assert drift(pa.Table.from_pandas(narrow), wide)["score"].item() == 0.0


def test_list_cells_are_the_same_from_everywhere(tmp_path: Path) -> None:
    """From pandas as lists or arrays, from Arrow and from Parquet."""
    cells = [[1, 2], [3], [], [1, 2]] * 50
    frame = pd.DataFrame({"items": cells})
    arrays = pd.DataFrame({"items": [np.array(cell, dtype=np.int64) for cell in cells]})
    path = _path(frame, tmp_path, "parquet")

    for current in (arrays, pa.Table.from_pandas(frame), path):
        answer = drift(frame, current, statistics=["tvd", "new_categories"])
        assert answer["score"].tolist() == [0.0, 0.0]


@pytest.mark.parametrize(
    "cells",
    [
        [["a", "b"], ["b", "a"]],
        [list(np.array(["a", "b"])), list(np.array(["b", "a"]))],
        [("a", "b"), ("b", "a")],
        [list(np.array([1, 2])), list(np.array([2, 1], dtype=np.int8))],
        [list(np.array([0.1, 0.5], dtype=np.float32)), np.array([0.5, 0.1], dtype=np.float32)],
        [[np.bool_(True), np.bool_(False)], [False]],
        [[[np.str_("a")], ["x"]], [["b"], ["x"]]],
        [[pd.Timestamp("2026-01-01")], [pd.Timestamp("2026-01-02")]],
        [{"k": np.str_("a"), "n": np.int64(1)}, {"k": "b", "n": 2}],
        [{"k": "a", "n": "x"}, {"k": "b"}],
        [["a", None], ["b", None]],
    ],
)
def test_nested_cells_are_the_same_whatever_holds_them(cells: list[Any], tmp_path: Path) -> None:
    """NumPy's and pandas' values in lists, tuples and mappings are Python's, as Arrow and Parquet give them back."""
    frame = pd.DataFrame({"items": pd.Series(cells * 100, dtype=object)})
    path = _path(frame, tmp_path, "parquet")

    for current in (frame, pa.Table.from_pandas(frame), path, pd.read_parquet(path)):
        assert drift(frame, current, statistics=["tvd", "new_categories"])["score"].tolist() == [0.0, 0.0]


def test_the_index_of_a_frame_is_no_new_column(tmp_path: Path) -> None:
    """pandas keeps the index of a part of a frame as a column of Parquet and Arrow."""
    frame = pd.DataFrame({"x": NUMBERS.normal(size=ROWS)})
    part = frame.sample(ROWS // 2, random_state=0)

    for current in (_path(part, tmp_path, "parquet"), pa.Table.from_pandas(part)):
        assert drift(frame, current)["feature"].tolist() == ["x"]


def test_integer_categories_are_the_same_from_parquet(tmp_path: Path) -> None:
    """Parquet keeps their numbers, and the reference says that they are categories; also the other way round."""
    codes = NUMBERS.integers(0, 4, ROWS)
    categories, plain = pd.DataFrame({"c": pd.Categorical(codes)}), pd.DataFrame({"c": codes})
    path = _path(categories, tmp_path, "parquet")

    assert drift(categories, path)[["statistic", "score"]].values.tolist() == [["tvd", 0.0]]
    assert drift(plain, categories)[["statistic", "score"]].values.tolist() == [["ks", 0.0]]


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Kolkata"])
def test_hours_are_those_of_the_local_clock(zone: str) -> None:
    """Office hours stay office hours in winter and summer, and in whichever zone the current times are told."""
    days = pd.date_range("2024-01-01", periods=300, freq="D")
    hours = pd.to_timedelta(NUMBERS.integers(9, 17, 300), "h")
    local = (days + hours).tz_localize(zone)
    reference = ReferenceProfile.from_bytes(profile(pd.DataFrame({"at": local[:150]})).to_bytes())

    assert set(reference.features["at"].parts["hour"].sample.labels) <= {f"{hour:02d}" for hour in range(9, 17)}
    for current in (local[150:], local[150:].tz_convert("UTC"), local[150:].tz_convert("Europe/Berlin")):
        frame = pd.DataFrame({"at": current})
        assert not drift(reference, frame)["drifted"].any()
        assert not drift(reference, pa.Table.from_pandas(frame))["drifted"].any()


@pytest.mark.parametrize("statistic", ["psi", "kl"])
def test_bins_see_a_flag_that_is_mostly_one_value_and_a_constant_that_changes(statistic: str) -> None:
    """Whichever value is the frequent one; without change the score is 0."""
    ones, fewer = np.repeat([1.0, 0.0], [96, 4]), np.repeat([1.0, 0.0], [70, 30])
    cases = [
        (ones, fewer),
        (1 - ones, 1 - fewer),
        (np.full(50, 5.0), np.full(50, 7.0)),
        (np.full(50, 5.0), np.full(50, 3.0)),
    ]

    for before, now in cases:
        changed = drift(pd.DataFrame({"x": before}), pd.DataFrame({"x": now}), statistics=[statistic])
        same = drift(pd.DataFrame({"x": before}), pd.DataFrame({"x": before}), statistics=[statistic])
        assert changed["score"].item() > 0.1
        assert same["score"].item() == 0.0
