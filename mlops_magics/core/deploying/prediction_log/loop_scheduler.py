"""Turns at the interpreter: a thread's work is done in the event loop, step by step between its callbacks.

A thread that computes beside the loop takes the interpreter from it at every callback; both then lose more time to the
changes than the work takes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator
from concurrent.futures import Future
from typing import Any, TypeVar

Result = TypeVar("Result")
Work = Generator[None, None, Result]
"""Work that yields after each step."""


def at_once(work: Work[Result]) -> Result:
    """Do the work here and now, and return its result."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            result: Result = end.value
            return result


class Turns:
    """Does the work of other threads in an event loop once it has one, and at once before."""

    def __init__(self) -> None:
        self.loop: asyncio.AbstractEventLoop | None = None

    def __call__(self, work: Work[Result]) -> Result:
        """Return the work's result, or raise what it raises; never called in the loop itself."""
        if self.loop is None:
            return at_once(work)
        done: Future[Result] = Future()
        self.loop.call_soon_threadsafe(_step, self.loop, work, done)
        return done.result()


def _step(loop: asyncio.AbstractEventLoop, work: Work[Any], done: Future[Any]) -> None:
    try:
        next(work)
    except StopIteration as end:
        done.set_result(end.value)
    except Exception as error:
        done.set_exception(error)
    else:
        loop.call_soon(_step, loop, work, done)


Turn = Callable[[Work[Any]], Any]
"""Does work: `at_once`, or a `Turns`."""
