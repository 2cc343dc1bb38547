"""Errors of remote stores as one line, without what their libraries print about keys."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator

from mlops_magics.errors import BoardError

HALF = " Nothing is half-published."
"""What a person who published to a board has to know."""


def shown(url: str) -> str:
    """Return an address for a message: without user and password, and without the parameters, which may be signatures.

    >>> shown("https://me:hunter2@example.org/days.csv?sig=abc"), shown("days/1.csv")
    ('https://example.org/days.csv', 'days/1.csv')
    """
    scheme, mark, place = url.partition("://")
    if not mark or not re.fullmatch(r"[A-Za-z][\w+.:-]*", scheme):
        return url
    host, slash, path = place.partition("?")[0].rpartition("@")[2].partition("/")
    return f"{scheme}://{host}{slash}{path}"


@contextlib.contextmanager
def remote_refusals(url: str, verb: str, place: str = "board") -> Iterator[None]:
    """Turn an error of a service during a read or write (``verb``) into one clear line.

    Parameters
    ----------
    place
        The word for what is at the URL: board, log, input.

    Raises
    ------
    BoardError
        The service did not answer, or refused.
    """
    try:
        yield
    except (FileNotFoundError, FileExistsError):
        raise
    except PermissionError as error:
        raise _refused(url, verb, place, "no permission", "Check the credentials in the environment") from error
    except Exception as error:  # every library has errors of its own
        # our own errors, those of rows, and faults of the program are not the store's
        library = type(error).__module__.partition(".")[0]
        if not isinstance(error, OSError) and library in {"mlops_magics", "builtins", "pyarrow", "pandas"}:
            raise
        raise _refused(url, verb, place, type(error).__name__, "Check the network and the credentials") from error


def _refused(url: str, verb: str, place: str, why: str, advice: str) -> BoardError:
    written = "written" if verb == "write" else verb
    half = HALF if place == "board" else ""
    return BoardError(f"The {place} {shown(url)} could not be {written}: {why}. {advice}, then try again.{half}")
