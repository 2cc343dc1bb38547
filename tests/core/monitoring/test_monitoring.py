"""Whatever comes, every feature keeps its row or the caller gets one clear line; pytest turns warnings into errors."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from mlops_magics.core.monitoring import ReferenceProfile, drift, monitor, performance, profile
from mlops_magics.core.monitoring.reading import batches
from mlops_magics.core.monitoring.statistics.declarations import STATISTICS
from mlops_magics.errors import InvalidInput, NotFound

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
        (["q1", "q2", "unknown"], "1 truth has an id of no request (such as unknown)"),
        (["q1", "q1", "q2"], "1 truth came twice for the same id (such as q1). The last one counts"),
        ([], "no truth has arrived"),
        ([None, "q1", "q2"], "1 truth has no id"),
    ],
)
def test_truth_with_unknown_doubled_or_no_ids_is_told(good: pd.DataFrame, ids: list[str | None], said: str) -> None:
    """What could not be joined is counted in the report's notes or refused in one line; nothing is joined twice."""
    current = good.assign(request_id=[f"q{place}" for place in range(ROWS)])
    truth = pd.DataFrame({"request_id": ids, "y": [1.0] * len(ids)})

    report = monitor(profile(good), current, truth=truth, on="request_id", prediction=good["a"], metrics="rmse")

    assert said in " ".join(report.notes)
    assert report.performance["n"].sum() == len(set(ids) & {"q1", "q2"})


KINDS: dict[str, Callable[[], object]] = {
    "nested lists": lambda: [[1, 2]] * ROWS,
    "dicts": lambda: [{"k": 1}] * ROWS,
    "sets": lambda: [{1, 2}] * ROWS,
    "arrays": lambda: [np.arange(3)] * ROWS,
    "objects": lambda: [object()] * ROWS,
    "spans": lambda: pd.to_timedelta(np.arange(ROWS), unit="s"),
    "complex": lambda: np.arange(ROWS) + 1j,
    "pandas periods": lambda: pd.period_range("2024", periods=ROWS, freq="D"),
    "intervals": lambda: pd.interval_range(0, ROWS),
    "Decimal": lambda: [Decimal("NaN"), Decimal("Infinity"), *[Decimal("1.5")] * (ROWS - 2)],
    "bytes": lambda: [b"\xff\xfe"] * ROWS,
    "dates": lambda: [dt.date(9999, 1, 1)] * ROWS,
    "hours": lambda: [dt.time(1, 2)] * ROWS,
    "mixed": lambda: [1, "a", None, 2.5] * (ROWS // 4),
    "beyond floats": lambda: [10**400] * ROWS,
    "at the edge of floats": lambda: np.full(ROWS, 1.7e308),
    "2**63": lambda: np.full(ROWS, 2**63, dtype="uint64"),
    "Int64": lambda: pd.array([None, *range(ROWS - 1)], dtype="Int64"),
    "boolean": lambda: pd.array([True, None] * (ROWS // 2), dtype="boolean"),
    "sparse": lambda: pd.arrays.SparseArray(np.zeros(ROWS)),
    "every missing value": lambda: [None, np.nan, pd.NA, pd.NaT] * (ROWS // 4),
    "categories that are all missing": lambda: pd.Categorical([None] * ROWS),
    "a NUL": lambda: ["a\0b"] * ROWS,
    **{
        f"arrow {kind}": lambda value=value, kind=kind: pd.array([value, None] * (ROWS // 2), dtype=pd.ArrowDtype(kind))
        for value, kind in (
            (1, pa.int64()),
            ("x", pa.string()),
            (b"x", pa.binary()),
            ([1], pa.list_(pa.int64())),
            ({"k": 1}, pa.struct({"k": pa.int64()})),
            (Decimal("1.5"), pa.decimal128(10, 2)),
            (dt.datetime(2024, 1, 1, tzinfo=dt.UTC), pa.timestamp("us", "UTC")),
            (dt.date(2024, 1, 1), pa.date32()),
            (dt.time(1, 2), pa.time64("us")),
            (dt.timedelta(1), pa.duration("us")),
            ("x", pa.dictionary(pa.int32(), pa.string())),
            (None, pa.null()),
        )
    },
}


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_of_column_has_its_row_and_stops_no_other(good: pd.DataFrame, name: str) -> None:
    """In place of a number, a category and a time; as the current data and as the reference; drawn and written."""
    for target in good.columns:
        odd = good.assign(**{target: KINDS[name]()})
        stored = ReferenceProfile.from_bytes(profile(odd).to_bytes())
        report = monitor(ReferenceProfile.from_bytes(profile(good).to_bytes()), odd, by="2 parts")

        assert set(report.drift["feature"]) == set(good.columns)
        assert set(drift(odd, good)["feature"]) == set(good.columns)
        assert set(monitor(stored, good).drift["feature"]) == set(good.columns)
        json.dumps([report.to_json(), report.wire()], allow_nan=False)


TIMES: dict[str, tuple[Callable[[], object], str]] = {
    "numbers": (lambda: np.arange(ROWS), "are numbers"),
    "numbers as objects": (lambda: pd.Series([1, pd.NA] * (ROWS // 2), dtype=object), "are numbers"),
    "words": (lambda: ["yesterday"] * ROWS, "cannot be read as times"),
    "hours": (lambda: [dt.time(1, 2)] * ROWS, "cannot be read as times"),
    "lists": (lambda: [[1]] * ROWS, "cannot be read as times"),
    "none": (lambda: [pd.NaT] * ROWS, "None of the 500 rows has a time in 'when'"),
}


@pytest.mark.parametrize("name", TIMES)
def test_times_that_are_none_are_one_clear_line(good: pd.DataFrame, name: str) -> None:
    """The line names the column."""
    values, said = TIMES[name]
    with pytest.raises(InvalidInput, match=said):
        monitor(profile(good), good.assign(when=values()), by="day", timestamp="when")


@pytest.mark.parametrize(
    "moments",
    [
        pd.date_range("2024-10-26", periods=ROWS, freq="h", tz="Europe/Berlin"),  # an hour comes twice
        pd.array(pd.date_range("2024", periods=ROWS, tz="UTC"), dtype=pd.ArrowDtype(pa.timestamp("us", "UTC"))),
        pd.period_range("2024", periods=ROWS, freq="D"),
        [f"2024-01-{1 + k % 28:02d}T00:00:00+0{k % 3}:00" for k in range(ROWS)],
        pd.Categorical(pd.date_range("2024", periods=ROWS)),
        pd.date_range("2024", periods=ROWS)[::-1],
    ],
)
def test_times_of_every_make_are_cut_into_periods(good: pd.DataFrame, moments: object) -> None:
    """No row is lost; those without a time are counted."""
    current = good.assign(when=moments)
    whole = monitor(profile(good), current, by="week", timestamp="when")
    current.loc[:9, "when"] = None
    partly = monitor(profile(good), current, by="week", timestamp="when")

    assert sum(period["n"] for period in whole.periods) == ROWS
    assert "10 of 500 rows have no time in 'when'. They are in no period" in partly.notes


@pytest.mark.parametrize(
    "frame",
    [None, 3, {1, 2}, "nonsense", "nofile.parquet", {"a": [1], "c": [1, 2]}, {"a": 1}, np.zeros((2, 2, 2))],
)
def test_what_is_no_table_is_one_clear_line(good: pd.DataFrame, frame: object) -> None:
    """Never the traceback of the library that could not read it."""
    with pytest.raises((InvalidInput, NotFound)):
        monitor(profile(good), frame)


def test_columns_called_by_tuples_and_numbers_are_told_apart(good: pd.DataFrame) -> None:
    """A frame of another make lacks every feature, and says so for each."""
    for names in (pd.MultiIndex.from_product([["x"], good.columns]), range(3)):
        found = drift(good, good.set_axis(names, axis=1))

        assert set(found[found["statistic"] == "missing_column"]["feature"]) == {"a", "c", "t"}


def test_a_hundred_thousand_categories_that_nobody_knew_are_drift(good: pd.DataFrame) -> None:
    """Though each is too rare to be tested by itself; identifiers, new on both sides, are not."""
    many = pd.DataFrame({"c": [f"k{k}" for k in range(100_000)]})
    identifiers = [pd.DataFrame({"c": [f"{side}{k}" for k in range(3_000)]}) for side in "ab"]

    assert drift(good[["c"]], many)["drifted"].all()
    assert drift(many, good[["c"]])["drifted"].all()
    assert not drift(*identifiers)["drifted"].any()


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


def _arrow(frame: pd.DataFrame, folder: Path) -> pa.Table:
    """Return the frame for Arrow, which keeps no column of mixed types: as words."""
    mixed = [name for name in frame if pd.api.types.infer_dtype(frame[name]).startswith("mixed")]
    return pa.Table.from_pandas(frame.astype(dict.fromkeys(mixed, str)), preserve_index=False)


def _file(ending: str, write: Callable[[pd.DataFrame, str], object]) -> Callable[[pd.DataFrame, Path], str]:
    def convert(frame: pd.DataFrame, folder: Path) -> str:
        write(
            _arrow(frame, folder).to_pandas() if ending != "csv" else frame, path := str(folder / f"current.{ending}")
        )
        return path

    return convert


SOURCES: dict[str, Callable[[pd.DataFrame, Path], object]] = {
    "polars": lambda frame, folder: pytest.importorskip("polars").from_arrow(_arrow(frame, folder)),
    "lazy": lambda frame, folder: pytest.importorskip("polars").from_arrow(_arrow(frame, folder)).lazy(),
    "arrow": _arrow,
    "duckdb": lambda frame, folder: pytest.importorskip("duckdb").connect().from_arrow(_arrow(frame, folder)),
    "parquet": _file("parquet", lambda frame, path: frame.to_parquet(path, index=False)),
    "csv": _file("csv", lambda frame, path: frame.to_csv(path, index=False)),
}


@pytest.mark.parametrize("limit", [0, 10**9], ids=["counted", "in memory"])
@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("name", BAD)
def test_bad_data_of_every_source_keep_a_row_for_every_feature(
    good: pd.DataFrame, name: str, source: str, limit: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether held in memory or counted as they pass by, whole or by day."""
    spoil, expected = BAD[name]
    monkeypatch.setattr(batches, "LARGE_ROWS", limit)
    monkeypatch.setattr(batches, "LARGE_FILE", limit)
    spoilt = SOURCES[source](spoil(good), tmp_path)

    whole, report = drift(good, spoilt), monitor(profile(good), spoilt, by="day", timestamp="t")

    assert set(whole["feature"]) >= set(good.columns)
    assert set(report.drift["feature"]) >= set(good.columns)
    if source != "csv":  # has no types, and knows of an empty column nothing but its name
        assert set(zip(whole["feature"], whole["statistic"], strict=True)) >= expected


def test_words_that_come_late_in_a_csv_change_the_type_of_their_column(good: pd.DataFrame, tmp_path: Path) -> None:
    """Arrow guesses a type from the first megabyte; what does not fit it later is a verdict of that feature."""
    many = pd.concat([good] * 400).assign(a=lambda f: f["a"].astype(object))
    many.iloc[-1, 0] = "broken"
    many.to_csv(tmp_path / "late.csv", index=False)

    answer = drift(good, str(tmp_path / "late.csv")).set_index("feature")

    assert answer.loc["a", "statistic"] == "changed_type"
    assert answer.loc["c", "statistic"] == "tvd"


@pytest.mark.parametrize("limit", [0, 10**9], ids=["counted", "in memory"])
@pytest.mark.parametrize("ending", ["parquet", "csv", "arrow"])
def test_files_that_are_none_are_one_clear_line(
    good: pd.DataFrame, ending: str, limit: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing in it, or something else."""
    monkeypatch.setattr(batches, "LARGE_FILE", limit)
    for content in (b"", b"PAR1 is no Parquet \xff\xfe"):
        (path := tmp_path / f"broken.{ending}").write_bytes(content)
        if ending == "csv" and content:
            continue
        with pytest.raises(InvalidInput, match="Cannot read"):
            drift(good, str(path))


SAME: dict[str, list[Callable[[np.ndarray], object]]] = {
    "numbers": [
        lambda v: v.astype("int8"),
        lambda v: v.astype("float32"),
        lambda v: pd.array(v, dtype="UInt16"),
        lambda v: pd.array(v, dtype="int64[pyarrow]"),
        lambda v: [Decimal(int(x)) for x in v],
        lambda v: pd.Series(v.tolist(), dtype=object),
        lambda v: pd.arrays.SparseArray(v),
    ],
    "spans": [
        lambda v: v.astype("timedelta64[s]"),
        lambda v: v.astype("timedelta64[s]").astype("timedelta64[ns]"),
        lambda v: pd.array(v.astype("timedelta64[s]"), dtype="duration[s][pyarrow]"),
        lambda v: pd.Series([dt.timedelta(seconds=int(x)) for x in v], dtype=object),
    ],
    "booleans": [
        lambda v: v > 9,
        lambda v: pd.array(v > 9, dtype="boolean"),
        lambda v: pd.array(v > 9, dtype="bool[pyarrow]"),
        lambda v: pd.Series((v > 9).tolist(), dtype=object),
    ],
    "categories of numbers": [
        lambda v: pd.Categorical(v, categories=range(99, -1, -1)),
        lambda v: pd.Categorical(v.astype(float)),
        lambda v: pd.array(pa.array(v).dictionary_encode(), dtype=pd.ArrowDtype(pa.dictionary(pa.int32(), pa.int64()))),
    ],
}


@pytest.mark.parametrize("name", SAME)
def test_the_make_of_a_column_changes_no_number(name: str) -> None:
    """Whatever dtype holds the same values, on either side."""
    numbers = np.random.default_rng(0)
    values = numbers.integers(0, 30, 200), numbers.integers(2, 33, 150)
    sides = [[pd.DataFrame({"x": make(each)}) for make in SAME[name]] for each in values]
    exact = drift(sides[0][0], sides[1][0], list(STATISTICS))

    for before, after in zip(*sides):
        for pair in ((before, after), (sides[0][0], after), (before, sides[1][0])):
            pd.testing.assert_frame_equal(drift(*pair, list(STATISTICS)), exact, rtol=1e-9)
