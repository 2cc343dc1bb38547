"""Reading requests off one connection: llhttp parses; what exceeds a limit or could mean two things is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple, NoReturn
from urllib.parse import unquote

import httptools

from mlops_magics.core.deploying.contract.http_error import Refusal, malformed, overloaded, too_large
from mlops_magics.core.deploying.contract.http_messages import Request

if TYPE_CHECKING:
    from mlops_magics.core.deploying.server.http.http_server import Front

ONCE = frozenset({"host", "authorization", "content-type", "content-length", "transfer-encoding", "origin"})
"""Headers that mean two different things when they come twice."""


class Asked(NamedTuple):
    """A request that was read, and how its answer is to be written."""

    request: Request
    size: int
    """Bytes of the body as it was received; the request's own may have been unpacked."""
    keep: bool = True
    old: bool = False


class Reader:
    """Turns a client's bytes into requests, and admits or refuses each by its head alone.

    Parameters
    ----------
    head_read
        Told that a head was admitted, and whether its client waits for a go before it sends the body.
    take
        Takes each request.

    Attributes
    ----------
    held
        Bytes of the body that is being received.
    target, headers
        Of the request that is being received.
    """

    def __init__(self, front: Front, head_read: Callable[[bool], None], take: Callable[[Asked], None]) -> None:
        self._front, self._head_read, self._take = front, head_read, take
        self._parser = httptools.HttpRequestParser(self)
        self._inside = False  # a request, as far as the parser has read
        self._last: Asked | None = None
        self._reset()

    def _reset(self) -> None:
        self.target = b""
        self.headers: dict[str, str] = {}
        self.held = 0
        self._header_bytes = 0
        self._chunks: list[bytes] = []
        self._refusal: Refusal | None = None

    def read(self, data: bytes) -> None:
        """Hand on every request that ends in these bytes.

        Raises
        ------
        Refusal
            Nothing that follows on this connection can be trusted to be a request.
        """
        between = not self._inside
        if between:
            request = self._front.heads.read(data)
            if request is not None and self._front.has_room(len(request.body)):
                self._front.buffered += len(request.body)
                self._take(Asked(request, len(request.body)))
                return
        self._parse(data)
        last, self._last = self._last, None  # a connection that stays open holds no body
        if between and last is not None and last.keep and not last.old:
            self._front.heads.learn(data, last.request)

    def close(self) -> None:
        """Let go of the parser, which holds this reader as this reader holds it, and of what was received."""
        self._last = None
        self._reset()
        del self._parser

    def _parse(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            raise malformed("This endpoint speaks HTTP/1.1 only.") from None
        except httptools.HttpParserCallbackError:
            raise self._refusal or malformed("The request could not be read.") from None
        except httptools.HttpParserError:
            raise malformed("This is no valid HTTP/1.1 request.") from None

    def _stop(self, refusal: Refusal) -> NoReturn:
        """Note why the request is refused: the parser lets no error of ours through but as one of its own."""
        self._refusal = refusal
        raise refusal

    # What the parser calls

    def on_message_begin(self) -> None:
        """Know that the parser is no longer between two requests."""
        self._inside = True

    def on_url(self, url: bytes) -> None:
        """Take a piece of the request's target."""
        self.target += url
        self._count_header(len(url))

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take one header."""
        self._count_header(len(name) + len(value))
        key = name.decode("latin-1").lower()
        text = value.decode("latin-1")
        if key in self.headers:
            if key in ONCE:
                self._stop(malformed(f"The header {key} is given twice."))
            text = f"{self.headers[key]}, {text}"
        self.headers[key] = text

    def on_headers_complete(self) -> None:
        """Admit or refuse by the headers alone, before a byte of the body is read."""
        if self._parser.get_http_version() not in {"1.0", "1.1"}:
            self._stop(malformed("This endpoint speaks HTTP/1.1 only."))
        self._path, _, self._query = self.target.decode("latin-1").partition("?")
        if not self._path.startswith("/") or "#" in self._path:
            self._stop(malformed("The request's target is no path."))
        if "%" in self._path:
            self._path = unquote(self._path)
        refusal = self._front.service.guard.refusal(self._path, self.headers)
        if refusal is not None:
            self._stop(refusal)
        length = self.headers.get("content-length")
        if length is not None:
            self._admit_size(int(length))
        self._head_read(self.headers.get("expect", "").lower() == "100-continue")

    def on_body(self, chunk: bytes) -> None:
        """Take a piece of the body, within the limits."""
        room = self._front.has_room(len(chunk))
        self.held += len(chunk)
        self._front.buffered += len(chunk)
        self._admit_size(self.held)
        if not room:
            self._stop(overloaded("Too many large requests at once; ask again in a few seconds.", retry_after=5))
        self._chunks.append(chunk)

    def on_message_complete(self) -> None:
        """Hand the request on."""
        body = self._chunks[0] if len(self._chunks) == 1 else b"".join(self._chunks)
        request = Request(self._parser.get_method().decode("latin-1"), self._path, self._query, self.headers, body)
        old = self._parser.get_http_version() == "1.0"
        self._last = asked = Asked(request, len(body), self._parser.should_keep_alive(), old)
        self._inside = False
        self._reset()
        self._take(asked)

    def _count_header(self, count: int) -> None:
        self._header_bytes += count + 4
        if self._header_bytes > self._front.limits.header_bytes:
            self._stop(Refusal(431, f"At most {self._front.limits.header_bytes:,} bytes of headers are taken."))

    def _admit_size(self, count: int) -> None:
        most = self._front.limits.body_bytes
        if count > most:
            self._stop(too_large(f"At most {most:,} bytes are taken. Send the rows in several requests."))
