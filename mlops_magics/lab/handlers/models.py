"""One model: its versions, its history, and what monitoring said of it."""

from __future__ import annotations

from typing import Any

import tornado.web

from mlops_magics.core import known_boards, verdicts
from mlops_magics.core.versioning.names import ModelName
from mlops_magics.lab.handlers.base import Handler
from mlops_magics.lab.pages import MOST, page, records


class VersionsHandler(Handler):
    """``GET boards/KEY/models/NAME/versions?offset=&limit=``."""

    @tornado.web.authenticated
    async def get(self, board: str, name: str) -> None:
        """List versions, newest first."""
        await self.answer(lambda: self._versions(board, name))

    def _versions(self, key: str, name: str) -> dict[str, Any]:
        offset, limit = self.number("offset", 0, 10**9), self.number("limit", MOST, MOST)
        with self.shelf.board(key) as board:
            table = board.versions(name)
        return page("versions", records(table.iloc[offset : offset + limit]), len(table), offset)


class VersionHandler(Handler):
    """``GET boards/KEY/models/NAME/versions/VERSION``."""

    @tornado.web.authenticated
    async def get(self, board: str, name: str, version: str) -> None:
        """Return the whole record of a version, or of the one that an alias names."""
        await self.answer(lambda: self._version(board, name, version))

    def _version(self, key: str, name: str, version: str) -> dict[str, Any]:
        with self.shelf.board(key) as board:
            return {"version": board.version(f"{ModelName(name)}@{version}").to_json()}


class HistoryHandler(Handler):
    """``GET boards/KEY/models/NAME/history?offset=&limit=``."""

    @tornado.web.authenticated
    async def get(self, board: str, name: str) -> None:
        """List what happened to the model, newest first."""
        await self.answer(lambda: self._history(board, name))

    def _history(self, key: str, name: str) -> dict[str, Any]:
        offset, limit = self.number("offset", 0, 10**9), self.number("limit", MOST, MOST)
        with self.shelf.board(key) as board:
            table = board.history(name)
        return page("history", records(table.iloc[offset : offset + limit]), len(table), offset)


class VerdictsHandler(Handler):
    """``GET boards/KEY/models/NAME/verdicts``."""

    @tornado.web.authenticated
    async def get(self, board: str, name: str) -> None:
        """List what monitoring said, newest first."""
        await self.answer(lambda: self._verdicts(board, name))

    def _verdicts(self, key: str, name: str) -> dict[str, Any]:
        with self.shelf.board(key) as board:
            board.version(ModelName(name))
        return {"verdicts": verdicts.of_model(known_boards.at(key).url, name)}
