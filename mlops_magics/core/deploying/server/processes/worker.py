"""A worker: loads the models, answers on the shared socket, and does what its supervisor says on stdin."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import gc
import json
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from mlops_magics.core.deploying.endpoints import private_boards
from mlops_magics.core.deploying.endpoints.paths import log_of
from mlops_magics.core.deploying.endpoints.plan import Plan, Served
from mlops_magics.core.deploying.prediction_log.log_columns import Columns
from mlops_magics.core.deploying.prediction_log.log_writer import LogWriter
from mlops_magics.core.deploying.prediction_log.loop_scheduler import Turns
from mlops_magics.core.deploying.server.batching import Batcher
from mlops_magics.core.deploying.server.counts import worker_tallies
from mlops_magics.core.deploying.server.guard import Guard
from mlops_magics.core.deploying.server.http.acceptor import opened
from mlops_magics.core.deploying.server.http.http_server import Front
from mlops_magics.core.deploying.server.processes import forking
from mlops_magics.core.deploying.server.service import Service
from mlops_magics.core.deploying.server.slots import Catalogue, Challenger
from mlops_magics.core.deploying.serving.loaded_model import Serving
from mlops_magics.errors import MlopsError, NotFound

if TYPE_CHECKING:
    from flask import Flask

    from mlops_magics.core.versioning import ModelVersion

BACKLOG = 4096
VIEW_THREADS = 4
SWITCH_SECONDS = 0.0005
"""How long the thread that writes the log, or reads a large body, may keep the interpreter from the event loop."""
YOUNG_OBJECTS = 10_000
"""How many new objects the collector lets pass; those of a few batches, which outlive their requests in the log."""

Say = Callable[[dict[str, Any]], None]
Loaded = tuple["ModelVersion", Any]
"""A version's record and its model."""

logger = logging.getLogger(__name__)


class Worker:
    """One process behind the endpoint's socket."""

    def __init__(self, plan: Plan, service: Service, listening: socket.socket, say: Say) -> None:
        self._plan, self._socket, self._say = plan, listening, say
        self.service = service
        self._prepared: dict[str, Serving] = {}
        self._stopping = asyncio.Event()
        self._commands: dict[str, Callable[[dict[str, Any]], Awaitable[dict[str, Any]]]] = {
            "prepare": self._prepare,
            "commit": self._commit,
            "route": self._route,
        }

    async def run(self, lines: IO[str]) -> None:
        """Answer until told to stop, then finish what is being answered and write the log out."""
        loop = self.service.turns.loop = asyncio.get_running_loop()
        with contextlib.ExitStack() as threads:
            quick, bulk, reading = (
                threads.enter_context(ThreadPoolExecutor(1, name)) for name in ("predict", "bulk", "reading")
            )
            views = threads.enter_context(ThreadPoolExecutor(VIEW_THREADS, "views"))
            batcher = Batcher(
                loop, quick, bulk, answered=self.service.record, failed=self.service.failed, limits=self.service.limits
            )
            self.service.waiting = lambda: batcher.waiting
            self._app = loop.run_in_executor(views, self._build_app)
            front = Front(self.service, batcher, self._app, views, reading)
            server = await opened(self._socket, front.connection, backlog=BACKLOG, alone=self._plan.workers == 1)
            threading.Thread(target=self._listen, args=(lines, loop), name="commands", daemon=True).start()
            for number in (signal.SIGTERM, signal.SIGINT):
                with contextlib.suppress(
                    NotImplementedError
                ):  # Windows has none; there the supervisor's word is enough
                    loop.add_signal_handler(number, self._stopping.set)
            if self._plan.routes:  # the report names those that could be taken up again
                await self._app
            self._say({"event": "ready", **self._report()})
            books = loop.create_task(self._keep_books())
            await self._stopping.wait()
            server.close()
            await front.drain()
            books.cancel()
        await loop.run_in_executor(None, self.service.catalogue.close)  # it takes turns in this loop

    def _build_app(self) -> Flask:
        """Import Flask, build the application, and tidy up; predictions need none of it, and do not wait for it."""
        from mlops_magics.core.deploying.server.web.application import create_app
        from mlops_magics.core.deploying.server.web.views import own_routes

        try:
            app = create_app(self.service)
            own_routes.resume(app, self.service, self._plan.routes)
        finally:  # predictions go on without the application, and never without the collector
            _set_aside()
            gc.set_threshold(YOUNG_OBJECTS)
            gc.enable()
        return app

    async def _keep_books(self) -> None:
        """Let the other workers know what this one counted."""
        while True:
            self.service.ledger.leave(self.service.tally())
            await asyncio.sleep(worker_tallies.SECONDS)

    def _listen(self, lines: IO[str], loop: asyncio.AbstractEventLoop) -> None:
        """Hand each line to the event loop; the end of the lines is the end of the supervisor."""
        for line in lines:
            asyncio.run_coroutine_threadsafe(self._obey(json.loads(line)), loop)
        loop.call_soon_threadsafe(self._stopping.set)

    async def _obey(self, command: dict[str, Any]) -> None:
        if command["do"] == "stop":
            self._stopping.set()
            return
        try:
            reply = await self._commands[command["do"]](command)
        except MlopsError as error:  # a refusal is no crash
            logger.warning("%s was refused: %s", command["do"], error)
            reply = {"error": str(error)}
        except Exception as error:  # the owner learns what went wrong; the worker goes on
            logger.warning("%s failed", command["do"], exc_info=error)
            reply = {"error": str(error) or type(error).__name__}
        self._say({"event": "reply", "id": command["id"], **reply})

    async def _prepare(self, command: dict[str, Any]) -> dict[str, Any]:
        """Load a version beside the one that answers, unless it is in memory."""
        slot = self.service.catalogue.slot(command["name"])
        version = command.get("version") or (slot.previous.version.version if slot.previous else "")
        if not version:
            raise NotFound("previous version of", slot.name, hint="Nothing was swapped since the endpoint started.")
        serving = slot.warm(version)
        if serving is None:
            served = Served(slot.current.version.board, slot.name, version)
            serving = await asyncio.get_running_loop().run_in_executor(None, loaded_and_prepared, served, self._plan)
        self.service.catalogue.log(serving)
        self._prepared[command["name"]] = serving
        return {"version": version}

    async def _commit(self, command: dict[str, Any]) -> dict[str, Any]:
        """Let the prepared version answer: all requests, a share of them, or none but see all."""
        slot = self.service.catalogue.slot(command["name"])
        mode = command["mode"]
        if mode == "withdraw":
            slot.challenger = None
        elif mode == "swap":
            slot.challenger = None
            slot.swap(self._prepared.pop(slot.name))
        else:
            slot.challenger = Challenger(self._prepared.pop(slot.name), float(command.get("share", 1.0)), mode)
        await asyncio.get_running_loop().run_in_executor(None, self.service.catalogue.release)
        return self._report()

    async def _route(self, command: dict[str, Any]) -> dict[str, Any]:
        """Take a function of the owner; the line it came by is open to nobody else."""
        from mlops_magics.core.deploying.server.web.views import own_routes

        own_routes.take(await self._app, self.service, command["path"], command["function"])
        return self._report()

    def _report(self) -> dict[str, Any]:
        slots = self.service.catalogue.slots
        first = self.service.catalogue.first.current
        choice = first.choice(first.methods[0])
        return {
            "pid": os.getpid(),
            "models": {name: slot.current.version.version for name, slot in slots.items()},
            "lane": f"{choice.lane.name}: {choice.reason}",
            "challengers": self.service.catalogue.challengers(),
            "routes": list(self.service.own_routes),
        }


def build_service(
    plan: Plan, loaded: Iterable[Loaded], rivals: Mapping[str, Loaded], books: worker_tallies.Ledger
) -> Service:
    """Build the endpoint around the models that the plan names, and around those that are tried out beside them."""
    guard = Guard(plan.host, plan.token, plan.allowed_hosts, plan.allowed_origins)
    turns = Turns()
    catalogue = Catalogue(partial(_open_log, turns) if plan.log else None)
    for each in loaded:
        catalogue.log(catalogue.add(prepared(each, plan)).current)
    for name, each in rivals.items():
        planned = plan.challengers[name]
        catalogue.slot(name).challenger = Challenger(prepared(each, plan), planned.share, planned.mode)
    service = Service(catalogue, guard, plan.limits)
    service.ledger, service.turns = books, turns
    return service


def load(served: Served) -> Loaded:
    """Load one version from its board."""
    from mlops_magics.core.versioning import open_board

    logger.info("%s@%s is being read", served.name, served.version)
    board = open_board(private_boards.reachable(served.board), create=False)
    version = board.version(served.name, served.version)
    model = board.load(version)
    return dataclasses.replace(version, board=served.board), model


def load_challengers(plan: Plan) -> dict[str, Loaded]:
    """Load what the plan tries out, by name, but for what is on the board no more: the rest answers all the same."""
    found: dict[str, Loaded] = {}
    for name, rival in plan.challengers.items():
        try:
            found[name] = load(Served(plan.first.board, name, rival.version))
        except MlopsError as error:
            logger.warning("%s@%s is not tried out any more: %s", name, rival.version, error)
    return found


def loaded_and_prepared(served: Served, plan: Plan) -> Serving:
    """Load a version and prove its lanes; takes as long as a start."""
    return prepared(load(served), plan)


def prepared(loaded: Loaded, plan: Plan) -> Serving:
    """Prove the lanes of a model."""
    return Serving(*loaded, plan.serving, plan.limits)


def _open_log(turns: Turns, serving: Serving) -> LogWriter:
    version = serving.version
    privacy = serving.options.privacy or dict(version.metadata).get("privacy") or {}
    columns = Columns(serving.layout, version.version, privacy, serving.classes)
    return LogWriter(log_of(version.board, version.name), columns, turns)


class Voice:
    """What a worker says to its supervisor, line by line."""

    def __init__(self, end: int) -> None:
        self.lines = os.fdopen(end, "w", buffering=1)
        self._lock = threading.Lock()

    def __call__(self, event: dict[str, Any]) -> None:
        """Say one line; a supervisor that is gone does not hear it."""
        with self._lock, contextlib.suppress(BrokenPipeError):
            self.lines.write(json.dumps(event) + "\n")


def main(*, warm: bool = False) -> None:
    """Read the plan from stdin, and serve; what happens is said on stdout, line by line."""
    voice = Voice(os.dup(1))
    os.dup2(2, 1)  # what a model prints belongs into the log file, not between our lines
    if warm:
        from mlops_magics.core.deploying.server.processes.warm_up import rehearse

        rehearse()
        _set_aside()
    line = sys.stdin.readline()
    if not line:
        return
    given = json.loads(line)
    plan, number = Plan.from_json(given["plan"]), given["number"]
    try:
        loaded, rivals = [load(served) for served in plan.models], load_challengers(plan)
        seats = [forking.Seat(*seat) for seat in given["seats"]]
        mine = forking.fork(seats, voice.lines) if seats else None
        if mine is not None:
            number, voice = mine.number, Voice(mine.stdout)
            voice({"event": "forked", "pid": os.getpid()})
        books = worker_tallies.Ledger(Path(given["counts"]) if given["counts"] else None, number)
        _run(plan, build_service(plan, loaded, rivals, books), socket.socket(fileno=given["socket"]), voice)
    except MlopsError as error:
        voice({"event": "failed", "message": str(error)})
        sys.exit(1)
    except Exception as error:
        logger.exception("the worker failed")
        voice({"event": "failed", "message": f"{type(error).__name__}: {error}"})
        sys.exit(1)


def _run(plan: Plan, service: Service, listening: socket.socket, say: Say) -> None:
    async def serve() -> None:
        worker = Worker(plan, service, listening, say)
        sys.setswitchinterval(SWITCH_SECONDS)
        await worker.run(sys.stdin)
        os._exit(0)  # a version that is still being read may keep no stopped worker alive

    _loop_runner()(serve())


def _set_aside() -> None:
    """Collect what importing left behind; what stays is not looked through again and again."""
    gc.collect()
    gc.freeze()


def _loop_runner() -> Callable[[Coroutine[Any, Any, None]], None]:
    """Return how to run the event loop: on uvloop where it is installed."""
    try:
        import uvloop
    except ImportError:
        return asyncio.run
    run: Callable[[Coroutine[Any, Any, None]], None] = uvloop.run
    return run
