"""How often reports alarm falsely on rows that depend on each other, without and with the option: a Markdown table.

    python bench/drift_dependence.py [REPORTS] [--features N] [--cases NAME …] [--stored] [--null]

``--stored`` compares with a profile of the reference, as a pinned version has it, in place of its rows. ``--null``
leaves out the shifts. Each report draws its own reference rows and current rows of the same process. *Shift found* is
for half a σ in one feature; the rows *independent* have the same groups or blocks, which mean nothing.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from mlops_magics.core.monitoring import drift, profile
from mlops_magics.core.monitoring.comparing import seasonal_profiles

FEATURES = 10
Draw = Callable[[np.random.Generator, int, int], pd.DataFrame]


def _frame(values: Any, **columns: Any) -> pd.DataFrame:
    """Return numeric features, every second one in five categories."""
    frame = pd.DataFrame({f"x{k}": values[:, k] for k in range(values.shape[1])})
    for k in range(1, values.shape[1], 2):
        frame[f"x{k}"] = np.digitize(values[:, k], [-1.5, -0.5, 0.5, 1.5]).astype(str)
    return frame.assign(**columns)


def _days(numbers: np.random.Generator, features: int, days: int, kept: float) -> pd.DataFrame:
    """Draw 40 rows a day around a level of the day, which keeps a part of the level of the day before."""
    level = np.empty((days, features))
    level[0] = numbers.normal(size=features)
    for day in range(1, days):
        level[day] = kept * level[day - 1] + np.sqrt(1 - kept**2) * numbers.normal(size=features)
    day = np.repeat(np.arange(days), 40)
    values = np.sqrt(0.2) * level[day] + np.sqrt(0.8) * numbers.normal(size=(len(day), features))
    return _frame(values, when=np.datetime64("2024-01-01") + day.astype("timedelta64[D]"))


def autocorrelated(numbers: np.random.Generator, features: int, part: int) -> pd.DataFrame:
    """Days around levels that keep half of the day before: 120, then 40."""
    return _days(numbers, features, (120, 40)[part], 0.5)


def daily(numbers: np.random.Generator, features: int, part: int) -> pd.DataFrame:
    """Days around levels of their own."""
    return _days(numbers, features, (120, 40)[part], 0.0)


def weekly(numbers: np.random.Generator, features: int, part: int) -> pd.DataFrame:
    """Days whose level is that of the weekday: 140 of 40 rows, then one of 200 rows."""
    days, rows = ((140, 40), (1, 200))[part]
    day = np.repeat(np.arange(days), rows) + (0, 140 + int(numbers.integers(7)))[part]
    level = np.sin(2 * np.pi * np.arange(7) / 7)
    values = level[day % 7][:, None] * 0.8 + numbers.normal(size=(len(day), features))
    return _frame(values, when=np.datetime64("2024-01-01") + day.astype("timedelta64[D]"))


def twice(numbers: np.random.Generator, features: int, part: int) -> pd.DataFrame:
    """Rows that are logged twice: 1,500, then 300."""
    rows = (1_500, 300)[part]
    place = numbers.permutation(np.repeat(np.arange(rows), 2))
    return _frame(numbers.normal(size=(rows, features))[place], id=place)


def users(numbers: np.random.Generator, features: int, part: int) -> pd.DataFrame:
    """Rows of users around levels of their own: 300, then 80, with 5 to 30 rows each."""
    user = np.repeat(np.arange((300, 80)[part]), numbers.integers(5, 30, (300, 80)[part]))
    level = numbers.normal(size=(user.max() + 1, features))
    values = np.sqrt(0.3) * level[user] + np.sqrt(0.7) * numbers.normal(size=(len(user), features))
    return _frame(values, user=user)


def independent(numbers: np.random.Generator, features: int, part: int) -> pd.DataFrame:
    """Rows that do not depend on each other, of 300 users, then 60 with 5 rows each, over 100 days, then 30."""
    users_of, days = ((300, 100), (60, 30))[part]
    rows = users_of * 5
    when = np.datetime64("2024-01-01") + np.sort(numbers.integers(0, days, rows)).astype("timedelta64[D]")
    return _frame(
        numbers.normal(size=(rows, features)), user=numbers.permutation(np.repeat(np.arange(users_of), 5)), when=when
    )


CASES: dict[str, tuple[Draw, dict[str, Any]]] = {
    "days around levels of their own": (daily, {"block": "day"}),
    "days that keep half of the level before": (autocorrelated, {"block": "day"}),
    "a weekday against all days": (weekly, {"seasonal": "week"}),
    "each row logged twice": (twice, {"by_group": "id"}),
    "the same, without an id": (twice, {"by_group": "duplicates"}),
    "many rows of one user": (users, {"by_group": "user"}),
    "independent, by user": (independent, {"by_group": "user"}),
    "independent, by day": (independent, {"block": "day"}),
}


def stored_profile(reference: pd.DataFrame) -> Any:
    """Return the profile that a pin with the times of its rows stores."""
    features = reference.drop(columns=[name for name in ("id", "user", "when") if name in reference])
    seasons = seasonal_profiles.facts(features, reference.get("when"))
    return replace(profile(features), facts=seasons)


def alarms(
    draw: Draw, option: dict[str, Any], features: int, reports: int, shift: float, stored: bool
) -> tuple[int, int]:
    """Return how many reports alarm at all, and how many for the first feature."""
    numbers = np.random.default_rng([features, reports])
    alarmed = found = 0
    unused = {"id", "user", "when"} - {*option.values()}
    for _ in range(reports):
        sides = [draw(numbers, features, part) for part in (0, 1)]
        sides[1]["x0"] += shift
        if "block" in option or "seasonal" in option:
            unused -= {"when"}
        reference, current = (side.drop(columns=[name for name in unused if name in side]) for side in sides)
        before = stored_profile(reference) if stored else reference
        report = drift(before, current, **option, **({"timestamp": "when"} if "when" in current else {}))
        named = set(report["feature"][report["drifted"]])
        alarmed += bool(named)
        found += "x0" in named
    return alarmed, found


def main() -> None:
    """Print the table."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("reports", type=int, nargs="?", default=200)
    asked.add_argument("--features", type=int, default=FEATURES)
    asked.add_argument("--cases", nargs="+", choices=sorted(CASES), default=list(CASES))
    asked.add_argument("--stored", action="store_true")
    asked.add_argument("--null", action="store_true")
    options = asked.parse_args()
    print("| rows | option | alarms without | with | 0.5 σ found without | with |\n|---|---|---|---|---|---|")
    for name in options.cases:
        draw, option = CASES[name]
        cells = []
        for shift in (0.0,) if options.null else (0.0, 0.5):
            for given in ({}, option):
                counts = alarms(draw, given, options.features, options.reports, shift, options.stored)
                cells.append(f"{counts[shift > 0] / options.reports:.1%}")
        word = " ".join(f"--{key.replace('_', '-')} {value}" for key, value in option.items())
        print(f"| {name} | `{word}` | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
