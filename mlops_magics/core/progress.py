"""Progress of long work. A listener receives its steps, and without a listener they cost nothing.

Work calls ``report("comparing features", 3, 200)``, and a face wraps the call in ``with listen(listener)``.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, TypeVar

T = TypeVar("T")
BYTES = "B"


@dataclass(frozen=True, slots=True)
class Step:
    """One report of progress.

    Attributes
    ----------
    what
        The present step, as a participle: ``writing the model``.
    done, total
        The progress in ``unit`` (``"B"`` for bytes, else a plural noun). ``total`` is None where it is not known.
    record
        The record of the work so far, which a face may show in place of the step.
    """

    what: str
    done: float = 0
    total: float | None = None
    unit: str = ""
    record: Any = None


Listener = Callable[[Step], None]
_listener: ContextVar[Listener | None] = ContextVar("mlops_magics_progress", default=None)


def report(what: str, done: float = 0, total: float | None = None, unit: str = "", record: Any = None) -> None:
    """Report the present step, and the record of the work so far where there is one.

    Parameters
    ----------
    what
        The present step, as a participle: ``writing the model``.
    done, total, unit, record
        As in `Step`.
    """
    listener = _listener.get()
    if listener is not None:
        listener(Step(what, done, total, unit, record))


def each(items: Iterable[T], what: str, total: int, unit: str) -> Iterator[T]:
    """Yield the items, and report after each how many are done.

    Parameters
    ----------
    items
        What is worked on.
    what
        The step.
    total, unit
        The number of items, and their plural noun.
    """
    report(what, 0, total, unit)
    for done, item in enumerate(items, 1):
        yield item
        report(what, done, total, unit)


@contextlib.contextmanager
def listen(listener: Listener) -> Iterator[None]:
    """Let a listener receive the progress that is reported inside, in this thread."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)
