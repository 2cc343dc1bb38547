"""Profiles of files of any size: read once, batch by batch, in bounded memory (about 1 GB for 20 columns)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from mlops_magics.core.monitoring import reference_profile, samples, tables
from mlops_magics.core.monitoring.reference_profile import FeatureProfile, ReferenceProfile
from mlops_magics.core.monitoring.samples import CategorySample, NumericSample, Sample
from mlops_magics.core.monitoring.tables import ArrowTable
from mlops_magics.errors import InvalidInput, NotFound

BATCH_ROWS = 500_000
LARGE_FILE = 256 * 2**20  # bytes on disk; compressed columns unfold to a few times that
THREADS = 2


def is_large(data: Any) -> bool:
    """Tell whether this is a file that should be read in batches."""
    return isinstance(data, str | Path) and Path(data).is_file() and Path(data).stat().st_size > LARGE_FILE


def batches_of(path: str | Path, rows: int = BATCH_ROWS) -> Iterator[Any]:
    """Read Parquet, CSV or Arrow in batches of at most ``rows`` rows."""
    import pyarrow.dataset

    ending = str(path).rpartition(".")[2].lower()
    formats = {"parquet": "parquet", "csv": "csv", "arrow": "ipc", "feather": "ipc", "ipc": "ipc"}
    if ending not in formats:
        raise InvalidInput(f"Cannot tell the format of {str(path)!r}; names end in one of: {', '.join(formats)}.")
    if not Path(path).exists():
        raise NotFound("file", str(path), hint="Check the path.")
    if ending == "parquet":
        import pyarrow.parquet

        with pyarrow.parquet.ParquetFile(path, memory_map=True) as file:
            yield from file.iter_batches(rows)
        return
    dataset = pyarrow.dataset.dataset(path, format=formats[ending])
    yield from dataset.to_batches(batch_size=rows, batch_readahead=1, fragment_readahead=1)


def profile_of(batches: Iterable[Any], like: ReferenceProfile | None = None) -> ReferenceProfile:
    """Profile batches in one pass.

    Parameters
    ----------
    batches
        pyarrow record batches.
    like
        Count at the edges of this profile, so that both have exact shares at the same places. Without it the first
        batch sets the edges; later batches are counted at them exactly.
    """
    import pyarrow as pa

    whole: ReferenceProfile | None = None
    first: ReferenceProfile | None = None
    with ThreadPoolExecutor(THREADS) as pool:
        for batch in batches:
            table = ArrowTable(pa.Table.from_batches([batch]))
            edges = like if like is not None else first
            counted = pool.map(lambda name, table=table, edges=edges: _counted(table, name, edges), table.names)
            part = ReferenceProfile({feature.name: feature for feature in counted}, table.rows)
            if first is None and like is None:
                first, part = part, _recounted(part)
            whole = part if whole is None else _added(whole, part)
    if whole is None:
        raise InvalidInput("There are no rows to profile.")
    return whole


def _counted(table: tables.Table, name: str, like: ReferenceProfile | None) -> FeatureProfile:
    column = table.column(name)
    before = like.features.get(name) if like is not None else None
    if before is None or not isinstance(before.sample, NumericSample) or column.coded or not before.sample.n:
        return reference_profile.of_column(column)
    sample = samples.sort_numbers(column.values)
    edges = before.sample.values
    return FeatureProfile(name, column.kind, column.native, _at_edges(sample, edges))


def _at_edges(sample: NumericSample, edges: Any) -> NumericSample:
    """Count at given edges, and what lies above the last one at one more."""
    beyond = np.nextafter(edges[-1], np.inf)
    top = max(sample.moments.maximum, beyond) if sample.n else beyond
    cumulative = np.append(sample.at_most(edges), sample.n).astype(np.int64)
    return NumericSample(np.append(edges, top), sample.moments, sample.missing, sample.infinite, cumulative)


def _recounted(part: ReferenceProfile) -> ReferenceProfile:
    """Give the batch that sets the edges the room above the last edge that later batches have."""
    features = {}
    for name, feature in part.features.items():
        sample = feature.sample
        if isinstance(sample, NumericSample) and sample.n:
            sample = _at_edges(sample, sample.values)
        features[name] = FeatureProfile(name, feature.kind, feature.native, sample, feature.parts)
    return ReferenceProfile(features, part.rows)


def _added(whole: ReferenceProfile, part: ReferenceProfile) -> ReferenceProfile:
    features = {name: _sum(feature, part.features[name]) for name, feature in whole.features.items()}
    return ReferenceProfile(features, whole.rows + part.rows)


def _sum(first: FeatureProfile, second: FeatureProfile) -> FeatureProfile:
    if first.native == "empty" or second.native == "empty" or first.kind != second.kind:
        kept, other = (second, first) if first.native == "empty" else (first, second)
        return FeatureProfile(
            kept.name, kept.kind, kept.native, _with_missing(kept.sample, other.sample.total), kept.parts
        )
    if isinstance(first.sample, NumericSample) and isinstance(second.sample, NumericSample):
        return FeatureProfile(
            first.name, first.kind, first.native, _sum_at_edges(first.sample, second.sample), first.parts
        )
    return reference_profile.merged(first, second)


def _sum_at_edges(first: NumericSample, second: NumericSample) -> NumericSample:
    """Add counts at the same edges; only the last one, the maximum, may differ."""
    if not first.n or not second.n or not np.array_equal(first.values[:-1], second.values[:-1]):
        return reference_profile.merged_numbers(first, second)
    assert first.cumulative is not None
    assert second.cumulative is not None
    edges = np.append(first.values[:-1], max(first.values[-1], second.values[-1]))
    return NumericSample(
        edges,
        first.moments + second.moments,
        first.missing + second.missing,
        first.infinite + second.infinite,
        first.cumulative + second.cumulative,
    )


def _with_missing(sample: Sample, more: int) -> Sample:
    """Add rows that have no value of this feature's type."""
    if isinstance(sample, CategorySample):
        return CategorySample(sample.labels, sample.counts, sample.missing + more, sample.other)
    return NumericSample(sample.values, sample.moments, sample.missing + more, sample.infinite, sample.cumulative)
