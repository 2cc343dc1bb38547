"""The boards that sessions opened, and the models on each."""

from __future__ import annotations

from typing import Any

import tornado.web

from mlops_magics.core import known_boards, verdicts
from mlops_magics.core.known_boards import KnownBoard
from mlops_magics.errors import MlopsError
from mlops_magics.lab.handlers.base import Handler
from mlops_magics.lab.pages import MOST, page, records
from mlops_magics.lab.shelf import Shelf


class BoardsHandler(Handler):
    """``GET boards``."""

    @tornado.web.authenticated
    async def get(self) -> None:
        """List the boards, the one opened last first."""
        await self.answer(lambda: {"boards": [described(self.shelf, each) for each in known_boards.known()]})


class ModelsHandler(Handler):
    """``GET boards/KEY/models?query=&offset=&limit=``."""

    @tornado.web.authenticated
    async def get(self, board: str) -> None:
        """List models, the most recently changed first, each with the last verdict on it."""
        await self.answer(lambda: self._models(board))

    def _models(self, key: str) -> dict[str, Any]:
        offset, limit = self.number("offset", 0, 10**9), self.number("limit", MOST, MOST)
        with self.shelf.board(key) as board:
            table = board.models(self.get_query_argument("query", None))
            aliases = board.log.all_aliases()
        shown = records(table.iloc[offset : offset + limit])
        judged = verdicts.last(known_boards.at(key).url)
        for model in shown:
            model |= {"alias_map": aliases.get(model["name"], {}), "verdict": judged.get(model["name"])}
        return page("models", shown, len(table), offset)


def described(shelf: Shelf, known: KnownBoard) -> dict[str, Any]:
    """Return what the panel says of a board; trouble with one board does not hide the others."""
    told = {"key": known.key, "label": known.label, "url": known.url, "opened": known.opened}
    try:
        with shelf.board(known.key) as board:
            models = len(board.names())
            return {**told, "trusted": board.trusted, "writable": board.writable, "models": models, "trouble": None}
    except (MlopsError, OSError) as error:
        return {**told, "trusted": False, "writable": False, "models": 0, "trouble": f"Not reachable: {error}"}
