"""One client's connection: strict limits on size and time, requests answered in the order they came."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from functools import partial
from typing import TYPE_CHECKING, cast

from mlops_magics.core.deploying.contract.http_error import Refusal
from mlops_magics.core.deploying.contract.http_messages import Answer
from mlops_magics.core.deploying.server.http.request_reader import Asked, Reader
from mlops_magics.core.deploying.server.http.response_bytes import CONTINUE, written
from mlops_magics.core.deploying.server.web.page import for_browser

if TYPE_CHECKING:
    from mlops_magics.core.deploying.server.http.http_server import Front

MOST_PIPELINED = 16


class Connection(asyncio.Protocol):
    """Hands a client's requests on one at a time, and writes their answers."""

    def __init__(self, front: Front) -> None:
        self._front = front
        self._reader = Reader(front, self._head_read, self._take)
        self._waiting: deque[Asked] = deque()
        self._answering: Asked | None = None
        self._serial = 0
        self._closing = self._reading_paused = self._writing_paused = False
        self._since = time.monotonic()
        self._patient_until = 0.0
        self._state = "idle"

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
        self._release(self._reader.held)
        if self._answering is not None:
            self._release(self._answering.size)
            self._answering = None
        for asked in self._waiting:
            self._release(asked.size)
        self._waiting.clear()
        self._reader.close()
        self._front.paid(self)

    def data_received(self, data: bytes) -> None:
        """Read the requests in the data; what cannot be read is answered 400, and the connection closed."""
        if self._closing:
            if time.monotonic() < self._patient_until:
                self._since = time.monotonic()
            return
        if self._state == "idle":
            self._enter("headers")
        elif self._state == "body":
            self._since = time.monotonic()
        try:
            self._reader.read(data)
        except Refusal as refusal:
            self._refuse(refusal)

    def eof_received(self) -> bool:
        """Keep the half-open connection while an answer is being made."""
        return self._answering is not None and not self._closing

    def pause_writing(self) -> None:
        """Stop reading from a client that does not read its answers."""
        self._writing_paused = True
        self._since = time.monotonic()
        self._pause_reading()
        self._front.owe(self, self._transport.get_write_buffer_size())

    def resume_writing(self) -> None:
        """Go on when the client has read."""
        self._writing_paused = False
        self._front.paid(self)
        self._next()

    # The reader's side

    def _head_read(self, waits: bool) -> None:
        if waits and not self._waiting and self._answering is None:
            self._transport.write(CONTINUE)
        self._enter("body")

    def _take(self, asked: Asked) -> None:
        """Answer a request, or keep it until the one before is answered."""
        if self._answering is None:
            self._answer(asked)
            return
        self._waiting.append(asked)
        if len(self._waiting) >= MOST_PIPELINED:
            self._pause_reading()

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
        page = for_browser(refusal, self._reader.target.decode("latin-1"), self._reader.headers)
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

    def drop(self) -> None:
        """Give up on a client that does not read its answer."""
        self._transport.abort()

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
