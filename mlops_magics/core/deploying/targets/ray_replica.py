"""A replica of Ray Serve: an endpoint inside its process, which follows an alias by the loop of all replicas."""

from __future__ import annotations

import asyncio
from typing import Any

from mlops_magics.core.deploying.contract.http_messages import Request
from mlops_magics.core.deploying.server.embedded import EmbeddedEndpoint

OF_THE_PROXY = frozenset({"content-length", "x-request-id"})
"""Headers that Ray's proxy writes itself: the request's id is the one that the client sent, as here."""


class RayReplica:
    """One replica. Its arguments are texts, so that no model is pickled.

    Parameters
    ----------
    board
        The URL of the board.
    sha256
        Of the model file of the first version: other bytes are refused.
    alias
        The alias to follow, or None for this version alone.
    seconds
        Between two looks at the board.
    prefix
        The path of the application, which requests begin with.
    """

    def __init__(
        self, board: str, name: str, version: str, sha256: str, alias: str | None, seconds: float, prefix: str
    ) -> None:
        from mlops_magics.core.deploying.server import container
        from mlops_magics.core.versioning import open_board

        container.find_state()
        opened = open_board(board, create=False)
        first = opened.version(name, version)
        opened.trust_bytes(first, sha256)
        self._prefix = prefix.rstrip("/")
        self._endpoint = EmbeddedEndpoint(first, opened.load(first))
        if alias is not None:

            def loaded(wanted: str) -> tuple[Any, Any]:
                there = opened.version(name, wanted)
                return there, opened.load(there)

            self._endpoint.follow(lambda: opened.version(name, alias).version, loaded, seconds)

    async def __call__(self, asked: Any) -> Any:
        """Answer a request of Starlette."""
        from starlette.responses import Response

        path = str(asked.url.path).removeprefix(self._prefix) or "/"
        headers = {name.lower(): value for name, value in asked.headers.items()}
        request = Request(asked.method, path, asked.url.query, headers, await asked.body())
        answer = await asyncio.to_thread(self._endpoint.respond, request)
        sent = {name: value for name, value in answer.headers if name.lower() not in OF_THE_PROXY}
        return Response(answer.body, answer.status, sent, media_type=answer.content_type)

    def check_health(self) -> None:
        """Answer Ray's health check: the model is loaded, or this object does not exist."""
