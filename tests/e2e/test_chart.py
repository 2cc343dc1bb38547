"""Pages of a report in a browser without a network: its chart, and the dashboard, which draws the last report."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.linear_model import LinearRegression

from mlops_magics import Session
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


def test_a_dashboard_draws_the_last_report_and_its_courses(page: Any, tmp_path: Path) -> None:
    """Its script draws the features, a press on one shows its details, and nothing is asked from outside."""
    session, now = Session(board=tmp_path / "board"), rows(1, ("Biscoe", "Dream"))
    data, truth = rows(0, ("Biscoe", "Dream"))[["income"]].assign(age=np.arange(2_000) % 70), now["income"] * 2
    session.pin(LinearRegression().fit(data, truth), "wages", data=data, truth=truth)
    seen = data.assign(at=now["at"], age=data["age"] + 40)
    session.monitor("wages", data=seen, truth=truth, by="week", timestamp="at")
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)

    page.goto(Path(session.dashboard("wages", to=tmp_path / "wages.html").path).as_uri())
    report = page.get_by_role("region", name="Drift report")
    report.get_by_role("button", name="income", exact=True).click()
    report.get_by_role("heading", name="income").wait_for()
    drawn = page.locator("svg.mlops-plot, figure svg").evaluate_all(
        "all => all.filter(e => e.clientWidth > 200).length"
    )

    assert drawn >= 3
    assert (errors, page.foreign_requests) == ([], [])
