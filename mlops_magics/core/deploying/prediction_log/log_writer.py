"""Writing the log beside the answers: a bounded queue, one thread, durable batches; a full disk fails no request."""

from __future__ import annotations

import itertools
import logging
import threading
import time
from collections import deque
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from mlops_magics.core.deploying.prediction_log import log_segments
from mlops_magics.core.deploying.prediction_log.log_columns import Columns, Entry
from mlops_magics.core.deploying.prediction_log.loop_scheduler import Turn, at_once

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
GATHER_SECONDS, FEW_ENTRIES = 0.02, 64
"""While requests come, their entries become columns so often and at most so many at a time: little by little, and while
the processor still has them at hand."""

logger = logging.getLogger(__name__)


class LogWriter:
    """Gathers entries from the event loop and writes them from a thread of its own.

    Parameters
    ----------
    turn
        How the thread makes columns of few rows; `at_once` of many.

    Attributes
    ----------
    written, dropped
        Rows so far.
    failure
        Why the last flush was not written; ``None`` when it was.
    """

    def __init__(self, place: Path, columns: Columns, turn: Turn = at_once) -> None:
        self._place = place
        self._columns = columns
        self._turn = turn
        self._waiting: deque[Entry] = deque()
        self._waiting_rows = 0
        self._counting = threading.Lock()
        """Around what the event loop and the thread both count."""
        self._most_waiting = min(MOST_WAITING, MOST_WAITING_BYTES // max(1, columns.layout.row_bytes))
        self._made: list[pa.RecordBatch] = []
        """Rows that are columns already, and not yet on disk."""
        self._written_at = 0.0
        self._hand = threading.Lock()
        """Held by whoever makes columns or writes."""
        self._wake = threading.Event()
        self._closing = False
        self._segment: log_segments.Segment | None = None
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
        """Write what waits now."""
        with self._hand:
            self._make()
            self._write()

    def _run(self) -> None:
        busy = False
        while not self._closing:
            self._wake.wait(GATHER_SECONDS if busy else FLUSH_SECONDS)
            with self._hand:
                busy = self._make()
                if time.monotonic() - self._written_at > FLUSH_SECONDS - GATHER_SECONDS:
                    self._write()
                busy |= bool(self._made)
        self.flush()

    def _make(self) -> bool:
        """Make columns of the entries that wait, and return whether there were any."""
        entries = [self._waiting.popleft() for _ in range(len(self._waiting))]
        for _, alike in itertools.groupby(
            entries, key=lambda entry: (entry.method, getattr(entry.values, "dtype", None))
        ):
            while few := list(itertools.islice(alike, FEW_ENTRIES)):
                turn = at_once if self._columns.slow(few) else self._turn
                try:
                    self._made.append(turn(self._columns.batch(few)))
                except Exception as error:  # an answer is of no kind that Arrow knows: serving goes on
                    self._give_up(sum(entry.table.n_rows for entry in few), error)
        return bool(entries)

    def _write(self) -> None:
        made, self._made = self._made, []
        self._written_at = time.monotonic()
        for schema, alike in itertools.groupby(made, key=lambda batch: batch.schema):
            batches = list(alike)
            rows = sum(int(batch.num_rows) for batch in batches)
            try:
                self._append(schema, batches)
            except Exception as error:  # the disk is full: serving goes on
                self._give_up(rows, error)
                continue
            self.failure = None
            self.written += rows
            with self._counting:
                self._waiting_rows -= rows

    def _append(self, schema: pa.Schema, batches: list[pa.RecordBatch]) -> None:
        if self._segment is not None and (self._segment.schema != schema or self._segment.size > SEGMENT_BYTES):
            self._segment.close()
            self._segment = None
            _sweep(log_segments.segments(self._place))
        if self._segment is None:
            self._segment = log_segments.Segment(self._place, schema)
        self._segment.append(batches)

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
