"""Tables as aligned text for a terminal."""

from __future__ import annotations

import pandas as pd
import pytest

from mlops_magics.core import text_tables


def test_foreign_text_is_one_line_and_the_last_column_gets_what_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """Escape sequences of another user's description do not steer the terminal."""
    monkeypatch.setenv("COLUMNS", "40")
    columns = {"name": ["a\x1b[31m", "b"], "empty": [None, float("nan")], "words": ["x\ny", "long " * 30]}
    lines = text_tables.text_table("two", columns).splitlines()

    assert lines[1].split() == ["name", "words"]
    assert lines[2].split() == ["a", "[31m", "x", "y"]
    assert max(map(len, lines)) <= 40
    assert lines[3].endswith("…")


def test_columns_without_room_stand_below_their_row(monkeypatch: pytest.MonkeyPatch) -> None:
    """No line is wider than the terminal, and no number or id is cut."""
    columns = {
        "name": ["late_flights_of_winter", "wine"],
        "created": ["2026-11-30 07:34"] * 2,
        "metrics": ["accuracy 0.9675, f1_macro 0.9672, roc_auc 0.9993", ""],
        "description": ["A model of the flights of one winter", None],
    }
    monkeypatch.setenv("COLUMNS", "80")
    assert text_tables.text_table("2 models", columns).splitlines() == [
        "2 models",
        "  name                    created",
        "  late_flights_of_winter  2026-11-30 07:34",
        "      metrics: accuracy 0.9675, f1_macro 0.9672, roc_auc 0.9993; description: A",
        "      model of the flights of one winter",
        "  wine                    2026-11-30 07:34",
    ]
    monkeypatch.setenv("COLUMNS", "140")
    assert len(text_tables.text_table("2 models", columns).splitlines()) == 4


def test_cells_are_written_as_people_do() -> None:
    """Times have minutes, numbers four digits, lists commas; of many rows the first are written."""
    columns = {"at": [pd.Timestamp("2026-01-02 03:04:05")] * 100, "x": [1 / 3] * 100, "all": [["p", "q"]] * 100}
    lines = text_tables.text_table("many", columns).splitlines()

    assert lines[2].split() == ["2026-01-02", "03:04", "0.3333", "p,", "q"]
    assert lines[-1] == "  and 40 more rows"
    assert text_tables.text_table("none", {"x": []}) == "none"


def test_metrics_are_columns_and_ids_are_short() -> None:
    """Of the first metrics that occur, and of a version that is gone."""
    assert text_tables.metric_columns([{"a": 1.0}, {"b": 2.0}], most=1) == {"a": [1.0, None]}
    assert text_tables.short_ids(["20261130T044705Z-835b0", None]) == ["835b0", ""]
