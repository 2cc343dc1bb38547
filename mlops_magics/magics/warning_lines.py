"""Warnings as errors are shown: in one line, without the place in the code that Python adds."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterator

from mlops_magics.terminal_text import printable


@contextlib.contextmanager
def in_one_line(head: str, kind: type[Warning]) -> Iterator[None]:
    """Print the warnings of a class, and of those below it, in one line. What records or refuses them is not changed.

    Parameters
    ----------
    head
        The words before a warning.
    """
    before = warnings.formatwarning

    def line(message: Warning | str, category: type[Warning], *place: object, **more: object) -> str:
        if issubclass(category, kind):
            return printable(f"{head}: {' '.join(str(message).split())}\n")
        return before(message, category, *place, **more)  # type: ignore[arg-type]

    warnings.formatwarning = line
    try:
        yield
    finally:
        warnings.formatwarning = before
