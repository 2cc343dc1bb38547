"""How often the 95 % bands of metrics hold the true value: printed as a Markdown table.

    python bench/performance_coverage.py [REPORTS [ROWS …]] [--cases NAME …] [--estimated]
    python bench/performance_coverage.py --table

Each report draws rows of a process whose true metrics are those of four million other rows. With ``--estimated`` the
rows have no truth: bands are those of the estimate, learned from 2,000 held-out rows, and the true value is what the
truth of the same rows gives later. A period in which a metric is not defined, or its band not known, does not count.
``--table`` prints the reaches of ``heavy_tails.py``.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy.stats import binomtest

import mlops_magics as mm
from mlops_magics.core.monitoring import monitor, profile
from mlops_magics.core.monitoring.estimation import learning
from mlops_magics.core.monitoring.scoring import heavy_tails
from mlops_magics.core.monitoring.scoring.model_task import FACT, ModelTask

MANY = 4_000_000
"""Rows whose metrics are taken for the true ones."""
HELD_OUT = 2_000
"""Rows from which estimates are learned."""
ROWS = (20, 100, 1_000, 20_000)
POSITIVE = {"0.1 %": 0.001, "1 %": 0.01, "5 %": 0.05, "20 %": 0.2, "50 %": 0.5}
OF_CLASSES = ("accuracy", "f1", "f1_macro", "precision", "recall", "roc_auc", "log_loss")


class Rows(NamedTuple):
    """Truths, predictions and the probabilities of each class."""

    truth: Any
    estimate: Any
    chances: Any = None


def two_classes(share: float) -> Callable[[np.random.Generator, int], Rows]:
    """Return a process with this share of positives, of which a calibrated model finds about half."""

    def draw(numbers: np.random.Generator, rows: int) -> Rows:
        truth = (numbers.random(rows) < share).astype(int)
        evidence = numbers.normal(size=rows) + 2.0 * truth
        odds = math.log(share / (1 - share)) + 2.0 * evidence - 2.0
        chance = 1 / (1 + np.exp(-odds))
        return Rows(truth, (evidence > 2.0).astype(int), np.column_stack([1 - chance, chance]))

    return draw


def three_classes(numbers: np.random.Generator, rows: int) -> Rows:
    """Draw 60, 30 and 10 % of three classes."""
    truth = numbers.choice(3, rows, p=[0.6, 0.3, 0.1])
    scores = numbers.normal(size=(rows, 3)) + np.log([0.6, 0.3, 0.1])
    scores[np.arange(rows), truth] += 1.5
    chances = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    return Rows(truth, chances.argmax(axis=1), chances)


def numbers_of(numbers: np.random.Generator, rows: int) -> Rows:
    """Draw numbers with normal errors."""
    estimate = numbers.normal(size=rows)
    return Rows(estimate + 0.7 * numbers.normal(size=rows), estimate)


def skewed(numbers: np.random.Generator, rows: int) -> Rows:
    """Draw amounts with errors that grow with them."""
    estimate = numbers.lognormal(0, 1, rows)
    return Rows(estimate * numbers.lognormal(0, 0.4, rows), estimate)


CASES: dict[str, tuple[Callable[[np.random.Generator, int], Rows], tuple[str, ...]]] = {
    **{f"two classes, {name} positive": (two_classes(share), OF_CLASSES) for name, share in POSITIVE.items()},
    "three classes": (three_classes, ("accuracy", "f1_macro", "roc_auc", "log_loss")),
    "numbers": (numbers_of, ("rmse", "mae", "r2")),
    "amounts": (skewed, ("rmse", "mae", "r2")),
}


def measured(drawn: Rows, metrics: tuple[str, ...]) -> pd.DataFrame:
    """Return the metrics of rows, with their bands, by name."""
    how: dict[str, Any] = {"kind": "regression"}
    if drawn.chances is not None:
        chances = {k: drawn.chances[:, k] for k in range(drawn.chances.shape[1])}
        how = {"kind": "classification", "probabilities": chances, "positive": 1 if len(chances) == 2 else None}
    frame = pd.DataFrame({"truth": drawn.truth, "estimate": drawn.estimate})
    return mm.performance(frame, truth="truth", estimate="estimate", metrics=metrics, **how).set_index("metric")


def estimated(held_out: Rows, drawn: Rows, metrics: tuple[str, ...]) -> pd.DataFrame:
    """Return the metrics that are estimated without the truth, with their bands, by name."""
    task = ModelTask("regression")
    before, now = ({"x": side.estimate, "guess": side.estimate} for side in (held_out, drawn))
    if drawn.chances is not None:
        classes = tuple(map(str, range(drawn.chances.shape[1])))
        task = ModelTask("classification", classes, "1" if len(classes) == 2 else None)
    chances = [
        None if side.chances is None else {k: side.chances[:, k] for k in range(side.chances.shape[1])}
        for side in (held_out, drawn)
    ]
    learned = learning.facts(pd.DataFrame({"x": before["x"]}), held_out.truth, held_out.estimate, chances[0], task)
    known = replace(
        profile({"x": before["x"]}, truth=held_out.truth, prediction=held_out.estimate),
        facts={**learned, FACT: task.to_json()},
    )
    report = monitor(known, pd.DataFrame(now), prediction="guess", probabilities=chances[1], metrics=list(metrics))
    return report.performance.set_index("metric")


@cache
def true_scores(name: str) -> pd.Series[float]:
    """Return the metrics of many rows of a process."""
    draw, metrics = CASES[name]
    return measured(draw(np.random.default_rng(MANY), MANY), metrics)["score"]


def held(name: str, rows: int, reports: int, without_truth: bool) -> dict[str, tuple[int, int]]:
    """Return how many bands hold the true value of each metric, and how many bands there are."""
    draw, metrics = CASES[name]
    numbers = np.random.default_rng([rows, reports])
    true = None if without_truth else true_scores(name)
    found = {metric: [0, 0] for metric in metrics}
    for _ in range(reports):
        drawn = draw(numbers, rows)
        answer = measured(drawn, metrics)
        if without_truth:
            true, answer = answer["score"], estimated(draw(numbers, HELD_OUT), drawn, metrics)
        for metric in answer.index:
            lower, upper = answer.loc[metric, "lower"], answer.loc[metric, "upper"]
            if true is not None and not math.isnan(lower) and not math.isnan(true[metric]):
                found[metric][1] += 1
                found[metric][0] += bool(lower <= true[metric] <= upper)
    return {metric: (inside, bands) for metric, (inside, bands) in found.items()}


def rate(inside: int, bands: int) -> str:
    """Return a rate in per cent with its exact 95 % interval."""
    lower, upper = binomtest(inside, bands).proportion_ci()
    return f"{100 * inside / bands:.1f} ({100 * lower:.1f}–{100 * upper:.1f})"


def reaches() -> None:
    """Print the standard errors by which means of log-normal values are below the true mean in one of forty cases."""
    numbers = np.random.default_rng(5)
    for spread in heavy_tails.SPREADS:
        found = []
        for rows in np.exp(heavy_tails.ROWS).round().astype(int):
            draws = int(min(40_000, 6e7 // rows))
            apart = []
            for _ in range(0, draws, max(1, 2_000_000 // rows)):
                values = np.exp(spread * numbers.normal(size=(max(1, min(draws, 2_000_000 // rows)), rows)))
                error = values.std(axis=1, ddof=1) / math.sqrt(rows)
                apart.append((math.exp(spread**2 / 2) - values.mean(axis=1)) / error)
            found.append(float(np.quantile(np.concatenate(apart), 0.975)))
        print(spread, " ".join(f"{each:.3g}" for each in found), flush=True)


def main() -> None:
    """Print the table."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("reports", type=int, nargs="?", default=200)
    asked.add_argument("rows", type=int, nargs="*", default=list(ROWS))
    asked.add_argument("--cases", nargs="+", choices=sorted(CASES), default=list(CASES))
    asked.add_argument("--estimated", action="store_true")
    asked.add_argument("--table", action="store_true")
    options = asked.parse_args()
    if options.table:
        reaches()
        return
    print("| | rows | bands that hold the true value |\n|---|---|---|")
    for name in options.cases:
        for rows in options.rows:
            found = held(name, rows, options.reports, options.estimated)
            rates = [
                f"{metric} {rate(inside, bands)}{'' if bands == options.reports else f' of {bands}'}"
                for metric, (inside, bands) in found.items()
                if bands
            ]
            print(f"| {name} | {rows:,} | {', '.join(rates)} |", flush=True)


if __name__ == "__main__":
    main()
