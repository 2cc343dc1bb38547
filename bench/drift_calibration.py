"""How often the default alarms when nothing happened, and how often it finds a shift: printed as a Markdown table.

    python bench/drift_calibration.py [REPETITIONS]

The peers' own rates for single columns are in ``tests/data/drift/truth.json``
(``false_alarms_of_evidently_and_nannyml``).
"""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd

from mlops_magics.core.monitoring import drift, profile

LEVELS = (2, 3, 5, 5, 10, 20, 50, 200)
NUMERIC = 12
REFERENCE_ROWS = 5_000


def frame(numbers: np.random.Generator, rows: int, shift: float = 0.0) -> pd.DataFrame:
    """Draw 12 numeric features of several shapes and 8 categorical ones with Zipf frequencies; the first is shifted by
    ``shift`` σ."""
    columns: dict[str, object] = {}
    for k in range(NUMERIC):
        values = numbers.normal(size=rows)
        columns[f"x{k}"] = [
            values,
            np.exp(values),
            numbers.integers(0, 6, rows).astype(float),
            np.where(values > 0, 0.0, values),
        ][k % 4]
    columns["x0"] = np.asarray(columns["x0"]) + shift
    for k, levels in enumerate(LEVELS):
        shares = 1 / np.arange(1, levels + 1)
        columns[f"c{k}"] = numbers.choice(levels, rows, p=shares / shares.sum()).astype(str)
    return pd.DataFrame(columns)


def alarms(rows: int, repetitions: int, shift: float, seed: int) -> tuple[float, float]:
    """Return the shares of reports with any alarm, and with an alarm for the shifted feature; each report draws its
    own reference, or all of them would share its accidents."""
    numbers = np.random.default_rng(seed)
    any_alarm, found = 0, 0
    for _ in range(repetitions):
        report = drift(profile(frame(numbers, REFERENCE_ROWS)), frame(numbers, rows, shift))
        named = set(report["feature"][report["drifted"]])
        any_alarm += bool(named)
        found += "x0" in named
    return any_alarm / repetitions, found / repetitions


def main(repetitions: int) -> None:
    """Print the table."""
    print(f"Reference {REFERENCE_ROWS} rows, 20 features, {repetitions} reports per line.\n")
    print("| rows | reports with any false alarm | a shift of 0.5 σ found |\n|---|---|---|")
    for rows in (50, 100, 200, 500, 1_000, 5_000):
        quiet, _ = alarms(rows, repetitions, 0.0, rows)
        _, found = alarms(rows, max(repetitions // 4, 20), 0.5, rows + 1)
        print(f"| {rows} | {quiet:.1%} | {found:.1%} |")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
