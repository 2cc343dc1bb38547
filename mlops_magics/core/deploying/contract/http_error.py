"""Errors of a request: a status, one line for people, and each problem with its place."""

from __future__ import annotations

from collections.abc import Sequence

from mlops_magics.errors import EndpointError

UNPROCESSABLE = 422


class HttpError(EndpointError):
    """A request that is answered with an error, which never contains a path or a traceback of the server.

    Parameters
    ----------
    status
        The HTTP status.
    message
        One line for people.
    detail
        Entries that `problem` makes.
    retry_after
        Seconds after which the client may try again.
    """

    def __init__(
        self, status: int, message: str, detail: Sequence[dict[str, object]] = (), *, retry_after: int | None = None
    ) -> None:
        super().__init__(message, status)
        self.code = status
        self.detail = list(detail)
        self.retry_after = retry_after


def malformed(message: str) -> HttpError:
    """Return the error of a body that cannot be read at all: 400."""
    return HttpError(400, message)


def too_large(message: str) -> HttpError:
    """Return the error of a body beyond a limit: 413."""
    return HttpError(413, message)


def overloaded(message: str, *, retry_after: int = 1) -> HttpError:
    """Return the error of a request that would wait too long: 503."""
    return HttpError(503, message, retry_after=retry_after)


def out_of_memory() -> HttpError:
    """Return the error of a request for which the process has no memory: 503. Others are answered meanwhile."""
    return overloaded("The endpoint does not have the memory for this request. Send fewer rows, or try again.")


def problem(loc: Sequence[object], kind: str, msg: str) -> dict[str, object]:
    """Return one entry of ``detail``: where, a word for programs, a sentence for people."""
    return {"loc": ["body", *loc], "type": kind, "msg": msg}
