"""HTTP connections whose answers are bounded in time and in bytes, whatever the other side sends.

The time-out of a socket counts from byte to byte, so that a server which sends one byte now and then is never given up.
"""

from __future__ import annotations

import functools
import http.client
import io
import socket
import time
import urllib.request
from typing import Any, Protocol

from mlops_magics.core import phrases

SLOWEST = 10_000
"""Bytes a second: an answer may take the seconds of its connection, and one more for each so many bytes."""

LARGEST_HEAD = 1_000_000
"""Bytes of the lines before an answer's body, those of all interim answers (100) included."""

PIECE = 1 << 20
"""Bytes that are read at a time: the length that an answer declares reserves no memory."""


class Readable(Protocol):
    """An answer of which bytes are read."""

    def read(self, amount: int, /) -> bytes:
        """Return at most so many bytes, and none at the end."""


def read(answer: Readable, most: int) -> bytes | None:
    """Return the body of an answer, or None for one of more than ``most`` bytes.

    Raises
    ------
    OSError, http.client.HTTPException
        It did not arrive, or not in time.
    """
    pieces, size = [], 0
    while piece := answer.read(min(PIECE, most + 1 - size)):
        pieces.append(piece)
        size += len(piece)
        if size > most:
            return None
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


class Answer(http.client.HTTPResponse):
    """An answer whose head and body have to arrive in time.

    Parameters
    ----------
    sock
        The connection.
    seconds
        The time for an answer, see `SLOWEST`.
    """

    def __init__(self, sock: socket.socket, *arguments: Any, seconds: float, **options: Any) -> None:
        super().__init__(sock, *arguments, **options)
        self.fp.close()
        self._arrival = _Arrival(sock, seconds)
        self.fp = io.BufferedReader(self._arrival, 1 << 16)

    def begin(self) -> None:
        """Read the head."""
        self._arrival.left = LARGEST_HEAD
        super().begin()
        self._arrival.left = None


class _Arrival(io.RawIOBase):
    """The bytes of a connection, until a deadline."""

    def __init__(self, sock: socket.socket, seconds: float) -> None:
        self._sock, self._stream = sock, sock.makefile("rb", buffering=0)  # the stream keeps the connection open
        self._seconds, self._deadline = seconds, time.monotonic() + seconds
        self.left: int | None = None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        remaining = self._deadline - time.monotonic()
        if remaining <= 0:
            raise TimeoutError(f"the answer was not complete after {self._seconds:g} s")
        if self.left is not None and self.left <= 0:
            raise http.client.HTTPException(f"the head of the answer has more than {LARGEST_HEAD:,} bytes")
        self._sock.settimeout(remaining)
        count = self._stream.readinto(buffer) or 0
        self._deadline += count / SLOWEST
        self.left = None if self.left is None else self.left - count
        return count

    def close(self) -> None:
        self._stream.close()
        super().close()


class Connection(http.client.HTTPConnection):
    """A connection whose answers have to arrive within its time-out."""

    def __init__(self, host: str, port: int | None = None, timeout: float = 60.0, *others: Any, **options: Any) -> None:
        super().__init__(host, port, timeout, *others, **options)
        self.allow(timeout)

    def allow(self, seconds: float) -> None:
        """Give the next request, and its answer, so many seconds."""
        self.response_class = functools.partial(Answer, seconds=seconds)  # type: ignore[assignment]
        if self.sock is not None:
            self.sock.settimeout(seconds)


class EncryptedConnection(http.client.HTTPSConnection, Connection):
    """A `Connection` over TLS."""


class _Http(urllib.request.HTTPHandler):
    def http_open(self, request: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(Connection, request)


class _Https(urllib.request.HTTPSHandler):
    def https_open(self, request: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(EncryptedConnection, request)


class NoRedirects(urllib.request.HTTPRedirectHandler):
    """A handler that refuses redirects, because a server must not send its readers elsewhere."""

    def redirect_request(self, *arguments: Any, **options: Any) -> None:
        return


def opener(redirects: urllib.request.HTTPRedirectHandler | None = None) -> urllib.request.OpenerDirector:
    """Return an opener of http and https alone, whose answers have to arrive in time.

    Parameters
    ----------
    redirects
        The handler of redirects. None follows none.
    """
    made = urllib.request.OpenerDirector()
    for each in (
        urllib.request.ProxyHandler(), _Http(), _Https(), redirects or NoRedirects(),
        urllib.request.HTTPDefaultErrorHandler(), urllib.request.HTTPErrorProcessor(),
        urllib.request.UnknownHandler(),
    ):  # fmt: skip
        made.add_handler(each)
    return made


def reason(error: Exception) -> str:
    """Return why an exchange failed, in one line and without control characters."""
    inner = getattr(error, "reason", None)  # of the opener
    error = inner if isinstance(inner, Exception) else error
    name = f"{type(error).__name__}: " if isinstance(error, http.client.HTTPException) or not str(error) else ""
    return phrases.one_line(f"{name}{error}")
