"""Mixed traffic for a few seconds; `make soak` runs ten minutes of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import soak


def test_mixed_traffic_has_no_wrong_answer_and_no_growth(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """R15, R16, R20: four clients, swaps and rollbacks, a killed worker, feedback, reports."""
    monkeypatch.setattr(soak, "KILL_SECONDS", 4.0)
    monkeypatch.setattr(soak, "MONITOR_SECONDS", 3.0)
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()

    table = soak.soak(tmp_path, 10.0)

    assert soak.faults(table) == [], table
    assert table["kills"] >= 1
    assert table["swaps"] >= 1
