"""Writing the log beside the answers: a bounded queue, one thread, durable batches; a full disk fails no request."""

from __future__ import annotations

import itertools
import logging
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from mlops_magics.core.deploying.prediction_log import segments
from mlops_magics.core.deploying.prediction_log.columns import Columns, Entry

if TYPE_CHECKING:
    import pyarrow as pa

FLUSH_SECONDS = 0.25
"""What a power cut may take: the answers of the last quarter of a second."""
MOST_WAITING = 2_000_000
"""Rows that wait to be written; beyond it the newest are dropped and counted."""
MOST_WAITING_BYTES = 256 << 20
"""What these rows may take, where they are wide."""
SEGMENT_BYTES = 64 << 20
MOST_LOG_BYTES = 4 << 30
"""Of one model; the oldest segments go first."""
FEW_ENTRIES, PAUSE_SECONDS = 64, 0.001
"""How many entries become columns at a time, and for how long the event loop then has the interpreter to itself."""

logger = logging.getLogger(__name__)


class LogWriter:
    """Gathers entries from the event loop and writes them from a thread of its own.

    Attributes
    ----------
    written, dropped
        Rows so far.
    failure
        Why the last flush was not written; ``None`` when it was.
    """

    def __init__(self, place: Path, columns: Columns) -> None:
        self._place = place
        self._columns = columns
        self._waiting: deque[Entry] = deque()
        self._waiting_rows = 0
        self._counting = threading.Lock()
        """Around what the event loop and the thread both count."""
        self._most_waiting = min(MOST_WAITING, MOST_WAITING_BYTES // max(1, columns.layout.row_bytes))
        self._wake = threading.Event()
        self._closing = False
        self._segment: segments.Segment | None = None
        self.written = self.dropped = 0
        self.failure: str | None = None
        self._thread = threading.Thread(target=self._run, name="prediction-log", daemon=True)
        self._thread.start()

    def add(self, entry: Entry) -> None:
        """Take one entry; never blocks, and never raises."""
        rows = entry.table.n_rows
        with self._counting:
            if self._waiting_rows + rows > self._most_waiting:
                self.dropped += rows
                return
            self._waiting_rows += rows
        self._waiting.append(entry)

    @property
    def waiting(self) -> int:
        """Rows that are answered but not yet on disk."""
        return self._waiting_rows

    def close(self) -> None:
        """Write what waits, and end the thread."""
        self._closing = True
        self._wake.set()
        self._thread.join()
        if self._segment is not None:
            self._segment.close()
            self._segment = None

    def flush(self) -> None:
        """Write what waits now; called by the writer's own thread."""
        entries = [self._waiting.popleft() for _ in range(len(self._waiting))]
        for _, group in itertools.groupby(
            entries, key=lambda entry: (entry.method, getattr(entry.values, "dtype", None))
        ):
            self._write(list(group))

    def _run(self) -> None:
        while not self._closing:
            self._wake.wait(FLUSH_SECONDS)
            self.flush()
        self.flush()

    def _write(self, entries: list[Entry]) -> None:
        left = sum(entry.table.n_rows for entry in entries)
        try:
            for _, alike in itertools.groupby(self._batches(entries), key=lambda batch: batch.schema):
                left -= self._append(list(alike))
        except Exception as error:  # the disk is full, or an answer is of no kind that Arrow knows: serving goes on
            self._give_up(left, error)
        else:
            self.failure = None

    def _batches(self, entries: list[Entry]) -> Iterator[pa.RecordBatch]:
        """Yield the entries as Arrow, a few at a time: a request that comes meanwhile waits for these few only."""
        waiting = iter(entries)
        while few := list(itertools.islice(waiting, FEW_ENTRIES)):
            yield self._columns.batch(few)
            if not self._closing:
                time.sleep(PAUSE_SECONDS)

    def _append(self, batches: list[pa.RecordBatch]) -> int:
        """Write batches of one schema, and return their rows."""
        schema = batches[0].schema
        if self._segment is not None and (self._segment.schema != schema or self._segment.size > SEGMENT_BYTES):
            self._segment.close()
            self._segment = None
            _sweep(segments.segments(self._place))
        if self._segment is None:
            self._segment = segments.Segment(self._place, schema)
        self._segment.append(batches)
        rows = sum(int(batch.num_rows) for batch in batches)
        with self._counting:
            self._waiting_rows -= rows
        self.written += rows
        return rows

    def _give_up(self, rows: int, error: Exception) -> None:
        """Count the loss, leave the torn segment behind, and begin another with the next batch."""
        with self._counting:
            self._waiting_rows -= rows
            self.dropped += rows
        self.failure = str(error) or type(error).__name__
        logger.error("the prediction log lost %d rows: %s", rows, self.failure)
        if self._segment is not None:
            self._segment.close()
            self._segment = None


def _sweep(found: Iterable[Path]) -> None:
    """Remove the oldest segments beyond the log's ceiling."""
    total = 0
    for path in sorted(found, reverse=True):
        total += path.stat().st_size
        if total > MOST_LOG_BYTES:
            path.unlink(missing_ok=True)
