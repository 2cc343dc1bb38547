"""Verdicts as a table that displays know."""

from __future__ import annotations

from mlops_magics.core.verdict_table import COLUMNS, VerdictTable

VERDICT = {
    "name": "m",
    "version": "1",
    "created": "2026-01-01T00:00:00+00:00",
    "by": None,
    "verdict": "m@1: 1 of 9 features drifted",
    "drifted": ["x"],
    "rows": 100,
    "alerts": ["x drifted"],
    "n_alerts": 30,
}


def test_a_table_without_verdicts_has_the_same_columns() -> None:
    """A model that was never monitored has an empty table."""
    table = VerdictTable.of([], "/board", "m")

    assert list(table.columns) == COLUMNS
    assert len(table) == 0
    assert str(table["created"].dtype).endswith("UTC]")


def test_a_row_has_counts_and_the_attributes_have_the_rest() -> None:
    """The table counts features and alerts, which a verdict names."""
    table = VerdictTable.of([VERDICT, {**VERDICT, "created": "2026-01-01T00:00:00.5+00:00"}], "/board", "m")

    assert table.iloc[0][["drifted", "alerts", "verdict"]].tolist() == [1, 30, "1 of 9 features drifted"]
    assert table.attrs["verdicts"][0] == VERDICT
