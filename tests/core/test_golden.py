"""What version 0.1 wrote is read for ever: its board, prediction log, announcements, verdicts and trust list."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import mlops_magics as mm
from mlops_magics.core import known_boards
from mlops_magics.core.deploying import prediction_log
from mlops_magics.core.monitoring import MonitorReport

GOLDEN = Path(__file__).parents[1] / "data" / "golden-0.1"
PLACE = "/golden"
"""The folder that the stored texts name; a copy is made to name its own."""


@pytest.fixture
def golden(tmp_path: Path, state_folder: Path) -> tuple[mm.Session, dict[str, Any]]:
    """Copy the board and the state folder, with the paths in them moved to where the copy is."""
    folder = tmp_path / "golden"
    shutil.copytree(GOLDEN, folder)
    before, now = (hashlib.sha256(f"{place}/board".encode()).hexdigest()[:12] for place in (PLACE, str(folder)))
    for path in (folder / "state").rglob("*"):
        if path.suffix == ".json":
            path.write_text(path.read_text().replace(PLACE, str(folder)).replace(before, now))
    for path in sorted((folder / "state").rglob(f"*{before}*"), key=lambda each: -len(each.parts)):
        path.rename(path.with_name(path.name.replace(before, now)))
    shutil.copytree(folder / "state", state_folder, dirs_exist_ok=True)
    return mm.Session(board=str(folder / "board")), json.loads((folder / "expected.json").read_text())


def test_a_board_of_version_0_1_is_read_whole(golden: tuple[mm.Session, dict[str, Any]]) -> None:
    """Versions, aliases, history, trash, limits, kept metrics and verdicts are those that were written."""
    session, expected = golden

    assert session.versions("penguins")["version"].tolist() == expected["versions"]
    assert session.board.aliases("penguins") == expected["aliases"]
    assert len(session.history("penguins")) == len(expected["history"])
    assert len(session.metrics("penguins")) == expected["metrics"]
    assert len(session.verdicts("penguins")) == expected["verdicts"]
    assert session.thresholds("penguins").ignored == ("flipper",)
    assert session.verify().sound
    assert session.restore(expected["trash"]).name == "other"


def test_a_model_of_version_0_1_answers_as_it_did(golden: tuple[mm.Session, dict[str, Any]]) -> None:
    """Each version is deserialised, skops and joblib alike, and answers the same rows with the same labels."""
    session, expected = golden
    rows = pd.DataFrame(expected["rows"])

    answers = {version: session.load(f"penguins@{version}").predict(rows).tolist() for version in expected["versions"]}
    assert answers == expected["predictions"]


def test_a_log_of_version_0_1_is_monitored(golden: tuple[mm.Session, dict[str, Any]]) -> None:
    """Its rows and its feedback are read, and a report of them sees the shift that they hold."""
    session, expected = golden
    board = session.board.url

    assert len(prediction_log.read("penguins", board=board)) == expected["logged"]
    assert len(prediction_log.read_feedback("penguins", board=board)) == expected["feedback"]
    report = session.monitor("penguins")
    assert report.drifted == ["length"]
    assert set(report.performance["kind"]) >= {"measured"}


def test_the_state_of_version_0_1_is_known(golden: tuple[mm.Session, dict[str, Any]]) -> None:
    """Its announcement names an endpoint that died, its boards are listed, its report is shown again."""
    session, _ = golden

    assert [(each.name, each.state) for each in session.endpoints_running()] == [("penguins", "died")]
    assert session.board.url in [each.url for each in known_boards.known()]
    assert MonitorReport.from_json((GOLDEN / "report.json").read_text()).drifted == ["length"]
