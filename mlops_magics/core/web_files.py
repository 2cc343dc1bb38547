"""Files at web addresses: fetched whole into a temporary file, bounded in time and bytes, with checked redirects."""

from __future__ import annotations

import base64
import contextlib
import http.client
import shutil
import socket
import tempfile
import urllib.error
import urllib.parse
import urllib.request
import zlib
from collections.abc import Iterator
from typing import Any, BinaryIO, cast

from mlops_magics.core import file_heads, http_answers, inner_addresses
from mlops_magics.core.remote_errors import shown
from mlops_magics.errors import BoardError, NotFound

SECONDS = 60.0
"""Seconds for an answer, see `http_answers`."""

MOST_UNDECLARED = 1_000_000_000
"""Bytes of a file whose server does not declare its length: it may never end."""

SPARE = 1_000_000_000
"""Bytes of the disk that a file leaves free."""

MOST_REDIRECTS = 10
PORTS = {"http": 80, "https": 443}


def is_web(path: str) -> bool:
    """Return whether a path is the address of a file on the web."""
    return path.lower().startswith(("http://", "https://"))


@contextlib.contextmanager
def fetched(url: str) -> Iterator[BinaryIO]:
    """Yield a copy of the file at an address, open at its start.

    Raises
    ------
    BoardError
        The server does not answer in time, answers with an error or a web page, or has no file that fits.
    NotFound
    """
    with tempfile.TemporaryFile(prefix="mlops-magics-") as copy:
        with _answers(url) as answer:
            _copy(answer, cast(BinaryIO, copy))
            copy.seek(0)
            file_heads.check(copy)
        yield cast(BinaryIO, copy)


def facts_of(url: str) -> dict[str, Any]:
    """Return the size of the file at an address, 0 where it is not declared, and its ETag.

    Raises
    ------
    BoardError, NotFound
        As `fetched`.
    """
    with _answers(url) as answer:
        mark = answer.headers.get("ETag") or answer.headers.get("Last-Modified")
        return {"type": "file", "size": _length(answer) or 0} | ({"ETag": mark} if mark else {})


@contextlib.contextmanager
def _answers(url: str) -> Iterator[Any]:
    request = _request(url)
    try:
        with http_answers.opener(_Redirects()).open(request, timeout=SECONDS) as answer:
            yield answer
    except urllib.error.HTTPError as error:
        error.close()
        if error.code in (404, 410):
            raise NotFound("file", shown(url), hint="Check the address.") from None
        raise _unread(url, f"the server answered {error.code}") from None
    except (OSError, http.client.HTTPException, ValueError, zlib.error) as error:
        raise _unread(url, http_answers.reason(error)) from error


def _request(url: str) -> urllib.request.Request:
    """Return the request for an address, whose user and password are for its own host alone."""
    parts = urllib.parse.urlsplit(url)
    user, _, place = parts.netloc.rpartition("@")
    bare = urllib.parse.quote(parts._replace(netloc=place, fragment="").geturl(), safe="%/:=&?~#+!$,;'@()*[]")
    request = urllib.request.Request(bare, headers={"Accept-Encoding": "identity"})  # noqa: S310 - http or https
    if user:
        token = base64.b64encode(urllib.parse.unquote(user).encode()).decode()
        request.add_unredirected_header("Authorization", f"Basic {token}")
    return request


def _copy(answer: Any, copy: BinaryIO) -> None:
    """Write the body of an answer to a file, unpacked where the server packed it."""
    length, count, packed = _length(answer), 0, answer.headers.get("Content-Encoding", "").lower()
    unpacked = zlib.decompressobj(zlib.MAX_WBITS | 32) if packed in ("gzip", "x-gzip", "deflate") else None
    most = MOST_UNDECLARED if length is None or unpacked is not None else length
    while piece := answer.read(http_answers.PIECE):
        while piece:
            data = unpacked.decompress(piece, http_answers.PIECE) if unpacked is not None else piece
            count += copy.write(data)
            if count > most or shutil.disk_usage(tempfile.gettempdir()).free < SPARE:
                raise ValueError(f"it was given up after {count:,} bytes: it states no length, or the disk is full")
            piece = unpacked.unconsumed_tail if unpacked is not None else b""
    if unpacked is not None and not unpacked.eof:
        raise ValueError(f"it ended within its packed bytes, {count:,} bytes unpacked")
    if unpacked is None and length is not None and count < length:
        raise ValueError(f"it ended after {count:,} of {length:,} bytes")


def _length(answer: Any) -> int | None:
    declared = answer.headers.get("Content-Length")
    return int(declared) if declared is not None and declared.isascii() and declared.isdecimal() else None


def _unread(url: str, why: str) -> BoardError:
    return BoardError(f"The file {shown(url)} could not be read: {why}. Check the address, then try again.")


class _Redirects(urllib.request.HTTPRedirectHandler):
    """A handler that follows redirects, but not from https to http, and not to an inner network of this machine."""

    max_redirections = MOST_REDIRECTS
    max_repeats = MOST_REDIRECTS

    def redirect_request(
        self, req: urllib.request.Request, fp: Any, code: int, msg: str, headers: Any, newurl: str
    ) -> urllib.request.Request | None:
        """Return the next request, or raise why it is refused."""
        before, after = urllib.parse.urlsplit(req.full_url), urllib.parse.urlsplit(newurl)
        if after.scheme not in PORTS or (before.scheme, after.scheme) == ("https", "http"):
            raise ValueError(f"it redirects to {shown(newurl):.100}, which is not followed")
        if _place(before) != _place(after):
            _refuse_inner(after)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _place(parts: urllib.parse.SplitResult) -> tuple[str, int]:
    return str(parts.hostname), parts.port or PORTS.get(parts.scheme, 0)


def _refuse_inner(parts: urllib.parse.SplitResult) -> None:
    """Raise where a redirect leads to an address that the other side cannot reach itself."""
    host, port = _place(parts)
    for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        if not inner_addresses.is_outside(str(entry[4][0])):
            raise ValueError(f"it redirects to {host:.100}, an address of this machine or of an inner network")
