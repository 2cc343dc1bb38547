"""The last rows of a log, followed while it is written, with one read of each batch."""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from mlops_magics.core import log_columns
from mlops_magics.core.deploying.endpoints import paths
from mlops_magics.core.deploying.prediction_log import log_segments

MOST_ROWS = 8
MOST_FEATURES = 6


class Tail:
    """The newest requests to one model.

    Parameters
    ----------
    board, name
        The model of the log. A log that does not exist has no rows.
    """

    def __init__(self, board: str, name: str) -> None:
        self._place = paths.log_of(board, name)
        self._sizes: dict[Path, int] = {}
        self._behind: dict[Path, tuple[pa.Schema | None, int]] = {}
        self._rows: list[dict[str, Any]] = []

    def rows(self) -> list[dict[str, Any]]:
        """Return the last rows, newest first: ``time``, ``version``, ``prediction``, ``latency_ms`` and ``row``, the
        first few features, of any version and any worker."""
        for path, written, size in sorted(self._found(), key=lambda found: -found[1]):
            if self._sizes.get(path) == size:
                continue
            self._sizes[path] = size
            if len(self._rows) < MOST_ROWS or written >= self._rows[-1]["time"].timestamp():
                self._follow(path)
        return list(self._rows)

    def _found(self) -> Iterator[tuple[Path, float, int]]:
        """Yield each segment with the time of its last write and its size. Others are removed meanwhile."""
        for path in log_segments.segments(self._place):
            with contextlib.suppress(OSError):
                about = path.stat()
                yield path, about.st_mtime, about.st_size

    def _follow(self, segment: Path) -> None:
        """Read the last batches behind those already read. A torn one is waited for."""
        schema, read = self._behind.get(segment, (None, 0))
        last: deque[pa.Message] = deque(maxlen=MOST_ROWS)
        with contextlib.suppress(EOFError, OSError, pa.ArrowInvalid), pa.memory_map(str(segment)) as source:
            source.seek(read)
            if schema is None:
                schema = pa.ipc.read_schema(source)
            while True:
                # before the message is read: a torn one raises, and is read again from here next time
                self._behind[segment] = schema, source.tell()
                last.append(pa.ipc.read_message(source))
        for message in last:
            with contextlib.suppress(pa.ArrowInvalid):  # a damaged batch is not shown
                batch = pa.ipc.read_record_batch(message, schema)
                batch.validate(full=True)
                self._keep(batch)

    def _keep(self, batch: pa.RecordBatch) -> None:
        last = batch.slice(max(0, batch.num_rows - MOST_ROWS))
        names = [name for name in last.schema.names if not name.startswith(log_columns.PREFIX)][:MOST_FEATURES]
        fresh = [
            {
                "time": row[log_columns.TIMESTAMP],
                "version": row[log_columns.VERSION],
                "prediction": row.get(log_columns.PREDICTION),
                "probability": row.get(f"{log_columns.PROBABILITY}{row.get(log_columns.PREDICTION)}"),
                "latency_ms": row[log_columns.LATENCY],
                "row": {name: row[name] for name in names},
            }
            for row in reversed(last.to_pylist())
        ]
        self._rows = sorted([*fresh, *self._rows], key=lambda row: row["time"], reverse=True)[:MOST_ROWS]
