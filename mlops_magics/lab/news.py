"""What is worth a notification: an endpoint that died, drift that was not there before."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from typing import Any

from mlops_magics.core import verdicts

ALIVE, GONE = ("running", "starting"), ("died", "failed")


def news(before: Mapping[str, Hashable], now: Mapping[str, Hashable]) -> Iterator[dict[str, str]]:
    """Yield what came up between two snapshots."""
    for thing in now:
        if before.get(thing) == now[thing]:
            continue
        kind, _, place = thing.partition(":")
        board, _, name = place.partition("/")
        text = _of_endpoint(name, before.get(thing), now[thing]) if kind == "endpoint" else None
        text = _of_verdict(board, name) if kind == "verdict" else text
        if text is not None:
            yield {"kind": kind, "board": board, "name": name, "text": text}


def _of_endpoint(name: str, before: Any, now: Any) -> str | None:
    if before is None or before[0] not in ALIVE or now[0] not in GONE:
        return None
    return f"The endpoint of {name} died. Restart it from the panel, or with %deploy {name}."


def _of_verdict(board: str, name: str) -> str | None:
    """Return the verdict when a feature is past its threshold that was not at the look before."""
    newest, *older = verdicts.of_key(board, name) or [{"drifted": [], "version": None}]
    known = older[0]["drifted"] if older and older[0]["version"] == newest["version"] else []
    return f"Drift: {newest['verdict']}" if set(newest["drifted"]) - set(known) else None
