"""Serialisation of responses to HTTP/1.1."""

from __future__ import annotations

from http import HTTPStatus

from mlops_magics.core.deploying.contract.http_messages import Response

STATUS_LINES = {status.value: f"HTTP/1.1 {status.value} {status.phrase}\r\n" for status in HTTPStatus}
FIXED_HEADERS = "X-Content-Type-Options: nosniff\r\nCache-Control: no-store\r\n"
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


def serialise(response: Response, date: str, *, keep: bool, bodiless: bool = False, old: bool = False) -> bytes:
    """Return the bytes of a response.

    Parameters
    ----------
    date
        The line of the ``Date`` header.
    keep
        Whether the connection stays open.
    bodiless
        For the response to HEAD.
    old
        For a client of HTTP/1.0, which needs ``Connection: keep-alive`` to keep the connection.
    """
    own = ""
    for name, value in response.headers:  # two or three: quicker than a list and its join
        own += f"{name}: {value}\r\n"
    lasts = ("Connection: keep-alive\r\n" if old else "") if keep else "Connection: close\r\n"
    head = (
        f"{STATUS_LINES[response.status]}{FIXED_HEADERS}{date}Content-Type: {response.content_type}\r\n"
        f"Content-Length: {len(response.body)}\r\n{own}{lasts}\r\n"
    ).encode("latin-1", "replace")
    return head if bodiless else head + response.body
