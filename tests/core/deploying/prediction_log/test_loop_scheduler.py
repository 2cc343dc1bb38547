"""Work of another thread is done in the event loop, a step at a time, and what waits in the loop comes in between."""

from __future__ import annotations

import asyncio
import itertools
import threading
from collections.abc import Iterator

import pytest

from mlops_magics.core.deploying.prediction_log.loop_scheduler import LoopScheduler, Work, run_now


def named(steps: int, seen: list[str]) -> Work[int]:
    for _ in range(steps):
        seen.append(threading.current_thread().name)
        yield
    return steps


def failing() -> Work[int]:
    yield
    raise ValueError("no room")


@pytest.fixture
def turns() -> Iterator[LoopScheduler]:
    """The turns of a loop that runs in a thread of its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="loop")
    thread.start()
    found = LoopScheduler()
    found.loop = loop
    yield found
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


def test_steps_are_taken_in_the_loop_and_others_come_in_between(turns: LoopScheduler) -> None:
    """A callback that asks again and again is called between any two steps."""
    assert turns.loop is not None
    seen: list[str] = []

    def other() -> None:
        seen.append("other")
        if seen.count("other") < 20:
            turns.loop and turns.loop.call_soon(other)

    turns.loop.call_soon_threadsafe(other)
    assert turns(named(5, seen)) == 5

    steps = [place for place, name in enumerate(seen) if name == "loop"]
    assert len(steps) == 5
    assert all("other" in seen[one:two] for one, two in itertools.pairwise(steps) if seen[:one].count("other") < 19)


def test_without_a_loop_the_steps_are_taken_at_once() -> None:
    """As before the loop runs, and for work that would hold it up."""
    for turn in (LoopScheduler(), run_now):
        seen: list[str] = []
        assert turn(named(3, seen)) == 3
        assert seen == [threading.current_thread().name] * 3


def test_what_a_step_raises_is_raised_where_the_work_was_asked_for(turns: LoopScheduler) -> None:
    """And the loop goes on."""
    with pytest.raises(ValueError, match="no room"):
        turns(failing())
    with pytest.raises(ValueError, match="no room"):
        run_now(failing())
    assert turns(named(2, [])) == 2
