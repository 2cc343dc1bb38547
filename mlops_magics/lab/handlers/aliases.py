"""Moving an alias, and taking the last move back."""

from __future__ import annotations

from typing import Any

import tornado.web

from mlops_magics.core.versioning.names import ModelName
from mlops_magics.errors import InvalidInput
from mlops_magics.lab.handlers.base import Handler


class PromoteHandler(Handler):
    """``POST boards/KEY/models/NAME/aliases/ALIAS/promote`` with ``{"version": …, "note": …, "force": …}``."""

    @tornado.web.authenticated
    async def post(self, board: str, name: str, alias: str) -> None:
        """Let the alias name the version."""
        await self.answer(lambda: self._promote(board, name, alias))

    def _promote(self, key: str, name: str, alias: str) -> dict[str, Any]:
        told = self.body(version=str, note=str, force=bool)
        if not told["version"]:
            raise InvalidInput('Say which version: {"version": …}.')
        with self.shelf.board(key) as board:
            ref = f"{ModelName(name)}@{told['version']}"
            move = board.promote(ref, alias, note=told["note"], force=bool(told["force"]))
        return {"move": move.to_json()}


class RollbackHandler(Handler):
    """``POST boards/KEY/models/NAME/aliases/ALIAS/rollback`` with ``{"note": …}``."""

    @tornado.web.authenticated
    async def post(self, board: str, name: str, alias: str) -> None:
        """Take the alias's last move back."""
        await self.answer(lambda: self._rollback(board, name, alias))

    def _rollback(self, key: str, name: str, alias: str) -> dict[str, Any]:
        told = self.body(note=str)
        with self.shelf.board(key) as board:
            return {"move": board.rollback(ModelName(name), alias, note=told["note"]).to_json()}
