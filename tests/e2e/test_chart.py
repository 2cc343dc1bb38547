"""The chart of a report in a browser without a network: picking a feature, brushing periods, what the pointer says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mlops_magics.core.monitoring import monitor, profile


def rows(seed: int, islands: tuple[str, ...]) -> pd.DataFrame:
    """Return 2,000 rows over four weeks."""
    numbers = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "income": np.exp(numbers.normal(8, 1.2, 2_000)),
            "island": numbers.choice(islands, 2_000),
            "at": pd.date_range("2024-01-01", periods=2_000, freq="20min"),
        }
    )


def test_a_click_on_a_feature_shows_its_distribution(page: Any, tmp_path: Path) -> None:
    """The title says which, the new category is named, and the words under the pointer are those of the cell."""
    before, now = rows(0, ("Biscoe", "Dream")), rows(1, ("Biscoe", "Dream", "Torgersen"))
    report = monitor(profile(before.drop(columns="at")), now, name="birds", by="week", timestamp="at")
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.goto(report.charts().save(tmp_path / "drift.html").as_uri())
    page.get_by_text("Distribution of island (click another above)").wait_for()
    assert page.get_by_text("Torgersen (new)").count() == 1

    cells = page.locator("svg g.mark-rect.role-mark path[aria-label*='income']")
    cells.first.hover()
    page.locator("#vg-tooltip-element", has_text="income").wait_for()
    assert "times its threshold" in page.locator("#vg-tooltip-element").inner_text()
    cells.first.click()
    page.get_by_text("Distribution of income, logarithmic bars (click another above)").wait_for()

    assert errors == []
    assert page.foreign_requests == []
