"""Notifications of a change: an endpoint that died, drift that was not there before, a retraining that ended."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from typing import Any

from mlops_magics.core.session.snapshot import retrainings_of, verdicts_of

ALIVE, GONE = ("running", "starting"), ("died", "failed")
INFO, WARNING = "info", "warning"
SHORT_ID = 5
"""Letters at the end of an id by which people know a version."""
OUTCOMES = {
    "promoted": "is champion now",
    "kept": "is pinned, and the champion stays",
    "waiting": "waits for a decision",
}
"""The outcomes of a retraining in words."""


def news(before: Mapping[str, Hashable], now: Mapping[str, Hashable]) -> Iterator[dict[str, str]]:
    """Yield the news between two snapshots: ``kind``, subject, words, and whether it warns."""
    for thing in now:
        if before.get(thing) == now[thing]:
            continue
        kind, _, place = thing.partition(":")
        board, _, name = place.partition("/")
        for level, text in _lines(kind, board, name, before.get(thing), now[thing]):
            yield {"kind": kind, "board": board, "name": name, "level": level, "text": text}


def _lines(kind: str, board: str, name: str, before: Any, now: Any) -> list[tuple[str, str]]:
    if kind == "endpoint":
        return _of_endpoint(name, before, now)
    if kind == "verdict":
        return _of_verdict(board, name)
    return _of_retraining(board, name) if kind == "retraining" else []


def _of_endpoint(name: str, before: Any, now: Any) -> list[tuple[str, str]]:
    if before is None or before[0] not in ALIVE or now[0] not in GONE:
        return []
    return [(WARNING, f"The endpoint of {name} died. Restart it from the panel, or with %deploy {name}.")]


def _of_verdict(board: str, name: str) -> list[tuple[str, str]]:
    """Return the verdict when a feature passed its threshold since the look before."""
    newest, *older = verdicts_of(board, name) or [{"drifted": [], "version": None}]
    known = older[0]["drifted"] if older and older[0]["version"] == newest["version"] else []
    if not set(newest["drifted"]) - set(known):
        return []
    words = str(newest["verdict"]).removeprefix(f"{name}@{newest['version']}: ")  # an id says nothing to people
    return [(WARNING, f"Drift of {name}: {words}")]


def _of_retraining(board: str, name: str) -> list[tuple[str, str]]:
    """Return the outcome of the last one."""
    for last in retrainings_of(board, name)[:1]:
        if last["error"] is not None:
            return [(WARNING, f"The retraining of {name} failed: {last['error']}")]
        number = last.get("number")
        called = f"v{number}" if number else str(last["version"])[-SHORT_ID:]
        became = OUTCOMES.get(str(last.get("outcome")), "is pinned")
        return [(INFO, f"The retraining of {name} finished: {called} {became}.")]
    return []
