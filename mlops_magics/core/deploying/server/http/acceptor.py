"""Accepts up to 128 waiting connections per loop iteration; uvloop accepts one, which delays a burst by seconds."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import socket
from collections.abc import Callable
from typing import Protocol

ACCEPTED_PER_ROUND = 128
EXHAUSTED = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})
"""Errors of `accept` that last: the process or the machine has no descriptor or memory left."""
PAUSE_SECONDS = 0.5


class Closable(Protocol):
    """An accept loop that can be stopped."""

    def close(self) -> None:
        """Accept no more connections."""
        ...


async def start_accepting(
    listening: socket.socket, make: Callable[[], asyncio.Protocol], *, backlog: int, alone: bool
) -> Closable:
    """Start to accept connections.

    Parameters
    ----------
    make
        Returns the protocol of a new connection.
    backlog
        Connections that the kernel may keep waiting.
    alone
        Whether this is the only worker on the socket. Several workers accept one connection at a time, so that it
        goes to the least busy one.
    """
    loop = asyncio.get_running_loop()
    if alone and type(loop).__module__.startswith("uvloop"):
        return Acceptor(loop, listening, make)
    return await loop.create_server(make, sock=listening, backlog=backlog)


class Acceptor:
    """Accepts connections whenever the socket is readable."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, listening: socket.socket, make: Callable[[], asyncio.Protocol]
    ) -> None:
        self._loop, self._listening, self._make = loop, listening, make
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
        for _ in range(ACCEPTED_PER_ROUND):
            try:
                client, _address = self._listening.accept()
            except OSError as error:  # the queue is empty, or a client has gone
                if error.errno in EXHAUSTED:
                    self._loop.remove_reader(self._listening)
                    self._loop.call_later(PAUSE_SECONDS, self._open)
                return
            task = self._loop.create_task(self._connect(client))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _connect(self, client: socket.socket) -> None:
        with contextlib.suppress(OSError):  # the client has gone
            client.setblocking(False)
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            await self._loop.connect_accepted_socket(self._make, client)
