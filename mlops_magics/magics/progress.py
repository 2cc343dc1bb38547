"""The progress of long work: its step, its share, its rate, and the time left. Short work shows nothing."""

from __future__ import annotations

import contextlib
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, Protocol

from mlops_magics.core import progress
from mlops_magics.core.progress import BYTES, Step
from mlops_magics.core.sizes import readable_size
from mlops_magics.errors import Interrupted

QUIET_SECONDS = 1.0
EVERY_SECONDS = 0.2
SILENT_SECONDS = 1.0
NAMED = 3  # steps that the last line names
STEADY_SECONDS = 0.3  # before a rate is shown


class Face(Protocol):
    """The place where progress is shown: one line, shown again in its place."""

    def show(self, words: str, share: float | None) -> None:
        """Show the current step. ``share`` of it is done, between 0 and 1, where that is known."""

    def present(self, record: Any) -> None:
        """Show the record of the work so far, where there is a place for it."""

    def end(self, words: str) -> None:
        """Leave the last line."""

    def fail(self, words: str) -> None:
        """Leave the state in which the work failed."""


class Bar:
    """Progress of one piece of work: it takes the steps, and passes them to a face.

    Parameters
    ----------
    clock
        Seconds, as `time.monotonic` counts them.
    """

    def __init__(self, face: Face, clock: Callable[[], float] = time.monotonic) -> None:
        self._face, self._clock = face, clock
        self._began = self._step_began = clock()
        self._told = -EVERY_SECONDS
        self._lock = threading.Lock()
        self._took: dict[str, float] = {}
        self._now: Step | None = None
        self.shown = False

    def __call__(self, step: Step) -> None:
        """Take one step. It is shown when the work is long enough, and a few times a second."""
        now = self._clock()
        if step.record is not None:
            self._face.present(step.record)
        with self._lock:
            if self._now is None or step.what != self._now.what:
                self._close_step(now)
                self._step_began = now
            self._now = step
            self._show(step, now)

    def look(self) -> None:
        """Show again a step that has been silent for long: time passes, too."""
        now = self._clock()
        with self._lock:
            if self._now is not None and now - self._told >= SILENT_SECONDS:
                self._show(self._now, now)

    def _show(self, step: Step, now: float) -> None:
        if now - self._began >= QUIET_SECONDS and now - self._told >= EVERY_SECONDS:
            self._told, self.shown = now, True
            self._face.show(sentence(step, now - self._step_began), step.done / step.total if step.total else None)

    def done(self) -> None:
        """Show the duration and the longest steps, and nothing of short work."""
        self._close_step(self._clock())
        if self.shown:
            longest = sorted(self._took.items(), key=lambda item: -item[1])[:NAMED]
            parts = ", ".join(f"{what} {seconds:.1f} s" for what, seconds in longest if seconds >= 0.1)
            self._face.end(f"Took {self._clock() - self._began:.1f} s{': ' if parts else ''}{parts}.")

    def failed(self) -> None:
        """Replace the line that still shows work."""
        if self.shown:
            self._face.fail(f"Ended after {self._clock() - self._began:.1f} s, while {self._what()}.")

    def interrupted(self, kept: str) -> None:
        """Show the step at which the work ended, and the parts of it that are kept."""
        self._face.fail(f"Interrupted after {self._clock() - self._began:.1f} s, while {self._what()}. {kept}".strip())

    def _what(self) -> str:
        return self._now.what if self._now is not None else "the work began"

    def _close_step(self, now: float) -> None:
        if self._now is not None:
            self._took[self._now.what] = self._took.get(self._now.what, 0.0) + now - self._step_began


def sentence(step: Step, seconds: float) -> str:
    """Return a step in words.

    Examples
    --------
    >>> sentence(Step("comparing with the reference", 50, 200, "features"), 2.0)
    'comparing with the reference: 50 of 200 features, 25 features/s, 6 s left'
    >>> sentence(Step("writing big.skops", 3e8, None, "B"), 1.5)
    'writing big.skops: 300 MB, 200 MB/s'
    >>> sentence(Step("converting the model"), 12.0)
    'converting the model … 12 s'
    """
    rate = step.done / seconds if step.done and seconds >= STEADY_SECONDS else None
    parts = []
    if step.done or step.total:
        parts.append(f"{_amount(step.done, step.unit, bare=step.total is not None)}{_of(step)}")
    if rate:
        parts.append(f"{_amount(rate, step.unit)}/s")
    if rate and step.total:
        parts.append(f"{(step.total - step.done) / rate:.0f} s left")
    if not parts:
        return f"{step.what} …" + (f" {seconds:.0f} s" if seconds >= 1 else "")
    return f"{step.what}: {', '.join(parts)}"


def _of(step: Step) -> str:
    return "" if step.total is None else f" of {_amount(step.total, step.unit)}"


def _amount(value: float, unit: str, *, bare: bool = False) -> str:
    """Return bytes in the largest unit that leaves a digit before the point, and counts with their noun."""
    if unit != BYTES:
        count = f"{value:,.0f}" if value >= 10 or value == int(value) else f"{value:.1f}"
        return count if bare or not unit else f"{count} {unit}"
    return readable_size(value)


class NotebookFace:
    """A bar of the browser's own in the cell's output. The saved notebook keeps its last line as text.

    Parameters
    ----------
    open_view
        Opens the live view of a record, and returns it with the data of its display, or None for a record without one.
    """

    def __init__(self, open_view: Callable[[Any], tuple[Any, dict[str, Any]] | None] | None = None) -> None:
        self._handle: Any = None
        self._open_view = open_view
        self._view: Any = None
        self._record: Any = None

    def present(self, record: Any) -> None:
        """Show the live view of the record in place of the bar, and let it follow."""
        self._record = record
        if self._view is not None:
            self._view.show(record)
            return
        opened = None if self._open_view is None else self._open_view(record)
        if opened is not None:
            self._view, data = opened
            self._put(data)

    def show(self, words: str, share: float | None) -> None:
        """Draw the bar, or draw it anew, where no view shows the work."""
        if self._view is not None:
            return
        import html

        value = "" if share is None else f' max="1" value="{share:.3f}"'
        said = html.escape(words)
        self._put({"text/html": f"<label><progress{value}></progress> {said}</label>", "text/plain": words})

    def end(self, words: str) -> None:
        """Put the last line in place of the bar."""
        import html

        self._put({"text/html": f"<small>{html.escape(words)}</small>", "text/plain": words})

    def fail(self, words: str) -> None:
        """Leave the view of the failed or cancelled work, else the last line."""
        opened = None if self._view is None or self._open_view is None else self._open_view(self._record)
        if opened is None:
            self.end(words)
        else:
            self._put(opened[1])

    def _put(self, data: dict[str, Any]) -> None:
        from IPython.display import display

        if self._handle is None:
            self._handle = display(data, raw=True, display_id=True)  # type: ignore[no-untyped-call]
        else:
            self._handle.update(data, raw=True)


class TerminalFace:
    """One line of a terminal, written over, nothing where standard error is not a terminal."""

    def __init__(self) -> None:
        self._width = 0

    def show(self, words: str, share: float | None) -> None:
        """Write the line over."""
        if sys.stderr.isatty():
            part = "" if share is None else f"{share:4.0%}  "
            # padded to the width of the last line, whose end would else stay
            self._write(f"\r{f'{part}{words}':<{self._width}}")
            self._width = len(words) + 6

    def present(self, record: Any) -> None:
        """Leave the record to its last line."""

    def fail(self, words: str) -> None:
        """Write the last line."""
        self.end(words)

    def end(self, words: str) -> None:
        """Write the last line, and leave it."""
        if sys.stderr.isatty():
            self._write(f"\r{words:<{self._width}}\n")

    @staticmethod
    def _write(text: str) -> None:
        sys.stderr.write(text)
        sys.stderr.flush()


@contextlib.contextmanager
def shown(face: Face, kept: str = "") -> Iterator[None]:
    """Show the progress of the work inside. ``kept`` names the parts that an interruption leaves.

    Raises
    ------
    Interrupted
        The user interrupted it.
    """
    bar = Bar(face)
    try:
        with _refreshing(bar), progress.listen(bar):
            yield
    except KeyboardInterrupt:
        bar.interrupted(kept)
        raise Interrupted from None  # its place and consequence are shown already
    except BaseException:
        bar.failed()
        raise
    bar.done()


@contextlib.contextmanager
def _refreshing(bar: Bar) -> Iterator[None]:
    """Look at a bar now and then, from a thread that ends with the work."""
    ended = threading.Event()

    def look() -> None:
        while not ended.wait(SILENT_SECONDS / 2):
            bar.look()

    watching = threading.Thread(target=look, name="progress", daemon=True)
    watching.start()
    try:
        yield
    finally:
        ended.set()
        watching.join()
