"""The history of monitoring verdicts on each model: on the board for everybody, and in the state folder, with the
last report, for use without a kernel."""

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
"""The most features that a verdict names."""
ALERTS = 10
"""The most reasons to act that it names."""
COMPANION = "verdicts"
FIELDS: dict[str, type | tuple[type, ...]] = {
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
"""The fields of a verdict. Other fields on a board are not read."""
OWN_FIELDS = frozenset({"name", "version", "created", "verdict", "drifted"})
"""The fields that every verdict has."""
LATER_FIELDS: dict[str, type | tuple[type, ...]] = {"features": int, "performance": list}
"""The fields that verdicts of version 0.1 lack."""


def of_report(report: Mapping[str, Any]) -> Verdict:
    """Return the verdict that is kept of a report.

    Parameters
    ----------
    report
        The value of ``MonitorReport.wire()``. Its features are ranked, the worst first.
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
    """Return the first metric of a report as it was last measured, and as it was last estimated."""
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
        The value of ``MonitorReport.wire()``.
    verdict
        The value of `of_report`, where the board keeps it too.
    """
    kept = [json_safe(verdict or of_report(report)), *of_model(board, report["name"])[: MOST_KEPT - 1]]
    whole = json.dumps(json_safe(report)).encode()
    state.write_private(_path(REPORTS, key_of(board), report["name"]), whole)
    state.write_private(_path(FOLDER, key_of(board), report["name"]), json.dumps(kept).encode())


def publish(board: Board, verdict: Verdict) -> None:
    """Add a verdict to those on the board, for everybody who opens it. Concurrent writers lose nothing.

    Raises
    ------
    BoardError, Conflict
        The board cannot be written.
    """

    def change(before: bytes | None) -> bytes:
        return json.dumps(merged([json_safe(verdict)], _parsed(before)), indent=1).encode()

    companions.update(board, verdict["name"], COMPANION, change, "Verdicts of monitoring, newest first")


def of_everybody(board: Board, name: str) -> list[Verdict]:
    """Return the verdicts on a model, newest first, from the board and from this user's state folder."""
    return merged(_parsed(companions.read(board, name, COMPANION)), of_model(board.url, name))


def merged(*parts: Iterable[Verdict]) -> list[Verdict]:
    """Return the verdicts of several lists, each once, newest first."""
    found = {each.get("id") or (each["created"], each["verdict"]): each for part in parts for each in part}
    return sorted(found.values(), key=lambda each: str(each["created"]), reverse=True)[:MOST_KEPT]


def of_model(board: str, name: str) -> list[dict[str, Any]]:
    """Return the verdicts on a model, newest first. The list of a model that was never monitored is empty."""
    return of_key(key_of(board), name)


def of_key(key: str, name: str) -> list[dict[str, Any]]:
    """Return the same for the board with this key."""
    found = state.read_json(_path(FOLDER, key, name))
    return [each for each in found if _is_verdict(each)] if isinstance(found, list) else []


def report(board: str, name: str) -> dict[str, Any] | None:
    """Return ``MonitorReport.wire()`` of the last report on a model, or None when it was never monitored."""
    found = state.read_json(_path(REPORTS, key_of(board), name))
    return found if isinstance(found, dict) else None


def last(board: str) -> dict[str, dict[str, Any]]:
    """Return the newest verdict of each model of a board."""
    key = key_of(board)
    found = {path.stem: of_key(key, path.stem) for path in state.files_below(state.directory(FOLDER, key))}
    return {name: verdicts[0] for name, verdicts in found.items() if verdicts}


def _parsed(data: bytes | None) -> list[Verdict]:
    """Return the valid verdicts among the entries of a board, which others may have written."""
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


def _is_verdict(entry: Any) -> bool:
    """Return whether an entry of this user's list is a verdict. Those of version 0.1 have fewer fields."""
    return (
        isinstance(entry, dict)
        and entry.keys() >= OWN_FIELDS
        and all(isinstance(entry[key], kind) for key, kind in (FIELDS | LATER_FIELDS).items() if key in entry)
    )


def _path(folder: str, key: str, name: str) -> Path:
    return state.directory(folder, key) / f"{ModelName(name)}.json"
