"""A scheduler that runs a thread's CPU work on the event loop in small steps, to avoid GIL contention.

A thread that computes while the loop runs takes the GIL from it at every callback. The switches cost both more time
than the work itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator
from concurrent.futures import Future
from typing import Any, TypeVar

Result = TypeVar("Result")
Work = Generator[None, None, Result]
"""A generator that yields after each step of the work."""


def run_now(work: Work[Result]) -> Result:
    """Run all steps in this thread, and return the result."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            result: Result = end.value
            return result


class LoopScheduler:
    """Runs the work of other threads in an event loop, or in their own thread while it has no loop."""

    def __init__(self) -> None:
        self.loop: asyncio.AbstractEventLoop | None = None

    def __call__(self, work: Work[Result]) -> Result:
        """Return the work's result, or raise its error. It must not be called in the loop itself."""
        if self.loop is None:
            return run_now(work)
        done: Future[Result] = Future()
        self.loop.call_soon_threadsafe(_step, self.loop, work, done)
        return done.result()  # blocks this thread only; in the loop it would wait for ever


def _step(loop: asyncio.AbstractEventLoop, work: Work[Any], done: Future[Any]) -> None:
    try:
        next(work)
    except StopIteration as end:
        done.set_result(end.value)
    except Exception as error:
        done.set_exception(error)
    else:
        # behind the callbacks that are ready: a request waits for one step at most
        loop.call_soon(_step, loop, work, done)


Run = Callable[[Work[Any]], Any]
"""Runs work: `run_now`, or a `LoopScheduler`."""
