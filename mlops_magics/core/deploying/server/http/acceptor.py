"""Taking connections: many in a row, for beside a thousand busy ones each round of the event loop takes 20 ms."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import socket
from collections.abc import Callable
from typing import Protocol

AT_ONCE = 128
EXHAUSTED = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})
PAUSE_SECONDS = 0.5


class Closable(Protocol):
    """Something that takes connections until it is closed."""

    def close(self) -> None:
        """Take no more."""
        ...


async def opened(
    listening: socket.socket, make: Callable[[], asyncio.Protocol], *, backlog: int, alone: bool
) -> Closable:
    """Take connections from now on.

    uvloop's own server takes one in each round, so that the last of a crowd would wait for seconds; asyncio's takes as
    many as there are. Several workers take one at a time: it then goes to the one that is least busy.
    """
    loop = asyncio.get_running_loop()
    if alone and type(loop).__module__.startswith("uvloop"):
        return Door(loop, listening, make)
    return await loop.create_server(make, sock=listening, backlog=backlog)


class Door:
    """Takes whoever waits whenever somebody does."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, listening: socket.socket, make: Callable[[], asyncio.Protocol]
    ) -> None:
        self._loop, self._listening, self._make = loop, listening, make
        self._welcomes: set[asyncio.Task[None]] = set()
        self._closed = False
        self._open()

    def close(self) -> None:
        """Take no more, and close the socket."""
        self._closed = True
        self._loop.remove_reader(self._listening)
        self._listening.close()

    def _open(self) -> None:
        if not self._closed:
            self._loop.add_reader(self._listening, self._take)

    def _take(self) -> None:
        for _ in range(AT_ONCE):
            try:
                client, _address = self._listening.accept()
            except OSError as error:  # nobody else waits, or one has gone again
                if error.errno in EXHAUSTED:
                    self._loop.remove_reader(self._listening)
                    self._loop.call_later(PAUSE_SECONDS, self._open)
                return
            task = self._loop.create_task(self._welcome(client))
            self._welcomes.add(task)
            task.add_done_callback(self._welcomes.discard)

    async def _welcome(self, client: socket.socket) -> None:
        with contextlib.suppress(OSError):  # it has gone again
            client.setblocking(False)
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            await self._loop.connect_accepted_socket(self._make, client)
