"""The last verdicts of monitoring, one small file for each model: what the sidebar shows when no kernel runs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlops_magics.core import state
from mlops_magics.core.known_boards import key_of
from mlops_magics.core.versioning.names import ModelName

FOLDER = "verdicts"
MOST_KEPT = 200
WORST = 5
"""Features that a verdict names."""


def remember(board: str, report: Mapping[str, Any]) -> None:
    """Add a report's verdict to those of its model.

    Parameters
    ----------
    board
        The board's URL.
    report
        What ``MonitorReport.wire()`` gives; its features are ranked, the worst first.
    """
    verdict = {key: report[key] for key in ("name", "version", "created", "verdict", "drifted", "rows")}
    verdict["worst"] = [
        {key: feature[key] for key in ("feature", "statistic", "score", "threshold", "drifted")}
        for feature in report["features"][:WORST]
    ]
    kept = [*of_model(board, report["name"])[: MOST_KEPT - 1]]
    state.write_private(_path(board, report["name"]), json.dumps([verdict, *kept]).encode())


def of_model(board: str, name: str) -> list[dict[str, Any]]:
    """Return the verdicts on a model, newest first; none when nobody monitored it."""
    return _read(_path(board, name))


def last(board: str) -> dict[str, dict[str, Any]]:
    """Return the newest verdict of each model of a board."""
    found = {path.stem: _read(path) for path in state.directory(FOLDER, key_of(board)).glob("*.json")}
    return {name: verdicts[0] for name, verdicts in found.items() if verdicts}


def _path(board: str, name: str) -> Path:
    return state.directory(FOLDER, key_of(board)) / f"{ModelName(name)}.json"


def _read(path: Path) -> list[dict[str, Any]]:
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return []
    return found if isinstance(found, list) else []
