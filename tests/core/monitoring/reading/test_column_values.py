"""Whole numbers beyond 2**53, whose neighbours are one float, are compared exactly from every source."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from scipy.stats import ks_2samp

import mlops_magics as mm
from mlops_magics.core.monitoring import monitor, profile
from mlops_magics.core.monitoring.profiling.reference_profile import ReferenceProfile
from mlops_magics.core.monitoring.reading import batches

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # ibis sets a pandas option
BASE = 2**60 + 7


def _frame(low: int, rows: int, seed: int) -> pd.DataFrame:
    numbers = np.random.default_rng(seed)
    return pd.DataFrame({"big": BASE + numbers.integers(low, low + 100, rows), "x": numbers.normal(size=rows)})


BEFORE, MOVED, SAME = _frame(0, 1_000, 0), _frame(30, 500, 1), _frame(0, 500, 2)
DISTANCES = [ks_2samp(BEFORE["big"] - BASE, now["big"] - BASE).statistic for now in (MOVED, SAME)]


def _sources(frame: pd.DataFrame, folder: Path) -> dict[str, Any]:
    duckdb, ibis = pytest.importorskip("duckdb"), pytest.importorskip("ibis")
    table = pa.Table.from_pandas(frame)
    frame.to_parquet(folder / "rows.parquet")
    frame.to_csv(folder / "rows.csv", index=False)
    frame.to_json(folder / "rows.jsonl", orient="records", lines=True)
    relation = duckdb.connect().from_arrow(table)
    return {
        "pandas": frame,
        "nullable": frame.convert_dtypes(),
        "objects": frame.astype({"big": object}),
        "unsigned": frame.astype({"big": "uint64"}),
        "below zero": frame.assign(big=-frame["big"]),
        "polars": pl.from_pandas(frame),
        "arrow": table,
        "duckdb": relation,
        "hugeint": relation.select("big::hugeint as big, x"),
        "parquet": folder / "rows.parquet",
        "csv": str(folder / "rows.csv"),
        "jsonl": folder / "rows.jsonl",
        "mapping": {name: frame[name].tolist() for name in frame},
        "ibis": ibis.memtable(frame),
    }


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], ...]:
    """Return the reference, rows that moved, and rows that did not, as every source."""
    return tuple(_sources(frame, tmp_path_factory.mktemp("rows")) for frame in (BEFORE, MOVED, SAME))


def _found(reference: Any, current: Any) -> tuple[float, bool]:
    row = mm.drift(reference, current).set_index("feature").loc["big"]
    return float(row["score"]), bool(row["drifted"])


@pytest.mark.parametrize("limit", [batches.LARGE_FILE, 1], ids=["in memory", "counted in one pass"])
def test_integers_beyond_floats_have_the_distance_of_their_differences(
    sources: tuple[dict[str, Any], ...], limit: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """KS is scipy's of the numbers less a common origin, where that of floats would be 0."""
    if limit == 1:
        monkeypatch.setattr(batches, "LARGE_FILE", 1)
        monkeypatch.setattr(batches, "LARGE_ROWS", 10)
    before, moved, same = sources

    found = {name: (_found(before[name], moved[name]), _found(before[name], same[name])) for name in before}

    for name, pair in found.items():
        assert [score for score, _ in pair] == pytest.approx(DISTANCES, abs=1e-12), name
        assert [drifted for _, drifted in pair] == [True, False], name


def test_a_stored_profile_keeps_the_origin_and_a_note_names_it(sources: tuple[dict[str, Any], ...]) -> None:
    """The profile is read from its bytes, so that the comparison is exact after a restart too."""
    stored = ReferenceProfile.from_bytes(profile(BEFORE).to_bytes())
    names = [name for name in sources[1] if name != "below zero"]

    reports = {name: monitor(stored, sources[1][name]) for name in names}

    for name, report in reports.items():
        assert report.drifted == ["big"], name
        assert report.drift.set_index("feature")["score"]["big"] == pytest.approx(DISTANCES[0]), name
        assert any(f"less {BEFORE['big'].min()}" in note for note in report.notes), name
    assert monitor(stored, SAME).drifted == []


def test_numbers_of_another_size_drift_against_an_origin() -> None:
    """Small numbers, floats, and integers far away are compared with the origin of the reference."""
    small = SAME.assign(big=SAME["big"] - BASE)

    assert _found(BEFORE, small) == (1.0, True)
    assert _found(small, BEFORE) == (1.0, True)
    assert _found(BEFORE, SAME.astype({"big": float}))[0] < 1
    assert _found(BEFORE, SAME.assign(big=2**62))[0] == 1


def test_integers_beyond_floats_are_categories_of_their_own() -> None:
    """As categories, and as the groups of copies, neighbours are not one value."""
    pair = pd.DataFrame({"big": [2**60, 2**60 + 1] * 200})

    counted = mm.drift(pair, pair[pair["big"] == 2**60], categorical=["big"])
    copies = mm.drift(pair.assign(n=range(400)), pair.assign(n=range(400)), by_group="duplicates")

    assert counted["score"].tolist() == [0.5]
    assert not copies["drifted"].any()
