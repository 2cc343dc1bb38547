"""How often the default alarms when nothing happened, and how often it finds a shift: printed as a Markdown table.

    python bench/drift_calibration.py [REPORTS [ROWS …]] [--kinds numeric mixed ties heavy]

Each report draws 20 features of a kind, its own reference of 5,000 rows profiled as it is stored with a version, and a
window of ROWS. The peers' own rates for single columns are in ``tests/data/drift/truth.json``
(``false_alarms_of_evidently_and_nannyml``).
"""

from __future__ import annotations

import argparse
import math

import numpy as np
import pandas as pd

from mlops_magics.core.monitoring import drift, profile

FEATURES = 20
REFERENCE_ROWS = 5_000
WINDOWS = (50, 100, 200, 500, 1_000, 5_000)
LEVELS = (2, 3, 5, 5, 10, 20, 50, 200)


def numeric(numbers: np.random.Generator, rows: int) -> dict[str, object]:
    """Draw normal features."""
    return {f"x{k}": numbers.normal(size=rows) for k in range(FEATURES)}


def mixed(numbers: np.random.Generator, rows: int) -> dict[str, object]:
    """Draw 12 numeric features of several shapes, some with missing values, and 8 categorical ones after Zipf."""
    columns: dict[str, object] = {}
    for k in range(12):
        values = numbers.normal(size=rows)
        columns[f"x{k}"] = [
            values,
            np.exp(values),
            numbers.integers(0, 6, rows).astype(float),
            np.where(values > 0, 0.0, values),
            np.where(numbers.random(rows) < 0.2, np.nan, values),
        ][k % 5]
    for k, levels in enumerate(LEVELS):
        shares = 1 / np.arange(1, levels + 1)
        columns[f"c{k}"] = numbers.choice(levels, rows, p=shares / shares.sum()).astype(str)
    return columns


def ties(numbers: np.random.Generator, rows: int) -> dict[str, object]:
    """Draw discrete features: counts, rounded numbers, zero-inflated ones, booleans."""
    return {"x0": numbers.normal(size=rows)} | {
        f"x{k}": [
            numbers.poisson(1 + k / 4, rows),
            numbers.normal(size=rows).round(1),
            np.where(numbers.random(rows) < 0.7, 0, numbers.exponential(size=rows)),
            numbers.random(rows) < 0.1 + k / 40,
        ][k % 4]
        for k in range(1, FEATURES)
    }


def heavy(numbers: np.random.Generator, rows: int) -> dict[str, object]:
    """Draw heavy tails: Cauchy, Student's t with two degrees, log-normal with σ 3, Pareto."""
    return {"x0": numbers.normal(size=rows)} | {
        f"x{k}": [
            numbers.standard_cauchy(rows),
            numbers.standard_t(2, rows),
            numbers.lognormal(0, 3, rows),
            numbers.pareto(1, rows),
        ][k % 4]
        for k in range(1, FEATURES)
    }


KINDS = {"numeric": numeric, "mixed": mixed, "ties": ties, "heavy": heavy}


def alarms(kind: str, rows: int, reports: int, shift: float = 0.0) -> tuple[int, int]:
    """Return how many reports alarm at all, and how many for the first feature, shifted by ``shift`` σ; each draws its
    own reference, or all of them would share its accidents."""
    numbers = np.random.default_rng([rows, int(10 * shift), sorted(KINDS).index(kind)])
    any_alarm, found = 0, 0
    for _ in range(reports):
        reference, current = (pd.DataFrame(KINDS[kind](numbers, size)) for size in (REFERENCE_ROWS, rows))
        current["x0"] += shift
        report = drift(profile(reference), current)
        named = set(report["feature"][report["drifted"]])
        any_alarm += bool(named)
        found += "x0" in named
    return any_alarm, found


def told(hits: int, reports: int) -> str:
    """Write a share with its standard error."""
    share = hits / reports
    return f"{share:.1%} ± {math.sqrt(max(share * (1 - share), 1 / reports) / reports):.1%}"


def main() -> None:
    """Print the table."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("reports", type=int, nargs="?", default=200)
    asked.add_argument("rows", type=int, nargs="*", default=list(WINDOWS))
    asked.add_argument("--kinds", nargs="+", choices=sorted(KINDS), default=list(KINDS))
    options = asked.parse_args()
    print("| features | rows | reports | with any false alarm | 0.5 σ in one feature found |\n|---|---|---|---|---|")
    for kind in options.kinds:
        for rows in options.rows:
            quiet, _ = alarms(kind, rows, options.reports)
            shifted = max(options.reports // 3, 20)
            _, found = alarms(kind, rows, shifted, 0.5)
            print(
                f"| {kind} | {rows:,} | {options.reports} | {told(quiet, options.reports)} | {told(found, shifted)} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
