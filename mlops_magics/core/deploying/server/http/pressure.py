"""State that the connections of one worker share: limits, buffered bytes, unread responses, known request heads."""

from __future__ import annotations

import itertools
import time
from email.utils import formatdate
from typing import Protocol

from mlops_magics.core.deploying.contract.limits import Limits
from mlops_magics.core.deploying.server.guard import Guard
from mlops_magics.core.deploying.server.http.head_cache import HeadCache

FREED_AT_ONCE = 16
"""Idle connections that are closed when no file descriptor is left."""


class SharedConnection(Protocol):
    """The side of a connection that the worker needs to keep its limits."""

    def drop(self) -> None:
        """Abort the connection."""
        ...

    def check_time(self, now: float) -> None:
        """Close the connection if it has been idle or stalled for too long at ``now`` (monotonic clock, seconds)."""
        ...

    def close_if_idle(self) -> bool:
        """Close the connection unless a request is in progress, and return whether it is being closed."""
        ...


class Pressure:
    """Counts the resources of all connections, and keeps them below the limits.

    Attributes
    ----------
    buffered
        Bytes of request bodies in memory.
    draining
        Whether the endpoint is stopping. Then no connection is kept alive.
    date
        The ``Date`` header line of the current half second.
    """

    def __init__(self, limits: Limits, guard: Guard) -> None:
        self.limits, self.guard = limits, guard
        self.heads = HeadCache()
        self.connections: set[SharedConnection] = set()
        self.buffered = 0
        self.draining = False
        self._unread: dict[SharedConnection, int] = {}
        """Bytes of responses that clients have not read. Insertion order is waiting order."""
        self.tick()

    def has_room(self, count: int) -> bool:
        """Return whether ``count`` more bytes of request bodies may be held."""
        return self.buffered + count <= self.limits.buffered_bytes

    def is_crowded(self) -> bool:
        """Return whether there are more connections than allowed."""
        return len(self.connections) > self.limits.connections

    def make_room(self) -> None:
        """Close some idle connections, so that new ones find a file descriptor."""
        # lazy, so that no more are closed than are wanted
        idle = (connection for connection in list(self.connections) if connection.close_if_idle())
        for _ in itertools.islice(idle, FREED_AT_ONCE):
            pass

    def track_unread(self, connection: SharedConnection, size: int) -> None:
        """Count an unread response, and drop the connections that wait longest while the total is over the limit."""
        self._unread[connection] = size
        # the last one stays: a single response may be larger than the limit
        while sum(self._unread.values()) > self.limits.buffered_bytes and len(self._unread) > 1:
            slowest = next(iter(self._unread))
            del self._unread[slowest]
            slowest.drop()

    def clear_unread(self, connection: SharedConnection) -> None:
        """Forget the unread response of a connection."""
        self._unread.pop(connection, None)

    def tick(self) -> None:
        """Refresh the ``Date`` header, and close connections that are too slow or idle."""
        self.date = f"Date: {formatdate(usegmt=True)}\r\n"
        now = time.monotonic()
        for connection in list(self.connections):
            connection.check_time(now)
