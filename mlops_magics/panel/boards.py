"""The boards that sessions opened, and the models on each."""

from __future__ import annotations

import time
from concurrent.futures import Future
from typing import TYPE_CHECKING, NamedTuple

from mlops_magics.core.session import board_labels, model_list
from mlops_magics.core.wire.panel_records import BoardRow, Boards, Forgotten, ModelPage
from mlops_magics.errors import MlopsError
from mlops_magics.panel.address import changing, reading
from mlops_magics.panel.board_pool import BoardPool
from mlops_magics.panel.pages import MOST, page_slice

if TYPE_CHECKING:
    from mlops_magics.core.session import Session
    from mlops_magics.core.session.records import KnownBoard

ANSWER_SECONDS = 3.0
"""Time until a board is shown as not reachable. If it answers later, the next look shows it."""


class Facts(NamedTuple):
    """The facts of a board in the list."""

    trusted: bool = False
    writable: bool = False
    exists: bool = False
    models: int = 0


@reading("/boards")
def boards(pool: BoardPool) -> Boards:
    """List the boards, the one opened last first. A failing or slow one does not hide the others."""
    asked = [(each, pool.ask(each.key, _facts)) for each in pool.known()]
    limit = time.monotonic() + ANSWER_SECONDS
    return Boards(tuple(_row(each, future, limit) for each, future in asked))


@reading("/boards/{board}/models")
def models(pool: BoardPool, board: str, query: str | None = None, offset: int = 0, limit: int = MOST) -> ModelPage:
    """List models, the most recently changed first, each with its aliases and the last verdict on it."""

    def listed(session: Session) -> ModelPage:
        table = session.models(query)
        return ModelPage(tuple(model_list.rows(session, table.iloc[page_slice(offset, limit)])), len(table), offset)

    return pool.run(board, listed)


@changing("/boards/{board}/forget")
def forget(pool: BoardPool, board: str) -> Forgotten:
    """Hide a board. Nothing on it changes, and `%board` shows it again."""
    pool.forget(board)
    return Forgotten(board)


def _facts(session: Session) -> Facts:
    board = session.board
    return Facts(board.trusted, board.writable, board.store.exists(), len(board.names()))


def _row(known: KnownBoard, facts: Future[Facts], limit: float) -> BoardRow:
    """Return a board with its facts, or with the reason why it has none."""
    try:
        # one limit for all: boards that do not answer are waited for at the same time
        found, trouble = facts.result(max(0.0, limit - time.monotonic())), None
    except TimeoutError:
        found, trouble = Facts(), f"Not reachable: no answer within {ANSWER_SECONDS:.0f} s. *Refresh* tries again."
    except (MlopsError, OSError) as error:
        found, trouble = Facts(), f"Not reachable: {error}"
    place = board_labels.label(known.url)
    return BoardRow(known.key, known.label, place, known.url, known.opened, *found, trouble)
