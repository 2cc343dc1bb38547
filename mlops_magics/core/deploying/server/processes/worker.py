"""One worker process, which answers on the shared socket, and carries out its supervisor's commands."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import logging
import os
import signal
import socket
import threading
import weakref
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import IO, TYPE_CHECKING, Any

from mlops_magics.core.deploying.endpoints.plan import Plan, Served
from mlops_magics.core.deploying.server.batching import Batcher
from mlops_magics.core.deploying.server.counts import worker_tallies
from mlops_magics.core.deploying.server.http.acceptor import start_accepting
from mlops_magics.core.deploying.server.http.http_server import HttpServer
from mlops_magics.core.deploying.server.processes.service_builder import current_version, load_and_prepare
from mlops_magics.core.deploying.server.service import Service
from mlops_magics.core.deploying.server.slots import Challenger, Slot
from mlops_magics.core.deploying.serving.loaded_model import LoadedModel
from mlops_magics.errors import MlopsError, NotFound

if TYPE_CHECKING:
    from flask import Flask

BACKLOG = 4096
VIEW_THREADS = 4
YOUNG_OBJECTS = 10_000
"""New objects between two collections: those of a few batches outlive their requests in the log."""

SendEvent = Callable[[dict[str, Any]], None]
Command = dict[str, Any]

logger = logging.getLogger(__name__)


class Worker:
    """One process behind the endpoint's socket.

    Parameters
    ----------
    send
        Sends an event to the supervisor.
    """

    def __init__(self, plan: Plan, service: Service, listening: socket.socket, send: SendEvent) -> None:
        self._plan, self._socket, self._send = plan, listening, send
        self.service = service
        self._prepared: dict[str, LoadedModel] = {}
        self._stopping = asyncio.Event()
        self._commands: dict[str, Callable[[Command], Awaitable[dict[str, Any]]]] = {
            "look up": self._look_up,
            "prepare": self._prepare,
            "commit": self._commit,
            "route": self._route,
        }

    async def run(self, lines: IO[str]) -> None:
        """Answer until a stop, then finish the requests in progress and close the logs."""
        loop = self.service.scheduler.loop = asyncio.get_running_loop()
        with contextlib.ExitStack() as threads:
            quick, bulk, reading = (
                threads.enter_context(ThreadPoolExecutor(1, name)) for name in ("predict", "bulk", "reading")
            )
            views = threads.enter_context(ThreadPoolExecutor(VIEW_THREADS, "views"))
            record, failed = self.service.record, self.service.failed
            self._batcher = batcher = Batcher(
                loop, quick, bulk, answered=record, failed=failed, limits=self.service.limits
            )
            self.service.waiting = lambda: batcher.waiting
            self._app = loop.run_in_executor(views, self._build_app)
            http = HttpServer(self.service, batcher, self._app, views, reading)
            alone = self._plan.workers == 1
            acceptor = await start_accepting(
                self._socket, http.connection, http.pressure.make_room, backlog=BACKLOG, alone=alone
            )
            threading.Thread(target=self._listen, args=(lines, loop), name="commands", daemon=True).start()
            self._stop_on_signals(loop)
            if self._plan.routes:  # the report names those that could be resumed
                await self._app
            self._send({"event": "ready", **self._report()})
            counters = loop.create_task(self._publish_counters())
            await self._stopping.wait()
            # no new connection while the requests in progress end
            acceptor.close()
            await http.drain()
            counters.cancel()
        await loop.run_in_executor(None, self.service.slots.close)  # the logs need this loop to make their columns

    def _stop_on_signals(self, loop: asyncio.AbstractEventLoop) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            with contextlib.suppress(NotImplementedError):  # on Windows the supervisor's command has to do
                loop.add_signal_handler(number, self._stopping.set)

    def _build_app(self) -> Flask:
        """Import Flask and build the application. Predictions do not need it, and do not wait for it."""
        from mlops_magics.core.deploying.server.web.application import create_app
        from mlops_magics.core.deploying.server.web.views import own_routes

        try:
            app = create_app(self.service)
            own_routes.resume(app, self.service, self._plan.routes)
        finally:  # predictions go on if the application fails, but they need the collector
            freeze_objects()
            gc.set_threshold(YOUNG_OBJECTS)
            gc.enable()
        return app

    async def _publish_counters(self) -> None:
        while True:
            self.service.worker_tallies.publish(self.service.tally())
            await asyncio.sleep(worker_tallies.SECONDS)

    def _listen(self, lines: IO[str], loop: asyncio.AbstractEventLoop) -> None:
        """Pass each command to the event loop. The end of the stream is the end of the supervisor."""
        for line in lines:
            # this is a thread, in which no other method of the loop may be called
            asyncio.run_coroutine_threadsafe(self._handle(json.loads(line)), loop)
        loop.call_soon_threadsafe(self._stopping.set)

    async def _handle(self, command: Command) -> None:
        if command["do"] == "stop":
            self._stopping.set()
            return
        try:
            reply = await self._commands[command["do"]](command)
        except MlopsError as error:
            logger.warning("%s was refused: %s", command["do"], error)
            reply = {"error": str(error)}
        except Exception as error:  # the owner gets the reason, and the worker goes on
            logger.warning("%s failed", command["do"], exc_info=error)
            reply = {"error": str(error) or type(error).__name__}
        self._send({"event": "reply", "id": command["id"], **reply})

    async def _look_up(self, command: Command) -> dict[str, Any]:
        """Return the version that an alias means on the board now."""
        board = self.service.slots.slot(command["name"]).current.version.board
        loop = asyncio.get_running_loop()
        version = await loop.run_in_executor(None, current_version, board, command["name"], command["alias"])
        return {"version": version}

    async def _prepare(self, command: Command) -> dict[str, Any]:
        """Load a version next to the one that answers, unless it is in memory."""
        slot = self.service.slots.slot(command["name"])
        version = command.get("version") or (slot.previous.version.version if slot.previous else "")
        if not version:
            raise NotFound("previous version of", slot.name, hint="Nothing was swapped since the endpoint started.")
        loaded = slot.warm(version)
        if loaded is None:
            served = Served(slot.current.version.board, slot.name, version)
            loaded = await asyncio.get_running_loop().run_in_executor(None, load_and_prepare, served, self._plan)
        self.service.slots.log(loaded)
        self._prepared[command["name"]] = loaded
        return {"version": version}

    async def _commit(self, command: Command) -> dict[str, Any]:
        """Let the prepared version answer: all requests, a share of them, or none (a shadow)."""
        slot = self.service.slots.slot(command["name"])
        mode = command["mode"]
        before = slot.held()
        if mode == "withdraw":
            slot.challenger = None
        elif mode == "swap":
            slot.challenger = None
            slot.swap(self._prepared.pop(slot.name))
        else:
            slot.challenger = Challenger(self._prepared.pop(slot.name), float(command.get("share", 1.0)), mode)
        await self._release(slot, before)
        return self._report()

    async def _release(self, slot: Slot, before: list[LoadedModel]) -> None:
        """Free the memory of the versions that the slot no longer holds."""
        gone = [loaded for loaded in before if loaded not in slot.held()]
        # references of our own would keep the models in memory, and the check below would find them alive
        before.clear()
        self._batcher.forget(gone)
        await asyncio.get_running_loop().run_in_executor(None, self.service.slots.close_unused_logs)
        models = [_reference(loaded.model) for loaded in gone]
        gone.clear()
        if any(model is None or model() is not None for model in models):
            gc.unfreeze()  # the objects of the first version were frozen at the start
            freeze_objects()

    async def _route(self, command: Command) -> dict[str, Any]:
        """Add a function of the owner. Only the supervisor can send this command."""
        from mlops_magics.core.deploying.server.web.views import own_routes

        own_routes.take(await self._app, self.service, command["path"], command["function"])
        return self._report()

    def _report(self) -> dict[str, Any]:
        slots = self.service.slots.slots
        first = self.service.slots.first.current
        choice = first.choice(first.methods[0])
        return {
            "pid": os.getpid(),
            "models": {name: slot.current.version.version for name, slot in slots.items()},
            "fast_path": f"{choice.backend.name}: {choice.reason}",
            "challengers": self.service.slots.challengers(),
            "routes": list(self.service.own_routes),
        }


def freeze_objects() -> None:
    """Collect garbage, and exclude the remaining objects from later collections."""
    gc.collect()
    gc.freeze()


def _reference(model: Any) -> weakref.ref[Any] | None:
    """Return a weak reference, or ``None`` for a class that allows none."""
    try:
        return weakref.ref(model)
    except TypeError:
        return None
