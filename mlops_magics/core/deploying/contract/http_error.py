"""Why a request is not answered: a status, one line for a person, and what is wrong where."""

from __future__ import annotations

from collections.abc import Sequence

from mlops_magics.errors import EndpointError

UNPROCESSABLE = 422


class Refusal(EndpointError):
    """A request that is answered with an error; it never carries a path or a traceback of the server."""

    def __init__(
        self, status: int, message: str, detail: Sequence[dict[str, object]] = (), *, retry_after: int | None = None
    ) -> None:
        super().__init__(message, status)
        self.code = status
        self.detail = list(detail)
        self.retry_after = retry_after


def malformed(message: str) -> Refusal:
    """Return the refusal of a body that cannot be read at all."""
    return Refusal(400, message)


def too_large(message: str) -> Refusal:
    """Return the refusal of a body beyond a limit."""
    return Refusal(413, message)


def overloaded(message: str, *, retry_after: int = 1) -> Refusal:
    """Return the refusal of a request that would have to wait too long."""
    return Refusal(503, message, retry_after=retry_after)


def problem(loc: Sequence[object], kind: str, msg: str) -> dict[str, object]:
    """Return one entry of ``detail``: where, a word for machines, a sentence for people."""
    return {"loc": ["body", *loc], "type": kind, "msg": msg}
