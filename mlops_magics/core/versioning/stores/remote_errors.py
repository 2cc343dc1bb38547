"""Errors of remote stores as one line, without what their libraries print about keys."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from mlops_magics.errors import BoardError, NotFound


@contextlib.contextmanager
def remote_refusals(url: str, verb: str) -> Iterator[None]:
    """Turn an error of a service during a read or write (``verb``) into one clear line."""
    try:
        yield
    except (NotFound, BoardError, FileNotFoundError):
        raise
    except PermissionError as error:
        raise _refused(url, verb, "no permission", "Check the credentials in the environment") from error
    except Exception as error:  # every library has errors of its own
        # our own errors and faults of the program are not the store's
        if not isinstance(error, OSError) and type(error).__module__.partition(".")[0] in {"mlops_magics", "builtins"}:
            raise
        raise _refused(url, verb, type(error).__name__, "Check the network and the credentials") from error


def _refused(url: str, verb: str, why: str, advice: str) -> BoardError:
    written = "written" if verb == "write" else verb
    return BoardError(
        f"The board {url} could not be {written}: {why}. {advice}, then try again. Nothing is half-published."
    )
