"""Profiles of files of any size: read once, batch by batch, in bounded memory (about 1 GB for 20 columns)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from mlops_magics.core import progress
from mlops_magics.core.monitoring import parts, reference_profile, samples, tables
from mlops_magics.core.monitoring.reference_profile import FeatureProfile, ReferenceProfile
from mlops_magics.core.monitoring.samples import CategorySample, NumericSample, Sample
from mlops_magics.core.monitoring.tables import ArrowTable
from mlops_magics.errors import InvalidInput, NotFound

BATCH_ROWS = 500_000
LARGE_FILE = 256 * 2**20  # bytes on disk; compressed columns unfold to a few times that
LARGE_ROWS = 5_000_000  # of what tells its rows and not its bytes
READ_BYTES = 2**20  # at a time: whole column chunks of a row group would lie in memory undecoded
THREADS = 2


def is_large(data: Any) -> bool:
    """Tell whether these are files, a dataset or a DuckDB relation that should be read in batches."""
    if isinstance(data, str | Path):
        return sum(file.stat().st_size for file in _files(Path(data))) > LARGE_FILE
    module, name = type(data).__module__.partition(".")[0], type(data).__name__
    if module == "pyarrow" and hasattr(data, "count_rows"):
        return int(data.count_rows()) > LARGE_ROWS
    if name == "DuckDBPyRelation":
        return int(data.shape[0]) > LARGE_ROWS
    return name == "RecordBatchReader"  # of unknown length, and read once


def _files(path: Path) -> list[Path]:
    return [file for file in path.rglob("*") if file.is_file()] if path.is_dir() else [path] if path.is_file() else []


def batches_of(data: Any, rows: int = BATCH_ROWS) -> Iterator[Any]:
    """Read Parquet (a file or a folder), CSV or Arrow, a dataset or a relation in batches of at most ``rows`` rows."""
    if not isinstance(data, str | Path):
        return _streamed(data, rows)
    import pyarrow.dataset

    if Path(data).is_dir():
        return _streamed(pyarrow.dataset.dataset(str(data)), rows)
    ending = str(data).rpartition(".")[2].lower()
    formats = {"parquet": "parquet", "csv": "csv", "arrow": "ipc", "feather": "ipc", "ipc": "ipc"}
    if ending not in formats:
        raise InvalidInput(f"Cannot tell the format of {str(data)!r}; names end in one of: {', '.join(formats)}.")
    if not Path(data).exists():
        raise NotFound("file", str(data), hint="Check the path.")
    if ending == "parquet":
        return _of_parquet(data, rows)
    return _streamed(pyarrow.dataset.dataset(data, format=formats[ending]), rows)


def _of_parquet(path: str | Path, rows: int) -> Iterator[Any]:
    import pyarrow.parquet

    with pyarrow.parquet.ParquetFile(path, buffer_size=READ_BYTES, pre_buffer=False) as file:
        done = 0
        for batch in file.iter_batches(rows):
            yield batch
            done += batch.num_rows
            progress.tell(f"reading {Path(path).name}", done, file.metadata.num_rows, "rows")


def _streamed(data: Any, rows: int) -> Iterator[Any]:
    """Let the source hand its batches out one after the other."""
    if hasattr(data, "to_batches"):
        return iter(data.to_batches(batch_size=rows, batch_readahead=1, fragment_readahead=1))
    if hasattr(data, "to_arrow_reader"):
        return iter(data.to_arrow_reader(rows))
    return iter(data.fetch_arrow_reader(rows) if hasattr(data, "fetch_arrow_reader") else data)


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
    taken_apart = {
        part.name: reference_profile.of_column(part.derive(column))
        for part in parts.parts_of(column.kind)
        if part.by_default
    }
    return FeatureProfile(name, column.kind, column.native, _at_edges(sample, edges), taken_apart)


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
            first.name,
            first.kind,
            first.native,
            _sum_at_edges(first.sample, second.sample),
            {name: _sum(part, second.parts[name]) for name, part in first.parts.items() if name in second.parts},
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
