"""The endpoints of this user: how each is, and stopping, restarting and swapping it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import tornado.web

from mlops_magics.core import deploying
from mlops_magics.core.known_boards import key_of
from mlops_magics.core.versioning.names import ModelName
from mlops_magics.errors import InvalidInput, MlopsError, NotFound
from mlops_magics.lab.handlers.base import Handler

if TYPE_CHECKING:
    from mlops_magics.core.deploying import Endpoint

HEALTH_SECONDS = 2.0
"""An endpoint that answers later than this is shown as not answering."""


class EndpointsHandler(Handler):
    """``GET endpoints``."""

    @tornado.web.authenticated
    async def get(self) -> None:
        """List the endpoints, newest first, each with its health where it runs."""
        await self.answer(self._endpoints)

    @staticmethod
    def _endpoints() -> dict[str, Any]:
        known = deploying.running()
        with ThreadPoolExecutor(8) as pool:
            return {"endpoints": list(pool.map(described, known))}


class StopHandler(Handler):
    """``POST endpoints/KEY/NAME/stop``."""

    @tornado.web.authenticated
    async def post(self, board: str, name: str) -> None:
        """Finish what is being answered, then stop; an endpoint that died is forgotten."""
        await self.answer(lambda: _acted(found(board, name), lambda endpoint: endpoint.stop()))


class RestartHandler(Handler):
    """``POST endpoints/KEY/NAME/restart``."""

    @tornado.web.authenticated
    async def post(self, board: str, name: str) -> None:
        """Start again on the same port."""
        await self.answer(lambda: _acted(found(board, name), lambda endpoint: endpoint.restart()))


class SwapHandler(Handler):
    """``POST endpoints/KEY/NAME/swap`` with ``{"version": …}``."""

    @tornado.web.authenticated
    async def post(self, board: str, name: str) -> None:
        """Answer with another version from now on; the endpoint itself loads it, and checks its trust."""
        await self.answer(lambda: self._swapped(board, name))

    def _swapped(self, key: str, name: str) -> dict[str, Any]:
        told = self.body(version=str)
        if not told["version"]:
            raise InvalidInput('Say which version: {"version": …}.')
        with self.shelf.board(key) as board:
            version = board.version(f"{ModelName(name)}@{told['version']}")
        return _acted(found(key, name), lambda endpoint: endpoint.swap(version))


def found(key: str, name: str) -> Endpoint:
    """Return the endpoint of a board's model.

    Raises
    ------
    NotFound
    """
    known = deploying.running()
    wanted = ModelName(name)
    chosen = next((each for each in known if each.name == wanted and key_of(each.board) == key), None)
    if chosen is None:
        raise NotFound(
            "endpoint", wanted, sorted({each.name for each in known}), hint=f"Start one with `%deploy {wanted}`."
        )
    return chosen


def described(endpoint: Endpoint) -> dict[str, Any]:
    """Return an endpoint's record with the key of its board and its health; never its token."""
    told = {**endpoint.to_json(), "board_key": key_of(endpoint.board), "health": None, "trouble": None}
    if told["state"] != "running":
        return told
    client = deploying.Client(endpoint.url, endpoint.token, seconds=HEALTH_SECONDS)
    try:
        return {**told, "health": client.get("/health")}
    except (MlopsError, OSError, ValueError) as error:
        return {**told, "trouble": f"Not answering: {error}"}
    finally:
        client.close()


def _acted(endpoint: Endpoint, act: Any) -> dict[str, Any]:
    act(endpoint)
    return {"endpoint": {**endpoint.to_json(), "board_key": key_of(endpoint.board)}}
