"""Batch scoring by processes of this machine: each has one model and one chunk in memory.

A worker reads tasks as JSON lines and writes events as JSON lines. One that ends in the middle of a part is replaced,
and the part is scored again.
"""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from typing import Any

from mlops_magics.core.deploying.batch.batch_task import BatchTask, PartResult
from mlops_magics.core.deploying.batch.score_part import score_part
from mlops_magics.core.remote_errors import shown
from mlops_magics.errors import InvalidInput

MOST_TRIES = 3
"""Of one part, whose worker was ended by something else: the kernel's out-of-memory killer ends it each time."""
MOST_WORKERS = 64


def worker_count(wanted: int | None, parts: int) -> int:
    """Return the number of processes: as requested, else one for each processor of the quota, and none in vain.

    Raises
    ------
    InvalidInput
    """
    from mlops_magics.core.deploying.server import container

    if wanted is not None and not 0 <= wanted <= MOST_WORKERS:
        raise InvalidInput(f"Workers are from 0 (this process alone) to {MOST_WORKERS}, not {wanted!r}.")
    if wanted == 0:
        return 0
    processors = wanted or int(container.processors() or os.cpu_count() or 1)
    return max(1, min(processors, parts, MOST_WORKERS))


def run(tasks: Sequence[BatchTask], workers: int) -> Iterator[tuple[int, PartResult | None]]:
    """Yield rows that were scored, and the result of each part as it ends.

    Parameters
    ----------
    workers
        Processes at once, or 0 for this process alone.
    """
    if workers == 0:
        yield from ((result.rows, result) for result in map(score_part, tasks))
        return
    waiting: queue.SimpleQueue[BatchTask | None] = queue.SimpleQueue()
    for each in tasks:
        waiting.put(each)
    events: queue.SimpleQueue[tuple[int, PartResult | None]] = queue.SimpleQueue()
    pool = [_Worker(waiting, events) for _ in range(workers)]
    try:
        left = len(tasks)
        while left:
            rows, result = events.get()
            left -= result is not None
            yield rows, result
    finally:
        for _ in pool:
            # one for each thread that waits for a part; an aborted run leaves no thread behind
            waiting.put(None)
        for worker in pool:
            worker.end()


class _Worker:
    """A process, and the thread that hands it its parts."""

    def __init__(self, waiting: queue.SimpleQueue[BatchTask | None], events: queue.SimpleQueue[Any]) -> None:
        self._waiting, self._events = waiting, events
        self._ended = False
        self._changing = threading.Lock()
        self._child: subprocess.Popen[str] | None = None
        threading.Thread(target=self._run, daemon=True).start()

    def end(self) -> None:
        """End the process, whatever it does: its drafts are not outputs."""
        with self._changing:
            # under the lock: else a process could start between this line and the kill, and outlive the run
            self._ended = True
            if self._child is not None:
                self._child.kill()
                self._child.wait()

    def _run(self) -> None:
        while (task := self._waiting.get()) is not None:
            result = None
            for _ in range(MOST_TRIES):
                result = result or self._attempt(task)
            if self._ended:
                return
            reason = f"the worker process was ended {MOST_TRIES} times while it scored this part"
            self._events.put((0, result or PartResult(shown(task.part.path), task.target, "failed", message=reason)))

    def _attempt(self, task: BatchTask) -> PartResult | None:
        """Return the result of a part, or None where the process ended before."""
        with self._changing:
            if self._ended:
                return None
            if self._child is None or self._child.poll() is not None:
                self._child = _started()
            child = self._child
        assert child.stdin is not None
        assert child.stdout is not None
        try:
            child.stdin.write(json.dumps(task.to_json()) + "\n")
            child.stdin.flush()
            for line in child.stdout:
                event = json.loads(line)
                if "result" in event:
                    return PartResult(**event["result"])
                self._events.put((event["rows"], None))
        except (OSError, ValueError):
            pass
        child.wait()
        return None


def _started() -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "mlops_magics.core.deploying.batch.batch_worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        # Ctrl-C of a terminal or a kernel goes to the whole group: the run ends the worker, without a traceback of it
        start_new_session=True,
    )
