"""Errors of a file system as one line with a next step."""

from __future__ import annotations

import contextlib
import errno
from collections.abc import Iterator

from mlops_magics.errors import BoardError


def board_error(error: OSError, url: str, verb: str) -> BoardError:
    """Return the error of a board for an error of the system, with the next step."""
    advice = {
        errno.ENOSPC: "The disk is full: free some space, or `%board` another place.",
        errno.EDQUOT: "The quota is used up: free some space, or `%board` another place.",
        errno.EFBIG: "The file is over a limit of this process or disk: raise `ulimit -f`, or `%board` elsewhere.",
        errno.EROFS: "The board is read-only: `%copy` the model to a board of your own, or `%board` another place.",
        errno.EACCES: "You have no permission there: `%board` another place.",
        errno.EPERM: "You have no permission there: `%board` another place.",
        errno.ELOOP: "Links are not followed on a board: run `%verify`.",
    }.get(error.errno or 0, "Nothing was published. Try again.")
    return BoardError(
        f"The board {url} could not be {'written' if verb == 'write' else verb}: {error.strerror or error}. {advice}"
    )


@contextlib.contextmanager
def refusals(url: str) -> Iterator[None]:
    """Turn errors of the system into errors of the board."""
    try:
        yield
    except OSError as error:
        raise board_error(error, url, "write") from error
