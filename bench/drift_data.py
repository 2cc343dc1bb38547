"""The data of the drift benchmarks: 12 numeric and 8 categorical features with 2 to 200 levels, as Parquet."""

from __future__ import annotations

from pathlib import Path

import numpy as np

LEVELS = (2, 3, 5, 10, 20, 50, 100, 200)
NUMERIC = 12
GROUP_ROWS = 1_000_000


def write(path: Path, rows: int, seed: int) -> Path:
    """Write one side, a million rows at a time; the second half of the features of seed 1 is a little shifted."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    numbers, writer = np.random.default_rng(seed), None
    for start in range(0, rows, GROUP_ROWS):
        table = pa.table(_columns(numbers, min(GROUP_ROWS, rows - start), 0.1 * seed))
        writer = writer or pq.ParquetWriter(path, table.schema, compression="zstd")
        writer.write_table(table)
    assert writer is not None
    writer.close()
    return path


def _columns(numbers: np.random.Generator, rows: int, shift: float) -> dict[str, object]:
    import pyarrow as pa

    columns: dict[str, object] = {}
    for k in range(NUMERIC):
        values = numbers.normal(size=rows) + (shift if k % 2 else 0.0)
        columns[f"x{k}"] = np.exp(values) if k % 3 == 2 else values
    for k, levels in enumerate(LEVELS):
        shares = 1 / np.arange(1, levels + 1)
        codes = numbers.choice(levels, rows, p=shares / shares.sum()).astype(np.int32)
        columns[f"c{k}"] = pa.DictionaryArray.from_arrays(codes, [f"level {level}" for level in range(levels)]).cast(
            pa.string()
        )
    return columns


def write_scores(path: Path, rows: int, seed: int) -> Path:
    """Write scores of a slightly overconfident classifier, its answers, and the truth."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    numbers = np.random.default_rng(seed)
    evidence = numbers.normal(size=rows)
    score = 1 / (1 + np.exp(-3 * evidence))
    truth = (numbers.random(rows) < 1 / (1 + np.exp(-2 * evidence))).astype(np.int64)
    pq.write_table(pa.table({"score": score, "predicted": (score >= 0.5).astype(np.int64), "truth": truth}), path)
    return path
