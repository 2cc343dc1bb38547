"""The boards that sessions opened, and the models on each."""

from __future__ import annotations

import time
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from mlops_magics.core import known_boards, verdicts
from mlops_magics.core.known_boards import KnownBoard
from mlops_magics.errors import MlopsError
from mlops_magics.panel.pages import MOST, cut, page, records
from mlops_magics.panel.shelf import Shelf

if TYPE_CHECKING:
    from mlops_magics.core.versioning import Board

ANSWER_SECONDS = 3.0
"""A board elsewhere that answers later is shown as not reachable, and answers the next look."""


def boards(shelf: Shelf) -> dict[str, Any]:
    """List the boards, the one opened last first; trouble with one, or its slowness, does not hide the others."""
    asked = [(each, shelf.ask(each.key, _facts)) for each in shelf.known()]
    limit = time.monotonic() + ANSWER_SECONDS
    return {"boards": [_described(each, future, limit) for each, future in asked]}


def models(shelf: Shelf, board: str, query: str | None = None, offset: int = 0, limit: int = MOST) -> dict[str, Any]:
    """List models, the most recently changed first, each with its aliases and the last verdict on it."""
    with shelf.board(board) as opened:
        table = opened.models(query)
        aliases = opened.all_aliases()
    shown = records(table.iloc[cut(offset, limit)])
    judged = verdicts.last(shelf.url(board))
    for model in shown:
        model |= {"alias_map": aliases.get(model["name"], {}), "verdict": judged.get(model["name"])}
    return page("models", shown, len(table), offset)


def forget(shelf: Shelf, board: str) -> dict[str, Any]:
    """Show a board no longer; nothing on it changes, and `%board` shows it again."""
    known_boards.forget(known_boards.at(board).key)
    return {"forgotten": board}


def _facts(board: Board) -> dict[str, Any]:
    return {
        "trusted": board.trusted,
        "writable": board.writable,
        "exists": board.store.exists(),
        "models": len(board.names()),
        "trouble": None,
    }


def _described(known: KnownBoard, facts: Future[dict[str, Any]], limit: float) -> dict[str, Any]:
    told = {"key": known.key, "label": known.label, "url": known.url, "opened": known.opened}
    try:
        return {**told, **facts.result(max(0.0, limit - time.monotonic()) if "://" in known.url else None)}
    except TimeoutError:
        trouble = f"no answer within {ANSWER_SECONDS:.0f} s. Refresh asks again."
    except (MlopsError, OSError) as error:
        trouble = str(error)
    unknown = {"trusted": False, "writable": False, "exists": False, "models": 0}
    return {**told, **unknown, "trouble": f"Not reachable: {trouble}"}
