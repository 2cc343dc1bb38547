"""How often the default alarms when nothing happened, and how often it finds a shift: printed as a Markdown table.

    python bench/drift_calibration.py [REPORTS [ROWS …]] [--kinds numeric mixed ties heavy inflated zipf] [--features N]
                                      [--reference N]

Each report draws N features (20) of a kind, its own reference (5,000 rows) profiled as it is stored with a version, and
a window of ROWS. The peers' own rates for single columns are in ``tests/data/drift/truth.json``
(``false_alarms_of_evidently_and_nannyml``).
"""

from __future__ import annotations

import argparse
import math

import numpy as np
import pandas as pd

from mlops_magics.core.monitoring import drift, profile

FEATURES = 20
"""Where nothing else is asked."""
REFERENCE_ROWS = 5_000
WINDOWS = (30, 50, 100, 200, 500, 1_000, 5_000)
LEVELS = (2, 3, 5, 5, 10, 20, 50, 200)


def numeric(numbers: np.random.Generator, rows: int, features: int) -> dict[str, object]:
    """Draw normal features."""
    return {f"x{k}": numbers.normal(size=rows) for k in range(features)}


def mixed(numbers: np.random.Generator, rows: int, features: int) -> dict[str, object]:
    """Draw numeric features of several shapes, some with missing values, and two after Zipf in five."""
    columns: dict[str, object] = {}
    for k in range(features - features * 2 // 5):
        values = numbers.normal(size=rows)
        columns[f"x{k}"] = [
            values,
            np.exp(values),
            numbers.integers(0, 6, rows).astype(float),
            np.where(values > 0, 0.0, values),
            np.where(numbers.random(rows) < 0.2, np.nan, values),
        ][k % 5]
    for k in range(features * 2 // 5):
        levels = LEVELS[k % len(LEVELS)]
        shares = 1 / np.arange(1, levels + 1)
        columns[f"c{k}"] = numbers.choice(levels, rows, p=shares / shares.sum()).astype(str)
    return columns


def ties(numbers: np.random.Generator, rows: int, features: int) -> dict[str, object]:
    """Draw discrete features: counts, rounded numbers, zero-inflated ones, booleans."""
    return {"x0": numbers.normal(size=rows)} | {
        f"x{k}": [
            numbers.poisson(1 + k % 20 / 4, rows),
            numbers.normal(size=rows).round(1),
            np.where(numbers.random(rows) < 0.7, 0, numbers.exponential(size=rows)),
            numbers.random(rows) < 0.1 + k % 20 / 40,
        ][k % 4]
        for k in range(1, features)
    }


def heavy(numbers: np.random.Generator, rows: int, features: int) -> dict[str, object]:
    """Draw heavy tails: Cauchy, Student's t with two degrees, log-normal with σ 3, Pareto."""
    return {"x0": numbers.normal(size=rows)} | {
        f"x{k}": [
            numbers.standard_cauchy(rows),
            numbers.standard_t(2, rows),
            numbers.lognormal(0, 3, rows),
            numbers.pareto(1, rows),
        ][k % 4]
        for k in range(1, features)
    }


def inflated(numbers: np.random.Generator, rows: int, features: int) -> dict[str, object]:
    """Draw amounts of which most are zero: 50 to 99 %."""
    return {"x0": numbers.normal(size=rows)} | {
        f"x{k}": np.where(numbers.random(rows) < (0.5, 0.7, 0.9, 0.99)[k % 4], 0, numbers.exponential(size=rows))
        for k in range(1, features)
    }


def zipf(numbers: np.random.Generator, rows: int, features: int) -> dict[str, object]:
    """Draw categories after Zipf, 2 to 1,000 of them."""
    columns: dict[str, object] = {"x0": numbers.normal(size=rows)}
    for k in range(1, features):
        levels = (2, 5, 20, 50, 200, 1_000)[k % 6]
        shares = 1 / np.arange(1, levels + 1) ** 1.2
        columns[f"c{k}"] = numbers.choice(levels, rows, p=shares / shares.sum()).astype(str)
    return columns


KINDS = {"numeric": numeric, "mixed": mixed, "ties": ties, "heavy": heavy, "inflated": inflated, "zipf": zipf}


def alarms(kind: str, sizes: tuple[int, int], features: int, reports: int, shift: float = 0.0) -> tuple[int, int]:
    """Return how many reports alarm at all, and how many for the first feature, shifted by ``shift`` σ.

    Each draws its own reference, or all of them would share its accidents.

    Parameters
    ----------
    sizes
        Rows of the reference and of the window.
    """
    numbers = np.random.default_rng([*sizes, features, int(10 * shift), sorted(KINDS).index(kind)])
    any_alarm, found = 0, 0
    for _ in range(reports):
        reference, current = (pd.DataFrame(KINDS[kind](numbers, size, features)) for size in sizes)
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
    asked.add_argument("--features", type=int, default=FEATURES)
    asked.add_argument("--reference", type=int, default=REFERENCE_ROWS)
    options = asked.parse_args()
    print("| kind | features | rows | reports | with any false alarm | 0.5 σ in one feature found |")
    print("|---|---|---|---|---|---|")
    for kind in options.kinds:
        for rows in options.rows:
            sizes = options.reference, rows
            quiet, _ = alarms(kind, sizes, options.features, options.reports)
            shifted = max(options.reports // 3, 20)
            _, found = alarms(kind, sizes, options.features, shifted, 0.5)
            rates = f"{told(quiet, options.reports)} | {told(found, shifted)}"
            print(f"| {kind} | {options.features} | {rows:,} | {options.reports} | {rates} |", flush=True)


if __name__ == "__main__":
    main()
