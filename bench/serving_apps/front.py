"""Our batcher behind another HTTP server: python front.py uvicorn|granian|hypercorn PORT BOARD NAME TOKEN LOG.

The service, the batcher, the check of the token and the log are those of our endpoint; only the server that reads and
writes HTTP is another. It has no limits of its own: no time for a body, no ceiling of memory, no drain.
"""

from __future__ import annotations

import asyncio
import gc
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import uvloop

from mlops_magics.core.deploying.contract.http_messages import Request, Response, error_response
from mlops_magics.core.deploying.endpoints.plan import Plan, Served
from mlops_magics.core.deploying.server.batching import Batcher
from mlops_magics.core.deploying.server.counts.worker_tallies import WorkerTallies
from mlops_magics.core.deploying.server.processes.service_builder import build_service, load


class Front:
    """Answers requests that another server has read."""

    def __init__(self, board: str, name: str, token: str, log: bool) -> None:
        from mlops_magics.core.versioning import open_board

        version = open_board(board).version(name)
        served = Served(board, name, version.version)
        plan = Plan(models=(served,), token=token, log=log)
        self.service = build_service(plan, [load(served)], {}, WorkerTallies(None, 0))

    def start(self) -> None:
        """Take the running loop for the batcher, as a worker of ours does."""
        self.loop = self.service.scheduler.loop = asyncio.get_running_loop()
        quick, bulk = ThreadPoolExecutor(1), ThreadPoolExecutor(1)
        service = self.service
        self.batcher = Batcher(
            self.loop, quick, bulk, answered=service.record, failed=service.failed, limits=service.limits
        )
        gc.collect()
        gc.freeze()
        gc.set_threshold(10_000)
        sys.setswitchinterval(0.0005)

    def answer(self, method: str, path: str, headers: dict[str, str], body: bytes) -> asyncio.Future[Response]:
        """Return the response once the batch with this request is answered."""
        done: asyncio.Future[Response] = self.loop.create_future()
        refusal = self.service.guard.refusal(path, headers)
        match = self.service.route(path) if method == "POST" else None
        if refusal is not None or match is None:
            done.set_result(error_response(refusal) if refusal is not None else Response(200, b"{}"))
            return done
        asked = self.service.read(match, Request(method, path, "", headers, body))
        asked.deliver, asked.wanted = done.set_result, lambda: True
        self.batcher.submit(asked)
        return done


def asgi(front: Front) -> Any:
    """Return an ASGI application."""

    async def application(scope: Any, receive: Any, send: Any) -> None:
        message = await receive()
        body = message["body"]
        while message.get("more_body"):
            message = await receive()
            body += message["body"]
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        response = await front.answer(scope["method"], scope["path"], headers, body)
        head = [
            (b"content-type", response.content_type.encode()),
            (b"content-length", str(len(response.body)).encode()),
            *((name.encode(), value.encode()) for name, value in response.headers),
        ]
        await send({"type": "http.response.start", "status": response.status, "headers": head})
        await send({"type": "http.response.body", "body": response.body})

    return application


def rsgi(front: Front) -> Any:
    """Return an application of granian's own interface, which is quicker than ASGI."""

    async def application(scope: Any, protocol: Any) -> None:
        body = await protocol()
        response = await front.answer(scope.method, scope.path, dict(scope.headers.items()), body)
        head = [("content-type", response.content_type), *response.headers]
        protocol.response_bytes(response.status, head, response.body)

    return application


async def serve(kind: str, port: int, front: Front) -> None:
    """Run one server in this loop."""
    front.start()
    if kind == "uvicorn":
        import uvicorn

        config = uvicorn.Config(
            asgi(front), port=port, http="httptools", lifespan="off", access_log=False, log_level="warning"
        )
        await uvicorn.Server(config).serve()
    elif kind == "granian":
        from granian.server.embed import Server

        await Server(rsgi(front), port=port, log_enabled=False, backlog=4096, websockets=False).serve()
    elif kind == "granian-asgi":
        from granian.constants import Interfaces
        from granian.server.embed import Server

        asked = {"interface": Interfaces.ASGINL, "log_enabled": False, "backlog": 4096, "websockets": False}
        await Server(asgi(front), port=port, **asked).serve()
    else:
        from hypercorn.asyncio import serve as run
        from hypercorn.config import Config

        config = Config()
        config.bind = [f"127.0.0.1:{port}"]
        await run(asgi(front), config)


if __name__ == "__main__":
    kind, port, board, name, token, log = sys.argv[1:]
    uvloop.run(serve(kind, int(port), Front(str(Path(board)), name, token, log == "log")))
