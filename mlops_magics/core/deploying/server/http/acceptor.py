"""Acceptance of up to 128 waiting connections per loop iteration: uvloop's one would delay a burst by seconds."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import math
import socket
from collections.abc import Callable
from typing import Protocol

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]

ACCEPTED_PER_ROUND = 128
EXHAUSTED = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})
"""Errors of `accept` that last: the process or the machine has no descriptor or memory left."""
SPARE_DESCRIPTORS = 8
"""Descriptors that no connection takes: ``/health`` and the prediction log open files."""
PAUSE_SECONDS = 0.05
"""Until the next attempt, in which the connections that were closed give up their descriptors."""


class Closable(Protocol):
    """An accept loop that can be stopped."""

    def close(self) -> None:
        """Accept no more connections."""
        ...


async def start_accepting(
    listening: socket.socket,
    make: Callable[[], asyncio.Protocol],
    make_room: Callable[[], None],
    *,
    backlog: int,
    alone: bool,
) -> Closable:
    """Start to accept connections.

    Parameters
    ----------
    make
        Returns the protocol of a new connection.
    make_room
        Closes idle connections, when no file descriptor is left for a new one.
    backlog
        Connections that the kernel may keep waiting.
    alone
        Whether this is the only worker on the socket. Several workers accept one connection at a time, so that it
        goes to the least busy one.
    """
    loop = asyncio.get_running_loop()
    if "Proactor" in type(loop).__name__:  # the loop of Windows cannot watch a socket
        return await loop.create_server(make, sock=listening, backlog=backlog)
    return Acceptor(loop, listening, make, make_room, at_once=ACCEPTED_PER_ROUND if alone else 1)


class Acceptor:
    """Accepts connections whenever the socket is readable."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        listening: socket.socket,
        make: Callable[[], asyncio.Protocol],
        make_room: Callable[[], None],
        *,
        at_once: int,
    ) -> None:
        self._loop, self._listening, self._make = loop, listening, make
        self._make_room, self._at_once = make_room, at_once
        self._tasks: set[asyncio.Task[None]] = set()
        """Strong references: the event loop keeps only weak ones to its tasks."""
        self._closed = False
        self._open()

    def close(self) -> None:
        """Accept no more connections, and close the socket."""
        self._closed = True
        self._loop.remove_reader(self._listening)
        self._listening.close()

    def _open(self) -> None:
        if not self._closed:
            self._loop.add_reader(self._listening, self._accept)

    def _accept(self) -> None:
        for _ in range(self._at_once):
            try:
                client, _address = self._listening.accept()
            except OSError as error:  # the queue is empty, or a client has gone
                if error.errno in EXHAUSTED:
                    self._make_room()
                    # the socket stays readable, and without a pause the loop would spin
                    self._loop.remove_reader(self._listening)
                    self._loop.call_later(PAUSE_SECONDS, self._open)
                return
            # POSIX gives the lowest free number, so a high number means that many are open
            if client.fileno() >= _most_descriptors() - SPARE_DESCRIPTORS:
                self._make_room()
            task = self._loop.create_task(self._connect(client))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _connect(self, client: socket.socket) -> None:
        with contextlib.suppress(OSError):  # the client has gone
            client.setblocking(False)  # on Linux an accepted socket does not inherit the flag
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            await self._loop.connect_accepted_socket(self._make, client)


def _most_descriptors() -> float:
    """Return how many descriptors this process may have open now."""
    if resource is None:
        return math.inf
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return math.inf if most == resource.RLIM_INFINITY else most
