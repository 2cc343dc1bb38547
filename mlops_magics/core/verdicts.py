"""What monitoring said of each model over time: on the board for everybody, and in the state folder, with the last
report, for when no kernel runs."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlops_magics.core import json_text, state
from mlops_magics.core.known_boards import key_of
from mlops_magics.core.versioning import companions
from mlops_magics.core.versioning.describing.json_values import json_safe
from mlops_magics.core.versioning.history.events import author
from mlops_magics.core.versioning.names import ModelName

if TYPE_CHECKING:
    from mlops_magics.core.versioning import Board

Verdict = dict[str, Any]
FOLDER, REPORTS = "verdicts", "reports"
MOST_KEPT = 200
WORST = 5
"""Features that a verdict names."""
ALERTS = 10
"""Reasons to act that it names."""
COMPANION = "verdicts"
FIELDS: Mapping[str, type | tuple[type, ...]] = {
    "id": str,
    "by": (str, type(None)),
    "name": str,
    "version": (str, type(None)),
    "created": str,
    "verdict": str,
    "drifted": list,
    "rows": int,
    "alerts": list,
    "n_alerts": int,
    "worst": list,
}
"""What a verdict holds; whatever else lies on a board is not read."""
LATER_FIELDS: Mapping[str, type] = {"features": int, "performance": list}
"""What verdicts of version 0.1 do not hold."""


def of_report(report: Mapping[str, Any]) -> Verdict:
    """Return what is kept of a report.

    Parameters
    ----------
    report
        What ``MonitorReport.wire()`` gives; its features are ranked, the worst first.
    """
    verdict = {key: report[key] for key in ("name", "version", "created", "verdict", "drifted", "rows")}
    worst = [
        {key: feature[key] for key in ("feature", "statistic", "score", "threshold", "drifted")}
        for feature in report["features"][:WORST]
    ]
    messages = [alert["message"] for alert in report["alerts"]]
    return {
        "id": uuid.uuid4().hex,
        "by": author(),
        **verdict,
        "alerts": messages[:ALERTS],
        "n_alerts": report.get("n_alerts", len(messages)),
        "worst": worst,
        "features": len(report["features"]),
        "performance": _last_performance(report),
    }


def _last_performance(report: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the first metric of a report where it was measured last, and where it was estimated last."""
    scored = report.get("performance", ())
    rows = [row for row in scored if row["metric"] == scored[0]["metric"]]
    last = {row["kind"]: row for row in rows if row["score"] is not None}
    limits = report.get("limits", {})
    return [
        {
            **{key: row[key] for key in ("metric", "kind", "score")},
            **dict(zip(("low", "high"), limits.get(row["metric"], (None, None)), strict=True)),
        }
        for row in last.values()
    ]


def remember(board: str, report: Mapping[str, Any], verdict: Verdict | None = None) -> None:
    """Add a report's verdict to those that this user keeps of its model, and the report in place of the one before.

    Parameters
    ----------
    board
        The board's URL.
    report
        What ``MonitorReport.wire()`` gives.
    verdict
        What `of_report` gave of it, where the board keeps it too.
    """
    kept = [json_safe(verdict or of_report(report)), *of_model(board, report["name"])[: MOST_KEPT - 1]]
    whole = json.dumps(json_safe(report)).encode()
    state.write_private(_path(REPORTS, key_of(board), report["name"]), whole)
    state.write_private(_path(FOLDER, key_of(board), report["name"]), json.dumps(kept).encode())


def publish(board: Board, verdict: Verdict) -> None:
    """Add a verdict to those on the board, where everybody who opens it finds them; writers at once lose nothing.

    Raises
    ------
    BoardError, Conflict
        The board cannot be written.
    """

    def change(before: bytes | None) -> bytes:
        return json.dumps(merged([json_safe(verdict)], _parsed(before)), indent=1).encode()

    companions.update(board, verdict["name"], COMPANION, change, "What monitoring said, newest first")


def of_everybody(board: Board, name: str) -> list[Verdict]:
    """Return the verdicts on a model, newest first: those on the board, and those that only this user has."""
    return merged(_parsed(companions.read(board, name, COMPANION)), of_model(board.url, name))


def merged(*parts: Iterable[Verdict]) -> list[Verdict]:
    """Return the verdicts of several lists, each once, newest first."""
    found = {each.get("id") or (each["created"], each["verdict"]): each for part in parts for each in part}
    return sorted(found.values(), key=lambda each: str(each["created"]), reverse=True)[:MOST_KEPT]


def of_model(board: str, name: str) -> list[dict[str, Any]]:
    """Return the verdicts on a model, newest first; an empty list when it was never monitored."""
    return of_key(key_of(board), name)


def of_key(key: str, name: str) -> list[dict[str, Any]]:
    """Return the same for a board that is known by its key."""
    found = state.read_json(_path(FOLDER, key, name))
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def report(board: str, name: str) -> dict[str, Any] | None:
    """Return the last report on a model as ``MonitorReport.wire()`` gave it; None when it was never monitored."""
    found = state.read_json(_path(REPORTS, key_of(board), name))
    return found if isinstance(found, dict) else None


def last(board: str) -> dict[str, dict[str, Any]]:
    """Return the newest verdict of each model of a board."""
    key = key_of(board)
    found = {path.stem: of_key(key, path.stem) for path in state.files_below(state.directory(FOLDER, key))}
    return {name: verdicts[0] for name, verdicts in found.items() if verdicts}


def _parsed(data: bytes | None) -> list[Verdict]:
    """Return the verdicts among what lies on a board, which others wrote."""
    try:
        found = json_text.parse(data or b"[]")
    except (ValueError, RecursionError):
        return []
    return [
        {key: each[key] for key in FIELDS}
        | {key: each[key] for key, kind in LATER_FIELDS.items() if isinstance(each.get(key), kind)}
        for each in (found if isinstance(found, list) else ())
        if isinstance(each, dict) and all(key in each and isinstance(each[key], kind) for key, kind in FIELDS.items())
    ]


def _path(folder: str, key: str, name: str) -> Path:
    return state.directory(folder, key) / f"{ModelName(name)}.json"
