"""The last verdicts of monitoring and the last report, for each model: what is shown when no kernel runs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlops_magics.core import state
from mlops_magics.core.known_boards import key_of
from mlops_magics.core.versioning.names import ModelName
from mlops_magics.core.versioning.plain import json_safe

if TYPE_CHECKING:
    import pandas as pd

FOLDER, REPORTS = "verdicts", "reports"
MOST_KEPT = 200
WORST = 5
"""Features that a verdict names."""


def remember(board: str, report: Mapping[str, Any]) -> None:
    """Add a report's verdict to those of its model, and keep the report in place of the one before.

    Parameters
    ----------
    board
        The board's URL.
    report
        What ``MonitorReport.wire()`` gives; its features are ranked, the worst first.
    """
    verdict = {key: report[key] for key in ("name", "version", "created", "verdict", "drifted", "rows")}
    verdict["alerts"] = [alert["message"] for alert in report["alerts"]]
    verdict["worst"] = [
        {key: feature[key] for key in ("feature", "statistic", "score", "threshold", "drifted")}
        for feature in report["features"][:WORST]
    ]
    kept = [*of_model(board, report["name"])[: MOST_KEPT - 1]]
    whole = json.dumps(json_safe(report)).encode()
    state.write_private(_path(REPORTS, key_of(board), report["name"]), whole)
    state.write_private(_path(FOLDER, key_of(board), report["name"]), json.dumps([verdict, *kept]).encode())


def of_model(board: str, name: str) -> list[dict[str, Any]]:
    """Return the verdicts on a model, newest first; none when nobody monitored it."""
    return of_key(key_of(board), name)


def of_key(key: str, name: str) -> list[dict[str, Any]]:
    """Return the same for a board that is known by its key."""
    found = _read(_path(FOLDER, key, name))
    return found if isinstance(found, list) else []


def report(board: str, name: str) -> dict[str, Any] | None:
    """Return the last report on a model as ``MonitorReport.wire()`` gave it; None when nobody monitored it."""
    found = _read(_path(REPORTS, key_of(board), name))
    return found if isinstance(found, dict) else None


def table(board: str, name: str) -> pd.DataFrame:
    """Return the verdicts on a model as a table, newest first: ``created, version, rows, drifted, alerts, verdict``."""
    import pandas as pd

    found = of_model(board, name)
    rows = [{**each, "drifted": len(each["drifted"]), "alerts": len(each.get("alerts", ()))} for each in found]
    frame = pd.DataFrame(rows, columns=["created", "version", "rows", "drifted", "alerts", "verdict"])
    return frame.assign(created=pd.to_datetime(frame["created"], utc=True, format="ISO8601"))


def last(board: str) -> dict[str, dict[str, Any]]:
    """Return the newest verdict of each model of a board."""
    key = key_of(board)
    found = {path.stem: of_key(key, path.stem) for path in state.directory(FOLDER, key).glob("*.json")}
    return {name: verdicts[0] for name, verdicts in found.items() if verdicts}


def _path(folder: str, key: str, name: str) -> Path:
    return state.directory(folder, key) / f"{ModelName(name)}.json"


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
