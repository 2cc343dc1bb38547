"""What monitoring found of each model over time, on the board and in the state folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mlops_magics import Session
from mlops_magics.core import verdicts
from mlops_magics.core.verdict_table import VerdictTable
from mlops_magics.core.versioning import companions

FEATURE = {"feature": "x", "statistic": "ks", "score": 0.4, "threshold": 0.1, "drifted": True}


def _report(day: int, **other: Any) -> dict[str, Any]:
    return {
        "name": "m",
        "version": "1",
        "created": f"2026-01-{day:02}T00:00:00+00:00",
        "verdict": "m@1: 1 of 9 features drifted",
        "drifted": ["x"],
        "rows": 100,
        "features": [FEATURE] * 9,
        "alerts": [{"message": "x drifted"}] * 30,
        **other,
    }


def test_a_verdict_is_small_and_keeps_the_numbers() -> None:
    """It names the worst features and the first alerts, and counts the rest."""
    found = verdicts.of_report(_report(1))

    assert set(found) == {*verdicts.FIELDS, *verdicts.LATER_FIELDS}
    assert (len(found["worst"]), len(found["alerts"]), found["n_alerts"]) == (verdicts.WORST, verdicts.ALERTS, 30)


def test_the_newest_verdict_is_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """The list has a longest length, and the last report is kept whole."""
    monkeypatch.setattr(verdicts, "MOST_KEPT", 2)
    for day in (1, 2, 3):
        verdicts.remember("/board", _report(day))

    assert [each["created"][8:10] for each in verdicts.of_model("/board", "m")] == ["03", "02"]
    assert verdicts.last("/board")["m"]["created"].startswith("2026-01-03")
    assert (verdicts.report("/board", "m") or {})["created"].startswith("2026-01-03")
    assert verdicts.report("/board", "other") is None


def test_a_verdict_on_the_board_and_in_the_state_is_listed_once(tmp_path: Path) -> None:
    """What other tools put beside the verdicts of a board is not read."""
    board = Session(tmp_path / "board").board
    shared = verdicts.of_report(_report(1))
    verdicts.publish(board, shared)
    verdicts.remember(board.url, _report(1), shared)
    verdicts.remember(board.url, _report(2))

    def spoil(before: bytes | None) -> bytes:
        return json.dumps(
            [*json.loads(before or b"[]"), 3, {"id": "x"}, {**shared, "id": "y", "rows": "many"}]
        ).encode()

    companions.update(board, "m", verdicts.COMPANION, spoil, "spoiled")

    found = verdicts.of_everybody(board, "m")
    assert [each["created"][8:10] for each in found] == ["02", "01"]
    table = VerdictTable.of(found, board.url, "m")
    assert list(table["verdict"]) == ["1 of 9 features drifted"] * 2
    assert list(table["drifted"]) == [1, 1]
    assert list(table["alerts"]) == [30, 30]


@pytest.mark.parametrize(
    "wrong", [{"drifted": 1.5}, {"alerts": 0.5}, {"n_alerts": "x"}, {"created": None}, {"verdict": []}]
)
def test_R12_a_verdict_with_wrong_types_is_left_out(wrong: dict[str, Any]) -> None:
    """R12: A damaged entry of this user's list ends no listing."""
    verdicts.remember("/a", _report(1))
    verdicts.remember("/a", _report(2), verdicts.of_report(_report(2)) | wrong)

    found = verdicts.of_model("/a", "m")
    assert [each["created"][:10] for each in found] == ["2026-01-01"]
    assert len(VerdictTable.of(found, "/a", "m")) == 1
