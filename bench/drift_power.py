"""How often the default finds shifts that are not of the middle: printed as a Markdown table.

    python bench/drift_power.py [REPORTS [FEATURES …]] [--reference N] [--rows N] [--limits]

Each report draws its own reference of 2,000 rows, profiled as it is stored with a version, and a window of 1,000 rows
in which one feature, or one pair, has changed; the other features are half normal and half categories after Zipf.
*Found* says that the report names the feature that changed, *others* that it names another one. ``--limits`` prints how
often the most powerful test that knows what to look for would find a label of 0.1 % that becomes 1 %.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from mlops_magics.core.monitoring import drift, profile

LEVELS = 10
Columns = dict[str, Any]
Draw = Callable[[np.random.Generator, int, bool], Columns]


def _shift(numbers: np.random.Generator, rows: int, moved: bool) -> Columns:
    return {"changed": numbers.normal(0.5 * moved, 1, rows)}


def _spread(numbers: np.random.Generator, rows: int, moved: bool) -> Columns:
    return {"changed": numbers.normal(0, np.sqrt(1.5) if moved else 1, rows)}


def _contaminated(numbers: np.random.Generator, rows: int, moved: bool) -> Columns:
    values = numbers.normal(size=rows)
    return {"changed": np.where(numbers.random(rows) < 0.05 * moved, values + 6, values)}


def _clipped(numbers: np.random.Generator, rows: int, moved: bool) -> Columns:
    return {"changed": np.minimum(numbers.normal(size=rows), 2 if moved else np.inf)}


def _rare(numbers: np.random.Generator, rows: int, moved: bool) -> Columns:
    rare = 0.01 if moved else 0.001
    return {"changed": numbers.choice(["usual", "other", "rare"], rows, p=[0.7 - rare, 0.3, rare])}


def _uncorrelated(numbers: np.random.Generator, rows: int, moved: bool) -> Columns:
    first, rest = numbers.normal(size=(2, rows))
    shared = 0.0 if moved else 0.5
    return {"changed": first, "partner": shared * first + np.sqrt(1 - shared**2) * rest}


def _doubled(shares: np.ndarray[Any, np.dtype[np.float64]], place: int) -> Draw:
    def draw(numbers: np.random.Generator, rows: int, moved: bool) -> Columns:
        now = shares.copy()
        now[place] *= 2 if moved else 1
        return {"changed": numbers.choice(len(shares), rows, p=now / now.sum()).astype(str)}

    return draw


def _zipf(levels: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    shares = 1 / np.arange(1, levels + 1)
    return np.asarray(shares / shares.sum())


SHIFTS: dict[str, Draw] = {
    "half a σ": _shift,
    "variance × 1.5": _spread,
    "5 % of the rows 6 σ away": _contaminated,
    "tail clipped at 2 σ": _clipped,
    "a label of 0.1 % becomes 1 %": _rare,
    "a correlation of 0.5 vanishes": _uncorrelated,
    "the third of 50 categories (Zipf) doubled": _doubled(_zipf(50), 2),
    "the tenth of 50 categories (Zipf) doubled": _doubled(_zipf(50), 9),
    "one of 50 equal categories doubled": _doubled(np.full(50, 0.02), 7),
}


def frame(draw: Draw, features: int, numbers: np.random.Generator, rows: int, moved: bool) -> pd.DataFrame:
    """Return rows with the feature of the shift, and others beside it.

    Parameters
    ----------
    features
        The number of columns.
    moved
        Whether the feature has changed.
    """
    columns = draw(numbers, rows, moved)
    for place in range(features - len(columns)):
        columns[f"x{place}"] = (
            numbers.normal(size=rows) if place % 2 else numbers.choice(LEVELS, rows, p=_zipf(LEVELS)).astype(str)
        )
    return pd.DataFrame(columns)


def found(draw: Draw, features: int, sizes: tuple[int, int], reports: int) -> tuple[int, int]:
    """Return how many reports name the feature that changed, and how many name another one."""
    numbers = np.random.default_rng([features, *sizes])
    hits = others = 0
    for _ in range(reports):
        reference, current = (frame(draw, features, numbers, sizes[moved], bool(moved)) for moved in (0, 1))
        report = drift(profile(reference), current)
        named = set(report["feature"][report["drifted"]])
        hits += bool(named & {"changed", "partner"})
        others += bool(named - {"changed", "partner"})
    return hits, others


def limit(before: float, now: float, sizes: tuple[int, int], level: float) -> float:
    """Return the power of the most powerful unbiased test of one label, one-sided and randomised (Lehmann and Romano
    2005, section 4.5): Fisher's, given the rows of the label on both sides.

    Parameters
    ----------
    before, now
        The shares of the label.
    sizes
        The rows of reference and current data.
    level
        The rate of false alarms.
    """
    from scipy.stats import binom, hypergeom

    n, m = sizes
    most = int(binom.isf(1e-9, n, before) + binom.isf(1e-9, m, now))
    power = 0.0
    for both in range(most + 1):
        current = np.arange(both + 1)
        chance = hypergeom.pmf(current, n + m, both, m)
        tail = np.cumsum(chance[::-1])[::-1]
        # the last count that is not beyond the level is drawn, so that the level is used up
        drawn = np.clip((level - (tail - chance)) / chance, 0, 1)
        power += float((binom.pmf(both - current, n, before) * binom.pmf(current, m, now) * drawn).sum())
    return power


def main() -> None:
    """Print the table."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("reports", type=int, nargs="?", default=200)
    asked.add_argument("features", type=int, nargs="*", default=[5, 20])
    asked.add_argument("--reference", type=int, default=2_000)
    asked.add_argument("--rows", type=int, default=1_000)
    asked.add_argument("--limits", action="store_true")
    options = asked.parse_args()
    if options.limits:
        for features in options.features:
            power = limit(0.001, 0.01, (options.reference, options.rows), 0.05 / features)
            print(f"a label of 0.1 % becomes 1 %, {features} features: {power:.1%}")
        return
    heads = [f"found, {features} features | others" for features in options.features]
    print(f"| shift | {' | '.join(heads)} |\n|---{'|---|---' * len(heads)}|")
    for name, draw in SHIFTS.items():
        cells = []
        for features in options.features:
            hits, others = found(draw, features, (options.reference, options.rows), options.reports)
            cells.append(f"{hits / options.reports:.0%} | {others / options.reports:.1%}")
        print(f"| {name} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
