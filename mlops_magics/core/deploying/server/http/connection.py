"""One client connection: strict limits on size and time, requests answered in order."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import cast

from mlops_magics.core.deploying.contract.http_error import HttpError, overloaded
from mlops_magics.core.deploying.contract.http_messages import Request, Response
from mlops_magics.core.deploying.server.http.pressure import Pressure
from mlops_magics.core.deploying.server.http.received_request import ReceivedRequest
from mlops_magics.core.deploying.server.http.request_reader import RequestReader
from mlops_magics.core.deploying.server.http.response_bytes import CONTINUE, serialise
from mlops_magics.core.deploying.server.web.page import for_browser

MOST_PIPELINED = 16
Dispatch = Callable[[Request, Callable[[Response], None], Callable[[], bool]], None]


class Connection(asyncio.Protocol):
    """Passes a client's requests on one at a time, and writes the responses.

    Parameters
    ----------
    dispatch
        Answers a request (see `HttpServer.dispatch`).
    refuse
        Writes and counts an error, given the target of the request.
    """

    def __init__(self, pressure: Pressure, dispatch: Dispatch, refuse: Callable[[HttpError, str], Response]) -> None:
        self._pressure, self._dispatch, self._respond = pressure, dispatch, refuse
        self._reader = RequestReader(pressure, self._head_read, self._take)
        self._waiting: deque[ReceivedRequest] = deque()
        self._answering: ReceivedRequest | None = None
        self._serial = 0
        self._closing = self._reading_paused = self._writing_paused = False
        self._ended = False  # the client sends nothing more
        self._fault: HttpError | None = None
        """Of bytes behind requests that are still to be answered."""
        self._since = time.monotonic()
        self._patient_until = 0.0
        self._state = "idle"

    # Callbacks of the transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Admit the connection, or answer 503 when there are too many."""
        self._transport = cast(asyncio.Transport, transport)
        self._pressure.connections.add(self)
        if self._pressure.is_crowded():
            self._write(self._respond(overloaded("Too many connections. Try again in a second."), ""), keep=False)
            self._close()

    def connection_lost(self, exc: Exception | None) -> None:
        """Release the resources of the connection. A response that comes later is dropped."""
        self._closing = True
        self._serial += 1
        self._pressure.connections.discard(self)
        self._release(self._reader.held)
        if self._answering is not None:
            self._release(self._answering.size)
            self._answering = None
        for received in self._waiting:
            self._release(received.size)
        self._waiting.clear()
        self._reader.close()
        self._pressure.clear_unread(self)

    def data_received(self, data: bytes) -> None:
        """Read the requests in the data, or answer 400 and close where that is impossible."""
        # after a refusal bytes are dropped, and a client that goes on sending counts as alive for a while
        if self._closing or self._fault is not None:
            if self._closing and time.monotonic() < self._patient_until:
                self._since = time.monotonic()
            return
        if self._state == "body":
            self._since = time.monotonic()
        try:
            self._reader.read(data)
        except HttpError as error:
            if self._answering is None:
                self._refuse(error)
            else:
                # responses keep the order of the requests (RFC 9112, section 9.3.2), so the error waits for its turn
                self._fault = error
                self._enter("answering")
            return
        if self._state == "idle" and self._reader.inside:
            self._enter("headers")

    def eof_received(self) -> bool:
        """Keep the half-open connection while a response is pending."""
        self._ended = True
        # asyncio closes the transport on False, and a response that is pending could not be written
        return self._answering is not None and not self._closing

    def pause_writing(self) -> None:
        """Stop reading from a client that does not read its responses."""
        self._writing_paused = True
        self._since = time.monotonic()
        self._pause_reading()
        self._pressure.track_unread(self, self._transport.get_write_buffer_size())

    def resume_writing(self) -> None:
        """Continue when the client has read."""
        self._writing_paused = False
        self._pressure.clear_unread(self)
        self._next()

    # Callbacks of the reader

    def _head_read(self, waits: bool) -> None:
        if waits and not self._waiting and self._answering is None:
            self._transport.write(CONTINUE)  # curl waits a second for it before it sends a large body
        if self._answering is None:  # else the model is waited for, and not the client
            self._enter("body")

    def _take(self, received: ReceivedRequest) -> None:
        """Answer a request, or queue it behind the one in progress."""
        if self._answering is None:
            self._answer(received)
            return
        self._waiting.append(received)
        if len(self._waiting) >= MOST_PIPELINED:
            self._pause_reading()

    # Responses

    def _answer(self, received: ReceivedRequest) -> None:
        self._answering = received
        self._serial += 1
        serial = self._serial
        self._enter("answering")
        # the serial distinguishes a late response of the model from that of the request in progress
        self._dispatch(received, partial(self._deliver, serial), lambda: self._serial == serial)

    def _deliver(self, serial: int, response: Response) -> None:
        """Write the response, unless the client has gone or was already answered with a time-out."""
        if serial != self._serial or self._answering is None:
            return
        received = self._answering
        self._answering = None
        self._release(received.size)
        # a client that has closed its side sends no further request
        last = self._ended and not self._waiting and self._fault is None
        keep = received.keep and not self._pressure.draining and not last
        self._write(response, keep, bodiless=received.method == "HEAD", old=received.old)
        if not keep:
            self._close()
        else:
            self._enter("idle")
            self._next()

    def _next(self) -> None:
        """Answer the next queued request, unless the client does not read its responses."""
        if self._writing_paused or self._closing:
            return
        if self._waiting and self._answering is None:
            self._answer(self._waiting.popleft())
        if self._fault is not None and self._answering is None:
            self._refuse(self._fault)
            return
        if len(self._waiting) < MOST_PIPELINED:
            self._resume_reading()

    def _write(self, response: Response, keep: bool, *, bodiless: bool = False, old: bool = False) -> None:
        self._transport.write(serialise(response, self._pressure.date, keep=keep, bodiless=bodiless, old=old))

    def _refuse(self, error: HttpError) -> None:
        """Answer with an error, and read no further request from this connection.

        Bytes that the client is still sending are dropped until it has read the response and closes: closing a
        socket with unread bytes sends a reset, and the client would see the reset in place of the response. The
        client may go on sending for as long as the model could have taken.
        """
        target = self._reader.target.decode("latin-1")
        response = for_browser(error, target, self._reader.headers) or self._respond(error, target)
        if self._transport.is_closing():
            return
        self._write(response, keep=False)
        self._enter("refused")
        self._patient_until = time.monotonic() + self._pressure.limits.seconds
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
        """Abort the connection of a client that does not read its response."""
        self._transport.abort()

    def _enter(self, state: str) -> None:
        self._state = state
        self._since = time.monotonic()

    def check_time(self, now: float) -> None:
        """Close the connection if it is idle or stalled for too long. Answer 504 if the model takes too long."""
        limits = self._pressure.limits
        waited = now - self._since
        if self._closing or self._writing_paused:
            if waited > limits.stall_seconds:
                self._transport.abort()
        elif self._state == "answering":
            if waited > limits.seconds and self._answering is not None:
                self._refuse(HttpError(504, f"The model took longer than {limits.seconds:g} seconds."))
        elif self._state == "idle":
            if waited > limits.idle_seconds:
                self._close()
        elif waited > (limits.header_seconds if self._state == "headers" else limits.stall_seconds):
            self._refuse(HttpError(408, "The request did not arrive in time."))

    def close_if_idle(self) -> bool:
        """Close the connection unless a request is in progress, and return whether it is being closed."""
        idle = self._state in {"idle", "refused"} and not self._waiting
        if idle:
            self._close()
        return idle

    def _release(self, count: int) -> None:
        self._pressure.buffered -= count

    def _pause_reading(self) -> None:
        if not self._reading_paused and not self._transport.is_closing():
            self._reading_paused = True
            self._transport.pause_reading()

    def _resume_reading(self) -> None:
        if self._reading_paused and not self._writing_paused and not self._transport.is_closing():
            self._reading_paused = False
            self._transport.resume_reading()
