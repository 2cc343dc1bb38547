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

from mlops_magics.core.monitoring import drift, profile
from mlops_magics.core.monitoring.engines import batches, in_place, queries, two_pass
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


def test_files_in_batches_are_counted_as_a_whole(tmp_path: Path, sides: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    """Batch by batch gives the counts of the whole file at the reference's edges, to the last row."""
    reference, current = sides
    path = tmp_path / "current.parquet"
    current.to_parquet(path)
    stored = profile(reference)

    counted = batches.profile_of(batches.batches_of(path, rows=300), stored)

    exact = np.searchsorted(np.sort(current["x"].dropna()), stored.features["x"].sample.values, side="right")
    np.testing.assert_array_equal(counted.features["x"].sample.cumulative[: len(exact)], exact)
    assert counted.features["x"].sample.missing == current["x"].isna().sum()
    assert drift(stored, counted)["drifted"].tolist() == drift(reference, current)["drifted"].tolist()


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
    monkeypatch: Any,
) -> None:
    """A folder, a dataset, a relation: whole while they are small, batch by batch when they are not."""
    stored, current = profile(sides[0]), source(sides[1], tmp_path / "parts")
    whole = drift(stored, current)
    monkeypatch.setattr(batches, "LARGE_ROWS", 1_000)
    monkeypatch.setattr(batches, "LARGE_FILE", 1_000)

    streamed = drift(stored, current)

    both = streamed.merge(whole, on=["feature", "statistic"], suffixes=("", "_whole"))
    assert set(both["feature"]) == set(sides[0])
    assert both["drifted"].tolist() == both["drifted_whole"].tolist()
    np.testing.assert_allclose(both["score"], both["score_whole"], rtol=1e-9)


def test_a_query_engine_counts_the_same(sides: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    """DuckDB through Ibis: the verdicts of the rows, from counts alone."""
    ibis = pytest.importorskip("ibis")
    stored = profile(sides[0].drop(columns="t"))
    counted = queries.profile_of(ibis.memtable(sides[1]), stored)

    answer = drift(stored, counted).set_index("feature")["drifted"]

    assert answer.to_dict() == {"x": True, "n": False, "b": False, "c": True}


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
    monkeypatch.setattr(two_pass, "MOST_ROWS", most)
    connection = pytest.importorskip("ibis").duckdb.connect()
    frames = [pd.read_parquet(path) for path in tables]

    found = two_pass.distances(*map(connection.read_parquet, tables), ["x", "n", "tails", "far", "none"])

    for name in ("x", "n", "tails", "far"):
        finite = [frame[name][np.isfinite(frame[name])] for frame in frames]
        assert found[name] == ks_2samp(*finite, method="asymp").statistic, name
    assert "none" not in found
    with pytest.raises(DataMismatch):
        two_pass.distances(*map(connection.read_parquet, tables), ["gone"])


def test_tables_too_large_to_collect_are_counted_where_they_are(tables: list[str], monkeypatch: Any) -> None:
    """The verdicts of the rows, KS to the last digit; with a stored profile only the new table is asked."""
    monkeypatch.setattr(in_place, "ROWS_IN_MEMORY", 1_000)
    connection = pytest.importorskip("ibis").duckdb.connect()
    frames = [pd.read_parquet(path).drop(columns="none") for path in tables]
    before, now = (connection.read_parquet(path).drop("none") for path in tables)

    counted, stored = drift(before, now), drift(profile(frames[0]), now)

    exact = drift(*frames)
    for answer in (counted, stored):
        both = answer.merge(exact, on=["feature", "statistic"], suffixes=("", "_exact"))
        assert both["drifted"].tolist() == both["drifted_exact"].tolist()
        assert (both["score"] - both["score_exact"]).abs().max() < 1 / 100
    both = counted.merge(exact, on=["feature", "statistic"], suffixes=("", "_exact"))
    numeric = both[(both["statistic"] == "ks") & (both["feature"] != "t")]
    assert (numeric["score"] == numeric["score_exact"]).all()
    with pytest.raises(InvalidInput, match="filter the table"):
        drift(before, now, by="day")


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # pyspark's own start-up
def test_spark_and_duckdb_count_the_same_integers(tmp_path: Path, tables: list[str]) -> None:
    """One Ibis expression, two engines, the same rows per bin to the last integer, and the same exact distance."""
    ibis, pyspark = pytest.importorskip("ibis"), _spark()
    names = ["x", "n", "b", "c", "tails"]
    frames = [pd.read_parquet(path, columns=names) for path in tables]
    stored = profile(frames[0])
    session = _session(pyspark, tmp_path)
    try:
        before, now = (session.read.parquet(path).select(*names) for path in tables)
        duckdb = [ibis.duckdb.connect().read_parquet(path) for path in tables]
        counted = [queries.counts(table, stored).execute() for table in (duckdb[1], in_place.table_of(now))]
        spark = two_pass.distances(in_place.table_of(before), in_place.table_of(now), ["x", "tails"])
        pd.testing.assert_frame_equal(drift(frames[0], now), drift(*frames))
    finally:
        session.stop()

    first, second = (frame.fillna("missing").sort_values(["feature", "bin"], ignore_index=True) for frame in counted)
    pd.testing.assert_frame_equal(first, second, check_dtype=False)
    assert first.to_csv().encode() == second.to_csv().encode()
    assert spark == two_pass.distances(*duckdb, ["x", "tails"])


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
