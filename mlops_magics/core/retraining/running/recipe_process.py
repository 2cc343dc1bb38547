"""The process of a recipe: started in a group of its own, watched step by step, ended at its limit."""

from __future__ import annotations

import collections
import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

from mlops_magics.core import state
from mlops_magics.core.deploying.endpoints import processes
from mlops_magics.core.recipe_guard import RETRAINING_VARIABLE
from mlops_magics.core.retraining.running.job import Job
from mlops_magics.core.versioning.describing.secrets import redaction

MODULE = "mlops_magics.magics.recipe_runner"
"""Module that runs IPython, which the core does not import."""
POLL_SECONDS = 0.1
GRACE_SECONDS = 5.0
"""Time between the request to a recipe to end and its killing."""
HEAD_BYTES, TAIL_BYTES = 2_000_000, 200_000
"""Parts of its output that are kept, from its beginning and its end."""
PIECE = 65_536


class RecipeProcess:
    """One run of a recipe, from `start` until `wait` returns."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._child: subprocess.Popen[bytes] | None = None
        self._reader: threading.Thread | None = None

    def start(self, folder: str) -> int:
        """Start the process in a folder and return its pid."""
        self._child = subprocess.Popen(  # noqa: S603 - the interpreter and a module of ours
            [sys.executable, "-m", MODULE, str(self._job.folder), str(os.getpid()), str(_started())],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            cwd=folder if folder and Path(folder).is_dir() else self._job.folder,
            env={**os.environ, RETRAINING_VARIABLE: str(self._job.folder), "PYTHONUNBUFFERED": "1", "NO_COLOR": "1"},
        )
        assert self._child.stdout is not None
        self._reader = threading.Thread(target=keep_output, args=(self._child.stdout, self._job.log), daemon=True)
        self._reader.start()
        return self._child.pid

    def wait(self, limit: float | None, notice: Callable[[dict[str, Any]], None]) -> bool:
        """Wait for the end, hand over each step that the recipe reports, and return False when the limit passed.

        Parameters
        ----------
        limit
            Seconds, or None for none.

        Raises
        ------
        Cancelled
            A person has cancelled the run. The process still works.
        """
        assert self._child is not None
        began, seen = time.monotonic(), 0
        while True:
            # before the reports are read: else the last of them could be written between the two
            ended = self._child.poll() is not None
            for report in self._job.reports()[seen:]:
                seen += 1
                notice(report)
            if ended:
                self._signal(getattr(signal, "SIGKILL", signal.SIGTERM))  # processes that the recipe left in its group
                self._end_output()
                return True
            if limit is not None and time.monotonic() - began > limit:
                self.stop()
                return False
            self._job.check_not_stopped()
            time.sleep(POLL_SECONDS)

    def stop(self) -> None:
        """End the process and all that it started."""
        if self._child is None:
            return
        # first a request, so that its processes can end and remove their files
        self._signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._child.wait(GRACE_SECONDS)
        self._signal(getattr(signal, "SIGKILL", signal.SIGTERM))
        self._child.wait()
        self._end_output()

    def _signal(self, number: int) -> None:
        assert self._child is not None
        try:
            if hasattr(os, "killpg"):
                os.killpg(self._child.pid, number)
            else:
                self._child.terminate()
        except (ProcessLookupError, PermissionError):
            return

    def _end_output(self) -> None:
        """Wait for the last of the output. A process that the recipe left must not hold it open."""
        if self._reader is None:
            return
        self._reader.join(GRACE_SECONDS)
        if not self._reader.is_alive():
            assert self._child is not None
            assert self._child.stdout is not None
            self._child.stdout.close()

    @property
    def status(self) -> int | None:
        """The exit status, or None while it runs."""
        return None if self._child is None else self._child.poll()


def keep_output(stream: IO[bytes], log: Path) -> None:
    """Write output to a file without its secrets: its beginning and its end, and not the middle."""
    kept, left_out = 0, 0
    tail: collections.deque[bytes] = collections.deque()
    held = 0
    with processes.open_private(log) as out:
        # read to the end though little is kept: a full pipe would stop the recipe
        for lines in _lines(stream):
            if kept < HEAD_BYTES:
                kept += out.write(_without_secrets(lines))
                out.flush()
                continue
            tail.append(lines)
            held += len(lines)
            while held > TAIL_BYTES and tail:
                gone = tail.popleft()
                held -= len(gone)
                left_out += len(gone)
        if left_out:
            out.write(f"\n… {left_out:,} bytes are left out …\n".encode())
        out.write(_without_secrets(b"".join(tail)))


def _lines(stream: IO[bytes]) -> Iterator[bytes]:
    """Yield what was read, whole lines at once: a secret that is cut in two would not be found."""
    begun = b""
    while piece := os.read(stream.fileno(), PIECE):
        text = begun + piece
        end = max(text.rfind(b"\n"), text.rfind(b"\r")) + 1
        end = len(text) if end == 0 and len(text) > PIECE else end
        begun = text[end:]
        if end:
            yield text[:end]
    if begun:
        yield begun


def _without_secrets(lines: bytes) -> bytes:
    return redaction.redact_lines(lines.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")


def last_lines(log: Path, count: int = 20) -> str:
    """Return the last lines of an output."""
    text = state.read_tail(log, TAIL_BYTES).decode("utf-8", "replace")
    return "\n".join(text.rstrip().splitlines()[-count:])


def _started() -> float:
    return processes.started_at(os.getpid()) or 0.0
