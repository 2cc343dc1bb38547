"""One model: its versions, its history, what differs, what it was asked, and what monitoring said of it."""

from __future__ import annotations

from typing import Any

from mlops_magics.core import verdicts
from mlops_magics.core.versioning.names import ModelName
from mlops_magics.errors import NotFound
from mlops_magics.panel.pages import MOST, cut, page, records
from mlops_magics.panel.shelf import Shelf
from mlops_magics.widgets import wire


def versions(shelf: Shelf, board: str, name: str, offset: int = 0, limit: int = MOST) -> dict[str, Any]:
    """List versions, newest first."""
    with shelf.board(board) as opened:
        table = opened.versions(name)
    return page("versions", records(table.iloc[cut(offset, limit)]), len(table), offset)


def version(shelf: Shelf, board: str, name: str, version: str) -> dict[str, Any]:
    """Return the whole record of a version, or of the one that an alias names."""
    with shelf.board(board) as opened:
        return {"version": opened.version(f"{ModelName(name)}@{version}").to_json()}


def history(shelf: Shelf, board: str, name: str, offset: int = 0, limit: int = MOST) -> dict[str, Any]:
    """List what happened to the model, newest first."""
    with shelf.board(board) as opened:
        table = opened.history(name)
    return page("history", records(table.iloc[cut(offset, limit)]), len(table), offset)


def compare(shelf: Shelf, board: str, name: str, a: str, b: str) -> dict[str, Any]:
    """Say what differs between two versions; neither model is loaded for it."""
    from mlops_magics.core.versioning.comparing import comparison

    with shelf.board(board) as opened:
        first, second = (opened.side(opened.version(f"{ModelName(name)}@{each}")) for each in (a, b))
        return {"comparison": wire.compare(comparison.compare(first, second))}


def traffic(shelf: Shelf, board: str, name: str) -> dict[str, Any]:
    """Return how many requests each version answered, over time, as the prediction log has it."""
    from mlops_magics.core.deploying.prediction_log.traffic import traffic

    with shelf.board(board) as opened:
        opened.version(ModelName(name))
    return {"traffic": traffic(name, board=shelf.url(board)).to_json()}


def judged(shelf: Shelf, board: str, name: str) -> dict[str, Any]:
    """List what monitoring said, newest first."""
    with shelf.board(board) as opened:
        opened.version(ModelName(name))
        return {"verdicts": verdicts.of_everybody(opened, name)}


def report(shelf: Shelf, board: str, name: str) -> dict[str, Any]:
    """Return the last report whole.

    Raises
    ------
    NotFound
        When nobody monitored the model yet.
    """
    with shelf.board(board) as opened:
        opened.version(ModelName(name))
    found = verdicts.report(shelf.url(board), name)
    if found is None:
        raise NotFound("report", f"of {name}", hint=f"`%monitor {name}` makes one.")
    return {"report": found}
