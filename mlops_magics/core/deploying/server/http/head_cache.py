"""A cache of parsed and admitted request heads, which clients repeat byte for byte."""

from __future__ import annotations

from typing import NamedTuple

from mlops_magics.core.deploying.contract.http_messages import Request
from mlops_magics.core.deploying.server.http.received_request import ReceivedRequest

END = b"\r\n\r\n"
MOST_KNOWN = 512
LONGEST = 2048
"""Bytes of a head. Times `MOST_KNOWN` it bounds the memory of the cache."""


class CachedHead(NamedTuple):
    """A head that the parser read and the guard admitted."""

    request: Request
    """Without its body."""
    length: int
    """Bytes of the body, which are part of the head, so the same whenever the same bytes come again."""


class HeadCache:
    """The heads of one worker by their bytes.

    A head is stored only from a buffer that the HTTP parser, at the start of a message, read as one whole request
    with a Content-Length. The same bytes at the same position have the same meaning again, so they need no parser.
    Any other bytes go to the parser.
    """

    def __init__(self) -> None:
        self._known: dict[bytes, CachedHead] = {}

    def read(self, data: bytes) -> ReceivedRequest | None:
        """Return the one request in ``data`` if its head is known."""
        # without an end this is 3, and no head has three bytes
        end = data.find(END) + len(END)
        head = self._known.get(data[:end])
        if head is None or len(data) - end != head.length:
            return None
        like = head.request
        return ReceivedRequest(like.method, like.path, like.query, like.headers, data[end:], head.length)

    def learn(self, data: bytes, request: Request) -> None:
        """Store the head of a request that the parser read from exactly these bytes."""
        end = data.find(END) + len(END)
        headers = request.headers
        length = int(headers.get("content-length", -1))
        # a client that sends Expect waits for 100 before its body (RFC 9110, section 10.1.1)
        if len(data) - end != length or end > LONGEST or "expect" in headers or "transfer-encoding" in headers:
            return
        if len(self._known) >= MOST_KNOWN:
            self._known.clear()
        like = Request(request.method, request.path, request.query, headers)
        self._known[data[:end]] = CachedHead(like, length)
