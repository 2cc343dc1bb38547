"""A reader of one connection's requests with llhttp, which refuses requests that exceed a limit or are ambiguous."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, NoReturn
from urllib.parse import unquote

import httptools

from mlops_magics.core.deploying.contract.http_error import HttpError, malformed, out_of_memory, overloaded, too_large
from mlops_magics.core.deploying.server.http.pressure import Pressure
from mlops_magics.core.deploying.server.http.received_request import ReceivedRequest

ONCE = frozenset({"host", "authorization", "content-type", "content-length", "transfer-encoding", "origin"})
"""Headers that are ambiguous when they come twice."""


class LateBody(NamedTuple):
    """The rest of the body of a request for an upgrade, and the facts of the request."""

    length: int
    method: str
    keep: bool
    old: bool


class RequestReader:
    """Turns a client's bytes into requests, and admits or refuses each by its head alone.

    Parameters
    ----------
    head_read
        Called when a head is admitted, with whether the client waits for ``100 Continue``.
    take
        Called with each request.

    Attributes
    ----------
    held
        Bytes of the body that is being received.
    inside
        Whether a request has begun and not ended.
    target, headers
        Of the request that is being received.
    """

    def __init__(
        self, pressure: Pressure, head_read: Callable[[bool], None], take: Callable[[ReceivedRequest], None]
    ) -> None:
        self._pressure, self._head_read, self._take = pressure, head_read, take
        self._parser = httptools.HttpRequestParser(self)
        self.inside = False
        self._late: LateBody | None = None
        self._last: ReceivedRequest | None = None
        self._reset()

    def _reset(self) -> None:
        self.target = b""
        self.headers: dict[str, str] = {}
        self.held = 0
        self._header_bytes = 0
        self._chunks: list[bytes] = []
        self._error: HttpError | None = None

    def read(self, data: bytes) -> None:
        """Pass on every request that ends in these bytes.

        Raises
        ------
        HttpError
            The connection must be closed: its further bytes cannot be trusted to be a request.
        """
        between = not self.inside
        if between:
            received = self._pressure.heads.read(data)
            if received is not None and self._pressure.has_room(received.size):
                self._pressure.buffered += received.size
                self._take(received)
                return
        self._parse(data)
        last, self._last = self._last, None  # an idle connection must hold no body
        if between and last is not None and last.keep and not last.old:
            self._pressure.heads.learn(data, last)

    def close(self) -> None:
        """Release the parser (it and this reader refer to each other) and the received bytes."""
        self._last = None
        self._reset()
        del self._parser

    def _parse(self, data: bytes) -> None:
        try:
            if self._late is not None:
                data = self._read_late(data, self._late)
            if data:
                self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            # A server may ignore an upgrade and answer as before, but llhttp ends with the request for one
            self._parser = httptools.HttpRequestParser(self)
            rest = data[upgrade.args[0] :]
            if rest:
                self._parse(rest)
        except httptools.HttpParserCallbackError as error:
            no_memory = isinstance(error.__context__, MemoryError) or isinstance(error.__cause__, MemoryError)
            other = out_of_memory() if no_memory else malformed("The request could not be read.")
            raise self._error or other from None
        except httptools.HttpParserError:
            raise malformed("This is not a valid HTTP/1.1 request.") from None

    def _read_late(self, data: bytes, late: LateBody) -> bytes:
        """Take the body of a request for an upgrade, and return the bytes after it."""
        body, rest = data[: late.length], data[late.length :]
        self.on_body(body)
        self._late = late._replace(length=late.length - len(body))
        if not self._late.length:
            self._late = None
            self._complete(late.method, late.keep, late.old)
        return rest

    def _stop(self, error: HttpError) -> NoReturn:
        """Store the error and raise it: httptools replaces exceptions of callbacks by one of its own."""
        self._error = error
        raise error

    # Callbacks of llhttp

    def on_message_begin(self) -> None:
        """Note that a request has begun."""
        self.inside = True

    def on_url(self, url: bytes) -> None:
        """Take a piece of the request's target."""
        self.target += url
        self._count_header(len(url))

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take one header."""
        self._count_header(len(name) + len(value))
        # latin-1 keeps every byte, and is HTTP's historical charset (RFC 9110, section 5.5)
        key = name.decode("latin-1").lower()
        text = value.decode("latin-1")
        if key in self.headers:
            if key in ONCE:
                self._stop(malformed(f"The header {key} is given twice."))
            # RFC 9110, section 5.3: several lines of a header are one list
            text = f"{self.headers[key]}, {text}"
        self.headers[key] = text

    def on_headers_complete(self) -> None:
        """Admit or refuse the request by its head alone."""
        if self._parser.get_http_version() not in {"1.0", "1.1"}:
            self._stop(malformed("This endpoint supports HTTP/1.1 only."))
        target, headers = _origin_form(self.target.decode("latin-1"), self.headers)
        self._path, _, self._query = target.partition("?")
        if not self._path.startswith("/") or "#" in self._path:
            self._stop(malformed("The request's target is not a path."))
        if "%" in self._path:
            # after the split: an encoded question mark is part of the path
            self._path = unquote(self._path)
        self._path = self._pressure.guard.paths.get(self._path, self._path)
        refusal = self._pressure.guard.refusal(self._path, self.headers)
        if headers is not self.headers:
            refusal = refusal or self._pressure.guard.refusal(self._path, headers)
        if refusal is not None:
            self._stop(refusal)
        length = self.headers.get("content-length")
        if length is not None:
            self._admit_size(int(length))
        if "upgrade" in self.headers and "transfer-encoding" in self.headers:
            self._stop(malformed("A request for an upgrade has a Content-Length here, if it has a body."))
        self._head_read(self.headers.get("expect", "").lower() == "100-continue")

    def on_body(self, chunk: bytes) -> None:
        """Take a piece of the body, within the limits."""
        # counted before any refusal, because the connection releases everything that is held
        room = self._pressure.has_room(len(chunk))
        self.held += len(chunk)
        self._pressure.buffered += len(chunk)
        self._admit_size(self.held)
        if not room:
            self._stop(overloaded("Too many large requests at once. Try again in a few seconds.", retry_after=5))
        self._chunks.append(chunk)

    def on_message_complete(self) -> None:
        """Pass the request on, unless llhttp has left out its body since it requests an upgrade."""
        parser = self._parser
        facts = parser.get_method().decode("latin-1"), parser.should_keep_alive(), parser.get_http_version() == "1.0"
        length = int(self.headers.get("content-length", 0))
        if parser.should_upgrade() and length:
            self._late = LateBody(length, *facts)
        else:
            self._complete(*facts)

    def _complete(self, method: str, keep: bool, old: bool) -> None:
        body = self._chunks[0] if len(self._chunks) == 1 else b"".join(self._chunks)
        received = ReceivedRequest(method, self._path, self._query, self.headers, body, len(body), keep, old)
        self._last = received
        self.inside = False
        # before the request is passed on, which takes over the count of its bytes
        self._reset()
        self._take(received)

    def _count_header(self, count: int) -> None:
        self._header_bytes += count + 4  # a colon, a space and the end of the line
        most = self._pressure.limits.header_bytes
        if self._header_bytes > most:
            self._stop(HttpError(431, f"At most {most:,} bytes of headers are accepted."))

    def _admit_size(self, count: int) -> None:
        most = self._pressure.limits.body_bytes
        if count > most:
            self._stop(too_large(f"At most {most:,} bytes are accepted. Send the rows in several requests."))


def _origin_form(target: str, headers: dict[str, str]) -> tuple[str, dict[str, str]]:
    """Return the path of a target such as ``http://host/path``, and the headers with its host, which counts.

    Clients send this form to proxies, and a server has to understand it as well.
    """
    scheme, separator, rest = target.partition("://")
    if not separator or scheme.lower() not in {"http", "https"}:
        return target, headers
    authority, slash, path = rest.partition("/")
    authority, question, query = authority.partition("?")
    target = f"/?{query}{slash}{path}" if question else f"/{path}"
    return target, {**headers, "host": authority}
