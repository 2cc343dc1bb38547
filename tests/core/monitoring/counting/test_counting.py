"""Frames of every library, files in batches, and counts in query engines: the same verdicts, the same integers."""

from __future__ import annotations

import importlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.dataset
import pytest
from scipy.stats import ks_2samp

from mlops_magics.core.monitoring import drift, monitor, profile
from mlops_magics.core.monitoring.counting import exact_ks, ibis_queries, one_pass, pushdown
from mlops_magics.core.monitoring.counting.streamed_periods import ByRow
from mlops_magics.core.monitoring.counting.tallies import Tally
from mlops_magics.core.monitoring.profiling.samples import NumericSample
from mlops_magics.core.monitoring.reading import batches
from mlops_magics.errors import DataMismatch, InvalidInput, NotFound

# ibis and dask still set a pandas option that pandas 3 deprecates
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture
def sides() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return a reference and a current frame with every kind of column; ``x`` and ``c`` are shifted."""
    numbers = np.random.default_rng(0)

    def frame(rows: int, shift: float) -> pd.DataFrame:
        x = numbers.normal(size=rows) + shift
        return pd.DataFrame(
            {
                "x": np.where(numbers.random(rows) < 0.05, np.nan, x),
                "n": numbers.integers(0, 9, rows),
                "b": numbers.random(rows) < 0.5,
                "c": numbers.choice(["a", "b", "c"], rows, p=[0.6 - shift / 3, 0.3, 0.1 + shift / 3]),
                "t": pd.Timestamp("2024-01-01") + pd.to_timedelta(numbers.integers(0, 30 * 86_400, rows), "s"),
            }
        )

    return frame(3_000, 0.0), frame(2_000, 0.6)


def _polars(frame: pd.DataFrame) -> Any:
    return pytest.importorskip("polars").from_pandas(frame)


def _duckdb(frame: pd.DataFrame) -> Any:
    return pytest.importorskip("duckdb").connect().from_arrow(pa.Table.from_pandas(frame))


def _ibis(frame: pd.DataFrame) -> Any:
    return pytest.importorskip("ibis").memtable(frame)


def _dask(frame: pd.DataFrame) -> Any:
    return pytest.importorskip("dask.dataframe").from_pandas(frame, npartitions=2)


@pytest.mark.parametrize(
    "convert",
    [pa.Table.from_pandas, _polars, lambda f: _polars(f).lazy(), _duckdb, _ibis, _dask],
    ids=["arrow", "polars", "lazy", "duckdb", "ibis", "dask"],
)
def test_every_library_gives_the_same_answer(
    convert: Callable[[pd.DataFrame], Any], sides: tuple[pd.DataFrame, pd.DataFrame]
) -> None:
    """Where a frame comes from does not change a number."""
    reference, current = sides

    pd.testing.assert_frame_equal(drift(convert(reference), convert(current)), drift(reference, current))


@pytest.mark.parametrize("ending", ["parquet", "csv", "arrow"])
def test_paths_are_read(ending: str, tmp_path: Path, sides: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    """A path to Parquet, CSV or Arrow stands for its frame."""
    paths = []
    for k, frame in enumerate(sides):
        path = tmp_path / f"{k}.{ending}"
        writers = {
            "parquet": frame.to_parquet,
            "csv": lambda p, f=frame: f.to_csv(p, index=False),
            "arrow": frame.to_feather,
        }
        writers[ending](path)
        paths.append(str(path))

    np.testing.assert_allclose(drift(*paths)["score"], drift(*sides)["score"], rtol=1e-9)


def test_what_is_no_table_is_one_clear_line(tmp_path: Path) -> None:
    """A number, a missing file, an unknown ending."""
    for wrong, error in ((3, InvalidInput), (str(tmp_path / "gone.parquet"), NotFound), ("data.xlsx", InvalidInput)):
        with pytest.raises(error):
            drift(wrong, wrong)


EXACT = [
    "ks",
    "psi",
    "kl",
    "jensenshannon",
    "hellinger",
    "ttest",
    "welch",
    "out_of_range",
    "constant",
    "missing",
    "tvd",
    "chi2",
    "g",
    "linf",
    "cramersv",
    "new_categories",
    "vanished_categories",
    "hour",
    "weekday",
    "length",
]
"""What is read at the points of the reference, or off the moments."""


def test_files_in_batches_are_counted_as_a_whole(tmp_path: Path, sides: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    """Batch by batch gives the counts of the whole file at the reference's edges, to the last row."""
    reference, current = sides
    path = tmp_path / "current.parquet"
    current.to_parquet(path)
    stored = profile(reference)

    tallies, _ = one_pass.of_batches(batches.batches_of(path, rows=300), stored.features, ByRow())
    found = tallies["x"].profile([0]).sample

    exact = np.searchsorted(np.sort(current["x"].dropna()), stored.features["x"].sample.values, side="right")
    np.testing.assert_array_equal(found.at_most(stored.features["x"].sample.values), exact)
    assert found.missing == current["x"].isna().sum()


@pytest.fixture
def counts_from(monkeypatch: Any) -> Callable[[int], None]:
    """Return what sets from how many rows, or bytes, data are counted and not held in memory."""

    def set_limit(limit: int) -> None:
        monkeypatch.setattr(batches, "LARGE_ROWS", limit)
        monkeypatch.setattr(batches, "LARGE_FILE", limit)
        monkeypatch.setattr(batches, "BATCH_ROWS", 300)

    return set_limit


SOURCES: dict[str, Callable[[str], Any]] = {
    "path": lambda path: path,
    "dataset": lambda path: pyarrow.dataset.dataset(path),
    "lazy": lambda path: pytest.importorskip("polars").scan_parquet(path),
    "duckdb": lambda path: pytest.importorskip("duckdb").connect().read_parquet(path),
    "ibis": lambda path: pytest.importorskip("ibis").duckdb.connect().read_parquet(path),
    "dask": lambda path: pytest.importorskip("dask.dataframe").read_parquet(path),
}


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("by", [None, "week", "2D", 500, "3 parts"])
def test_periods_of_data_that_pass_by_are_those_of_the_rows(
    source: str, by: Any, tables: list[str], counts_from: Callable[[int], None]
) -> None:
    """One pass over batches gives the periods, scores, p-values and verdicts of rows in memory, for each feature."""
    stored, rows = profile(pd.read_parquet(tables[0])), pd.read_parquet(tables[1])
    exact = drift(stored, rows, EXACT, by=by, timestamp="t" if by else None)
    counts_from(1_000)

    answer = drift(stored, SOURCES[source](tables[1]), EXACT, by=by, timestamp="t" if by else None)

    pd.testing.assert_frame_equal(answer, exact, rtol=1e-9, atol=1e-12)


def test_a_report_over_a_file_that_is_not_held_in_memory(tables: list[str], counts_from: Callable[[int], None]) -> None:
    """Periods, drift, the bars of the charts and measured performance are those of the frame; truths and predictions
    are read by themselves."""
    stored, rows = (
        profile(pd.read_parquet(tables[0]), truth=pd.read_parquet(tables[0])["x"]),
        pd.read_parquet(tables[1]),
    )
    options: list[dict[str, Any]] = [{}, {"truth": "tails", "prediction": "far", "metrics": "mae", "segment": "c"}]
    options += [{"reference": "previous"}]
    whole = [monitor(stored, rows, by="week", timestamp="t", **more) for more in options]
    counts_from(1_000)

    for more, exact in zip(options, whole):
        report = monitor(stored, tables[1], by="week", timestamp="t", **more)

        assert report.periods == exact.periods
        assert report.distributions == exact.distributions
        pd.testing.assert_frame_equal(report.performance, exact.performance)
        pd.testing.assert_frame_equal(report.segments, exact.segments)
        if "reference" not in more:
            pd.testing.assert_frame_equal(report.drift, exact.drift, rtol=1e-9)
        assert report.drift[["feature", "period", "drifted"]].equals(exact.drift[["feature", "period", "drifted"]])


def test_a_preset_looks_at_rows_however_many_they_are(tables: list[str], counts_from: Callable[[int], None]) -> None:
    """Another tool's numbers need both sides' rows: they are read column by column."""
    frames = [pd.read_parquet(path) for path in tables]
    exact = monitor(profile(frames[0]), frames[1], preset="evidently", reference=frames[0])
    counts_from(1_000)

    report = monitor(profile(frames[0]), tables[1], preset="evidently", reference=frames[0])

    pd.testing.assert_frame_equal(report.drift, exact.drift)


def _folder(frame: pd.DataFrame, path: Path) -> Any:
    path.mkdir()
    for k, part in enumerate((frame[:700], frame[700:])):
        part.to_parquet(path / f"part-{k}.parquet")
    return path


def _dataset(frame: pd.DataFrame, path: Path) -> Any:
    return pyarrow.dataset.dataset(_folder(frame, path))


def _relation(frame: pd.DataFrame, path: Path) -> Any:
    duckdb = pytest.importorskip("duckdb")
    return duckdb.connect().read_parquet(str(_folder(frame, path) / "*.parquet"))


@pytest.mark.parametrize("source", [_folder, _dataset, _relation])
def test_what_holds_many_rows_is_read_in_batches(
    source: Callable[[pd.DataFrame, Path], Any],
    tmp_path: Path,
    sides: tuple[pd.DataFrame, pd.DataFrame],
    counts_from: Callable[[int], None],
) -> None:
    """A folder, a dataset, a relation: whole while they are small, batch by batch when they are not."""
    stored, current = profile(sides[0]), source(sides[1], tmp_path / "parts")
    whole = drift(stored, current)
    counts_from(1_000)

    streamed = drift(stored, current)

    both = streamed.merge(whole, on=["feature", "statistic"], suffixes=("", "_whole"))
    assert set(both["feature"]) == set(sides[0])
    assert both["drifted"].tolist() == both["drifted_whole"].tolist()
    np.testing.assert_allclose(both["score"], both["score_whole"], rtol=1e-9)


@pytest.fixture
def tables(tmp_path: Path, sides: tuple[pd.DataFrame, pd.DataFrame]) -> list[str]:
    """Return the paths of both sides as Parquet, with a column of heavy tails and one of infinities."""
    numbers, paths = np.random.default_rng(1), []
    for k, side in enumerate(sides):
        tails = numbers.standard_cauchy(len(side)) * (1 + k / 10)
        frame = side.assign(tails=tails, far=np.where(tails > 9, np.inf, tails).round(1), none=np.nan)
        paths.append(str(tmp_path / f"side-{k}.parquet"))
        frame.to_parquet(paths[-1], coerce_timestamps="us")
    return paths


@pytest.mark.parametrize("most", [2_000_000, 40], ids=["at once", "divided"])
def test_two_passes_give_the_distance_of_the_rows(most: int, tables: list[str], monkeypatch: Any) -> None:
    """Counts of cells, then the values of a few cells: scipy's D to the last digit, also where one cell holds nearly
    all values and is divided first."""
    monkeypatch.setattr(exact_ks, "MOST_ROWS", most)
    connection = pytest.importorskip("ibis").duckdb.connect()
    frames = [pd.read_parquet(path) for path in tables]

    found = exact_ks.distances(*map(connection.read_parquet, tables), ["x", "n", "tails", "far", "none"])

    for name in ("x", "n", "tails", "far"):
        finite = [frame[name][np.isfinite(frame[name])] for frame in frames]
        assert found[name] == ks_2samp(*finite, method="asymp").statistic, name
    assert "none" not in found
    with pytest.raises(DataMismatch):
        exact_ks.distances(*map(connection.read_parquet, tables), ["gone"])


@pytest.mark.parametrize("by", [None, "week", "month"])
def test_tables_too_large_to_collect_are_counted_where_they_are(
    by: str | None, tables: list[str], counts_from: Callable[[int], None], monkeypatch: Any
) -> None:
    """One query of the engine gives the scores and periods of the rows."""
    monkeypatch.setattr(batches, "LOCAL", ())
    table = pytest.importorskip("ibis").duckdb.connect().read_parquet(tables[1])
    stored, rows = profile(pd.read_parquet(tables[0])), pd.read_parquet(tables[1])
    exact = drift(stored, rows, EXACT, by=by, timestamp="t" if by else None)
    counts_from(1_000)

    answer = drift(stored, table, EXACT, by=by, timestamp="t" if by else None)

    pd.testing.assert_frame_equal(answer, exact, rtol=1e-9, atol=1e-12)
    with pytest.raises(InvalidInput, match="have no order"):
        drift(stored, table, by=500)


def test_two_tables_of_an_engine_have_the_distance_of_their_rows(
    tables: list[str], counts_from: Callable[[int], None]
) -> None:
    """Though the first rows of the reference set the points at which both are counted, KS is that of the rows to the
    last digit, and the verdicts are theirs."""
    connection = pytest.importorskip("ibis").duckdb.connect()
    exact = drift(*(pd.read_parquet(path).drop(columns="none") for path in tables))
    counts_from(1_000)

    answer = drift(*(connection.read_parquet(path).drop("none") for path in tables))

    both = answer.merge(exact, on=["feature", "statistic"], suffixes=("", "_exact"))
    numeric = both[(both["statistic"] == "ks") & (both["feature"] != "t")]
    assert both["drifted"].tolist() == both["drifted_exact"].tolist()
    assert (numeric["score"] == numeric["score_exact"]).all()


def _cells(counts: pd.DataFrame) -> bytes:
    """Return the counts of each bin or category, in one order."""
    kept = counts[["feature", "period", "bin", "label", "rows"]].fillna("none").astype(str)
    return kept.sort_values(kept.columns.tolist()).to_csv(index=False).encode()


def _counted(tallies: dict[str, Tally], period: int = 0) -> dict[str, Any]:
    """Return the counts of what passed by."""
    samples = {name: tally.profile([period]).sample for name, tally in tallies.items()}
    return {
        name: sample.cumulative.tobytes()
        if isinstance(sample, NumericSample)
        else sorted(zip(sample.labels, sample.counts))
        for name, sample in samples.items()
    }


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # pyspark's own start-up
def test_every_engine_counts_the_same_integers(
    tmp_path: Path, tables: list[str], counts_from: Callable[[int], None]
) -> None:
    """Polars and DuckDB batch by batch, DuckDB and Spark by one expression of Ibis: the same rows per bin and period to
    the last integer, the same exact distance, and of a Spark frame the periods of its rows."""
    ibis, pyspark = pytest.importorskip("ibis"), _spark()
    names = ["x", "n", "b", "c", "t", "tails", "far"]
    frames = [pd.read_parquet(path, columns=names) for path in tables]
    stored = profile(frames[0])
    passed = [
        _counted(one_pass.of_batches(batches.batches_of(SOURCES[source](tables[1])), stored.features, ByRow())[0])
        for source in ("lazy", "duckdb", "path")
    ]
    session = _session(pyspark, tmp_path)
    try:
        before, now = (session.read.parquet(path).select(*names) for path in tables)
        duckdb = [ibis.duckdb.connect().read_parquet(path).select(*names) for path in tables]
        sides = [duckdb[1], pushdown.table_of(now)]
        tallies = {name: Tally(each) for name, each in stored.features.items()}
        cells = [_cells(ibis_queries.counts(side, tallies, ("t", "week")).execute()) for side in sides]
        spark = exact_ks.distances(pushdown.table_of(before), pushdown.table_of(now), ["x", "far"])
        asked = [_counted(ibis_queries.tallied(side, stored.features)[0]) for side in sides]
        exact = drift(stored, frames[1], EXACT, by="week", timestamp="t")
        counts_from(1_000)
        weekly = drift(stored, now, EXACT, by="week", timestamp="t")
    finally:
        session.stop()

    assert cells[0] == cells[1]
    assert all(each == passed[0] for each in (*passed, *asked))
    assert spark == exact_ks.distances(*duckdb, ["x", "far"])
    pd.testing.assert_frame_equal(weekly, exact, rtol=1e-9, atol=1e-12)


def _session(pyspark: Any, folder: Path) -> Any:
    """Start Spark on two threads; to compile code for so few rows would take nine tenths of the time."""
    quick = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -XX:-UsePerfData"
    options = {
        "spark.ui.enabled": "false",
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
        "spark.driver.extraJavaOptions": f"-Dderby.system.home={folder} {quick}",
        "spark.sql.shuffle.partitions": "2",
        "spark.sql.adaptive.enabled": "false",
        "spark.sql.codegen.wholeStage": "false",
        "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    }
    builder = pyspark.SparkSession.builder.master("local[2]")
    for name, value in options.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()


def _spark() -> Any:
    """Return pyspark, or skip where there is none or no JVM to run it; in CI that fails."""
    if not os.environ.get("CI") and not (shutil.which("java") or os.environ.get("JAVA_HOME")):
        pytest.skip("Spark needs a JVM: apt-get install default-jre-headless")
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    return pytest.importorskip("pyspark.sql") if not os.environ.get("CI") else importlib.import_module("pyspark.sql")
