"""One client's connection: strict limits on size and time, requests answered in the order they came."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, NoReturn, cast
from urllib.parse import unquote

import httptools

from mlops_magics.core.deploying.exchange import Answer, Request
from mlops_magics.core.deploying.refusal import Refusal, malformed, overloaded, too_large
from mlops_magics.core.deploying.server.page import for_browser
from mlops_magics.core.deploying.server.replies import CONTINUE, written

if TYPE_CHECKING:
    from mlops_magics.core.deploying.server.front import Front

ONCE = frozenset({"host", "authorization", "content-type", "content-length", "transfer-encoding", "origin"})
"""Headers that mean two different things when they come twice."""
MOST_PIPELINED = 16


class Asked(NamedTuple):
    """A request that was read, and how its answer is to be written."""

    request: Request
    size: int
    """Bytes of the body as it was received; the request's own may have been unpacked."""
    keep: bool = True
    old: bool = False


class Connection(asyncio.Protocol):
    """Parses requests, hands them on one at a time, and writes their answers."""

    def __init__(self, front: Front) -> None:
        self._front = front
        self._parser = httptools.HttpRequestParser(self)
        self._waiting: deque[Asked] = deque()
        self._answering: Asked | None = None
        self._serial = 0
        self._closing = self._reading_paused = self._writing_paused = False
        self._inside = False  # a request, as far as the parser has read
        self._read: Asked | None = None
        self._since = time.monotonic()
        self._patient_until = 0.0
        self._state = "idle"
        self._reset()

    def _reset(self) -> None:
        self._target = b""
        self._headers: dict[str, str] = {}
        self._header_bytes = 0
        self._chunks: list[bytes] = []
        self._body_bytes = 0
        self._refusal: Refusal | None = None

    # The transport's side

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Admit the connection, or say that there are too many."""
        self._transport = cast(asyncio.Transport, transport)
        self._front.connections.add(self)
        full = self._front.full()
        if full is not None:
            self._write(full, keep=False)
            self._close()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the client; an answer that is still to come is dropped."""
        self._closing = True
        self._serial += 1
        self._front.connections.discard(self)
        self._release(self._body_bytes)
        if self._answering is not None:
            self._release(self._answering.size)
        for asked in self._waiting:
            self._release(asked.size)
        self._waiting.clear()

    def data_received(self, data: bytes) -> None:
        """Read the requests in the data; what cannot be read is answered 400, and the connection closed."""
        if self._closing:
            if time.monotonic() < self._patient_until:
                self._since = time.monotonic()
            return
        fresh = self._state == "idle" and not self._inside
        if fresh:
            request = self._front.heads.read(data)
            if request is not None and self._front.has_room(len(request.body)):
                self._front.buffered += len(request.body)
                self._answer(Asked(request, len(request.body)))
                return
            self._read = None
        self._feed(data)
        if fresh and self._read is not None and self._read.keep and not self._read.old and not self._closing:
            self._front.heads.learn(data, self._read.request)

    def _feed(self, data: bytes) -> None:
        if self._state == "idle":
            self._enter("headers")
        elif self._state == "body":
            self._since = time.monotonic()
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._refuse(malformed("This endpoint speaks HTTP/1.1 only."))
        except httptools.HttpParserCallbackError:
            self._refuse(self._refusal or malformed("The request could not be read."))
        except httptools.HttpParserError:
            self._refuse(malformed("This is no valid HTTP/1.1 request."))

    def eof_received(self) -> bool:
        """Keep the half-open connection while an answer is being made."""
        return self._answering is not None and not self._closing

    def pause_writing(self) -> None:
        """Stop reading from a client that does not read its answers."""
        self._writing_paused = True
        self._since = time.monotonic()
        self._pause_reading()

    def resume_writing(self) -> None:
        """Go on when the client has read."""
        self._writing_paused = False
        self._next()

    # The parser's side

    def _stop_parsing(self, refusal: Refusal) -> NoReturn:
        """Note why the request is refused: the parser lets no error of ours through but as one of its own."""
        self._refusal = refusal
        raise refusal

    def on_message_begin(self) -> None:
        """Know that the parser is no longer between two requests."""
        self._inside = True

    def on_url(self, url: bytes) -> None:
        """Take a piece of the request's target."""
        self._target += url
        self._count_header(len(url))

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take one header."""
        self._count_header(len(name) + len(value))
        key = name.decode("latin-1").lower()
        text = value.decode("latin-1")
        if key in self._headers:
            if key in ONCE:
                self._stop_parsing(malformed(f"The header {key} is given twice."))
            text = f"{self._headers[key]}, {text}"
        self._headers[key] = text

    def on_headers_complete(self) -> None:
        """Admit or refuse by the headers alone, before a byte of the body is read."""
        if self._parser.get_http_version() not in {"1.0", "1.1"}:
            self._stop_parsing(malformed("This endpoint speaks HTTP/1.1 only."))
        self._path, _, self._query = self._target.decode("latin-1").partition("?")
        if not self._path.startswith("/") or "#" in self._path:
            self._stop_parsing(malformed("The request's target is no path."))
        if "%" in self._path:
            self._path = unquote(self._path)
        headers = self._headers
        refusal = self._front.service.guard.refusal(self._path, headers)
        if refusal is not None:
            self._stop_parsing(refusal)
        length = headers.get("content-length")
        if length is not None and int(length) > self._front.limits.body_bytes:
            self._stop_parsing(
                too_large(
                    f"At most {self._front.limits.body_bytes:,} bytes are taken. Send the rows in several requests."
                )
            )
        if headers.get("expect", "").lower() == "100-continue" and not self._waiting and self._answering is None:
            self._transport.write(CONTINUE)
        self._enter("body")

    def on_body(self, chunk: bytes) -> None:
        """Take a piece of the body, within the limits."""
        self._body_bytes += len(chunk)
        room = self._front.has_room(len(chunk))
        self._front.buffered += len(chunk)
        if self._body_bytes > self._front.limits.body_bytes:
            self._stop_parsing(
                too_large(
                    f"At most {self._front.limits.body_bytes:,} bytes are taken. Send the rows in several requests."
                )
            )
        if not room:
            self._stop_parsing(
                overloaded("Too many large requests at once; ask again in a few seconds.", retry_after=5)
            )
        self._chunks.append(chunk)

    def on_message_complete(self) -> None:
        """Hand the request on, or keep it until the one before is answered."""
        body = self._chunks[0] if len(self._chunks) == 1 else b"".join(self._chunks)
        request = Request(self._parser.get_method().decode("latin-1"), self._path, self._query, self._headers, body)
        old = self._parser.get_http_version() == "1.0"
        self._read = asked = Asked(request, len(body), self._parser.should_keep_alive(), old)
        self._inside = False
        self._reset()
        if self._answering is None:
            self._answer(asked)
            return
        self._waiting.append(asked)
        if len(self._waiting) >= MOST_PIPELINED:
            self._pause_reading()

    def _count_header(self, count: int) -> None:
        self._header_bytes += count + 4
        if self._header_bytes > self._front.limits.header_bytes:
            self._stop_parsing(Refusal(431, f"At most {self._front.limits.header_bytes:,} bytes of headers are taken."))

    # Answering

    def _answer(self, asked: Asked) -> None:
        self._answering = asked
        self._serial += 1
        serial = self._serial
        self._enter("answering")
        self._front.dispatch(asked.request, partial(self._deliver, serial), lambda: self._serial == serial)

    def _deliver(self, serial: int, answer: Answer) -> None:
        """Write the answer, unless its client is gone or was told that it took too long."""
        if serial != self._serial or self._answering is None:
            return
        asked = self._answering
        self._answering = None
        self._release(asked.size)
        keep = asked.keep and not self._front.draining
        self._write(answer, keep, bodiless=asked.request.method == "HEAD", old=asked.old)
        if not keep:
            self._close()
        else:
            self._enter("idle")
            self._next()

    def _next(self) -> None:
        """Answer the next request that waits, unless the client does not read its answers."""
        if self._writing_paused or self._closing:
            return
        if self._waiting and self._answering is None:
            self._answer(self._waiting.popleft())
        if len(self._waiting) < MOST_PIPELINED:
            self._resume_reading()

    def _write(self, answer: Answer, keep: bool, *, bodiless: bool = False, old: bool = False) -> None:
        self._transport.write(written(answer, self._front.date, keep=keep, bodiless=bodiless, old=old))

    def _refuse(self, refusal: Refusal) -> None:
        page = for_browser(refusal, self._target.decode("latin-1"), self._headers)
        self._refuse_answer(page or self._front.refuse(refusal))

    def _refuse_answer(self, answer: Answer) -> None:
        """Answer with an error and read no further request: what follows cannot be trusted to be one.

        What the client is still sending is dropped until it has read the answer and closes: a connection that is closed
        over unread bytes is reset, and its client would see the reset instead of the answer. Whoever goes on sending
        has as long as the model would have had.
        """
        if self._transport.is_closing():
            return
        self._write(answer, keep=False)
        self._enter("refused")
        self._patient_until = time.monotonic() + self._front.limits.seconds
        self._closing = True
        self._serial += 1
        self._resume_reading()
        self._transport.write_eof()

    def _close(self) -> None:
        self._closing = True
        self._serial += 1
        self._transport.close()

    # Time and pressure

    def _enter(self, state: str) -> None:
        self._state = state
        self._since = time.monotonic()

    def check_time(self, now: float) -> None:
        """Close a connection that is idle or stalled for too long; answer one that waits too long for the model."""
        limits = self._front.limits
        waited = now - self._since
        if self._closing or self._writing_paused:
            if waited > limits.stall_seconds:
                self._transport.abort()
        elif self._state == "answering":
            if waited > limits.seconds and self._answering is not None:
                self._refuse(Refusal(504, f"The model took longer than {limits.seconds:g} seconds."))
        elif self._state == "idle":
            if waited > limits.idle_seconds:
                self._close()
        elif waited > (limits.header_seconds if self._state == "headers" else limits.stall_seconds):
            self._refuse(Refusal(408, "The request did not arrive in time."))

    def close_if_idle(self) -> None:
        """Close when nothing is being received or answered; the endpoint is about to stop."""
        if self._state in {"idle", "refused"} and not self._waiting:
            self._close()

    def _release(self, count: int) -> None:
        self._front.buffered -= count

    def _pause_reading(self) -> None:
        if not self._reading_paused and not self._transport.is_closing():
            self._reading_paused = True
            self._transport.pause_reading()

    def _resume_reading(self) -> None:
        if self._reading_paused and not self._writing_paused and not self._transport.is_closing():
            self._reading_paused = False
            self._transport.resume_reading()
