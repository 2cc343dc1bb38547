"""The steps of long work, and the listener that a face sets."""

from __future__ import annotations

import threading

from mlops_magics.core.progress import Step, each, listen, report


def test_work_without_a_listener_goes_on() -> None:
    """A step that no listener waits for is dropped."""
    report("writing the model")

    assert list(each("ab", "reading", 2, "letters")) == ["a", "b"]


def test_a_listener_gets_every_step_of_its_own_thread() -> None:
    """The inner listener replaces the outer one for a while; another thread has none."""
    outer: list[Step] = []
    inner: list[Step] = []
    with listen(outer.append):
        list(each("ab", "reading", 2, "letters"))
        with listen(inner.append):
            report("hashing", 10, 20, "B")
        other = threading.Thread(target=report, args=("elsewhere",))
        other.start()
        other.join()
        report("end")
    report("after")

    assert [(step.what, step.done) for step in outer] == [("reading", 0), ("reading", 1), ("reading", 2), ("end", 0)]
    assert inner == [Step("hashing", 10, 20, "B")]
