"""The log writer: a bounded queue, one thread and durable batches. A full disk fails no request."""

from __future__ import annotations

import itertools
import logging
import threading
import time
from collections import deque
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlops_magics.core.deploying.contract.limits import Limits
from mlops_magics.core.deploying.prediction_log import log_segments
from mlops_magics.core.deploying.prediction_log.log_encoder import Entry, LogEncoder
from mlops_magics.core.deploying.prediction_log.loop_scheduler import Run, run_now

if TYPE_CHECKING:
    import pyarrow as pa

FLUSH_SECONDS = 0.25
"""A power failure loses at most the answers of this time."""
MOST_WAITING = 2_000_000
"""Rows that wait to be written. Further ones are dropped and counted."""
MOST_WAITING_BYTES = 256 << 20
"""Memory of these rows, where they are wide."""
SEGMENT_BYTES, FEWEST_SEGMENTS = 64 << 20, 4
"""Of one segment. A small log has at least so many, of which the oldest is removed."""
GATHER_SECONDS, FEW_ENTRIES = 0.02, 64
"""Under load, entries are encoded so often and at most so many at a time, while they are in the processor's cache."""

logger = logging.getLogger(__name__)


class LogWriter:
    """Queues entries from the event loop, and writes them in its own thread.

    Parameters
    ----------
    encoder
        Writes entries as columns.
    run
        Encodes few rows in the thread. Many are encoded by `run_now`.
    log_bytes
        Of all segments. Beyond it the oldest ones are removed.

    Attributes
    ----------
    written, dropped
        Rows so far.
    failure
        The reason why the last flush failed, or ``None`` when it succeeded.
    """

    def __init__(
        self, place: Path, encoder: LogEncoder, run: Run = run_now, log_bytes: int = Limits().log_bytes
    ) -> None:
        self._place, self._log_bytes = place, log_bytes
        self._segment_bytes = min(SEGMENT_BYTES, log_bytes // FEWEST_SEGMENTS)
        self._encoder = encoder
        self._encode = run
        self._waiting: deque[Entry] = deque()
        self._waiting_rows = 0
        self._counting = threading.Lock()
        """Guards the counters that the event loop and the thread both change."""
        self._most_waiting = min(MOST_WAITING, MOST_WAITING_BYTES // max(1, encoder.layout.row_bytes))
        self._batches: list[pa.RecordBatch] = []
        """Encoded rows that are not yet on disk."""
        self._written_at = 0.0
        self._busy = threading.Lock()
        """Held while entries are encoded or written."""
        self._wake = threading.Event()
        self._closing = False
        self._segment: log_segments.Segment | None = None
        self.written = self.dropped = 0
        self.failure: str | None = None
        self._thread = threading.Thread(target=self._run, name="prediction-log", daemon=True)
        self._thread.start()

    def add(self, entry: Entry) -> None:
        """Queue one entry, without blocking or raising."""
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
        """Write the rows that wait, and end the thread."""
        self._closing = True
        self._wake.set()
        self._thread.join()
        if self._segment is not None:
            self._segment.close()
            self._segment = None

    def flush(self) -> None:
        """Write the rows that wait."""
        with self._busy:
            self._encode_waiting()
            self._write()

    def seal(self) -> None:
        """Write the rows that wait, and end the segment. The next row begins another one."""
        with self._busy:
            self._encode_waiting()
            self._write()
            if self._segment is not None:
                self._segment.close()
                self._segment = None

    def _run(self) -> None:
        busy = False
        while not self._closing:
            self._wake.wait(GATHER_SECONDS if busy else FLUSH_SECONDS)
            with self._busy:
                busy = self._encode_waiting()
                if time.monotonic() - self._written_at > FLUSH_SECONDS - GATHER_SECONDS:
                    self._write()
                busy |= bool(self._batches)
        self.flush()

    def _encode_waiting(self) -> bool:
        """Encode the entries that wait, and return whether there were any."""
        # as many as there are now: under load the loop adds to it meanwhile, and this would never end
        entries = [self._waiting.popleft() for _ in range(len(self._waiting))]
        for _, alike in itertools.groupby(entries, key=_kind_of):
            while few := list(itertools.islice(alike, FEW_ENTRIES)):
                run = run_now if self._encoder.slow(few) else self._encode
                try:
                    self._batches.append(run(self._encoder.batch(few)))
                except Exception as error:  # Arrow has no type for an answer: serving goes on
                    self._give_up(sum(entry.table.n_rows for entry in few), error)
        return bool(entries)

    def _write(self) -> None:
        # taken first: batches that cannot be written are given up, and not tried for ever on a full disk
        batches, self._batches = self._batches, []
        self._written_at = time.monotonic()
        # an Arrow stream has one schema; groupby joins neighbours only, so the order of the rows stays
        for schema, alike in itertools.groupby(batches, key=lambda batch: batch.schema):
            group = list(alike)
            rows = sum(int(batch.num_rows) for batch in group)
            try:
                self._append(schema, group)
            except Exception as error:  # the disk is full: serving goes on
                self._give_up(rows, error)
                continue
            self.failure = None
            # after the write has returned: what is counted here is on disk
            self.written += rows
            with self._counting:
                self._waiting_rows -= rows

    def _append(self, schema: pa.Schema, batches: list[pa.RecordBatch]) -> None:
        if self._segment is not None and (self._segment.schema != schema or self._segment.size > self._segment_bytes):
            self._segment.close()
            self._segment = None
            # here and not at each write, so the log may be one segment longer than its limit
            _remove_oldest(log_segments.segments(self._place), self._log_bytes)
        if self._segment is None:
            self._segment = log_segments.Segment(self._place, schema)
        self._segment.append(batches)

    def _give_up(self, rows: int, error: Exception) -> None:
        """Count the lost rows, and start another segment with the next batch: this one may end in a torn batch."""
        with self._counting:
            self._waiting_rows -= rows
            self.dropped += rows
        self.failure = str(error) or type(error).__name__
        logger.error("the prediction log lost %d rows: %s", rows, self.failure)
        if self._segment is not None:
            self._segment.close()
            self._segment = None


def _kind_of(entry: Entry) -> tuple[Any, ...]:
    """Return the common kind of a batch's entries: the method, and the dtype and shape of the answers."""
    values = entry.values
    return entry.method, getattr(values, "dtype", None), getattr(values, "shape", (0,))[1:]


def _remove_oldest(found: Iterable[Path], log_bytes: int) -> None:
    """Remove the oldest segments beyond ``log_bytes``."""
    total = 0
    for path in sorted(found, reverse=True):
        total += path.stat().st_size
        if total > log_bytes:
            path.unlink(missing_ok=True)
