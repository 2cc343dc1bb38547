"""Heads of requests that were read and admitted before: clients repeat them byte for byte."""

from __future__ import annotations

from typing import NamedTuple

from mlops_magics.core.deploying.contract.http_messages import Request

END = b"\r\n\r\n"
MOST_KNOWN = 512
LONGEST = 2048
"""Bytes; together with `MOST_KNOWN` what the memory may take."""


class Head(NamedTuple):
    """What the parser made of a head, and the guard admitted."""

    request: Request
    """Without its body."""
    length: int
    """Of the body, bytes; part of the head, so the same whenever the same bytes come again."""


class Heads:
    """The heads of one worker, by their bytes.

    A head is learnt only from a buffer that the HTTP parser, at the beginning of a message, read as one whole request
    with a Content-Length. The same bytes at the same place mean the same again, so the parser need not be asked; all
    else, and whatever differs by a byte, is the parser's.
    """

    def __init__(self) -> None:
        self._known: dict[bytes, Head] = {}

    def read(self, data: bytes) -> Request | None:
        """Return the one request that the data are, if its head is known."""
        end = data.find(END) + len(END)
        head = self._known.get(data[:end])
        if head is None or len(data) - end != head.length:
            return None
        like = head.request
        return Request(like.method, like.path, like.query, like.headers, data[end:])

    def learn(self, data: bytes, request: Request) -> None:
        """Keep the head of a request that the parser read from exactly these data."""
        end = data.find(END) + len(END)
        headers = request.headers
        length = int(headers.get("content-length", -1))
        if len(data) - end != length or end > LONGEST or "expect" in headers or "transfer-encoding" in headers:
            return
        if len(self._known) >= MOST_KNOWN:
            self._known.clear()
        like = Request(request.method, request.path, request.query, headers)
        self._known[data[:end]] = Head(like, length)
