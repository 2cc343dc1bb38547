"""The last rows of a log, followed while it is written: what was read once is not read again."""

from __future__ import annotations

from collections import deque
from pathlib import Path
from typing import Any

import pyarrow as pa

from mlops_magics.core.deploying import places
from mlops_magics.core.deploying.prediction_log import columns, segments

MOST_ROWS = 8
MOST_FEATURES = 6


class Tail:
    """The newest requests to one model.

    Parameters
    ----------
    board, name
        Whose log; a log that does not exist has no rows.
    """

    def __init__(self, board: str, name: str) -> None:
        self._place = places.log_of(board, name)
        self._segment: Path | None = None
        self._schema: pa.Schema | None = None
        self._read = 0
        self._rows: deque[dict[str, Any]] = deque(maxlen=MOST_ROWS)

    def rows(self) -> list[dict[str, Any]]:
        """Return the last rows, newest first: ``time``, ``version``, ``prediction``, ``latency_ms`` and ``row``, the
        first few features."""
        newest = segments.segments(self._place)[-1:]
        if newest and newest[0] != self._segment:
            self._segment, self._schema, self._read = newest[0], None, 0
        if self._segment is not None and self._segment.exists() and self._segment.stat().st_size > self._read:
            self._follow(self._segment)
        return list(self._rows)

    def _follow(self, segment: Path) -> None:
        """Read the batches behind what was read; a torn one is waited for."""
        try:
            with pa.memory_map(str(segment)) as source:
                source.seek(self._read)
                if self._schema is None:
                    self._schema = pa.ipc.read_schema(source)
                    self._read = source.tell()
                while True:
                    batch = pa.ipc.read_record_batch(pa.ipc.read_message(source), self._schema)
                    self._read = source.tell()
                    self._keep(batch)
        except (EOFError, OSError, pa.ArrowInvalid):
            return

    def _keep(self, batch: pa.RecordBatch) -> None:
        last = batch.slice(max(0, batch.num_rows - MOST_ROWS))
        names = [name for name in last.schema.names if not name.startswith("mlops.")][:MOST_FEATURES]
        for row in last.to_pylist():
            self._rows.appendleft(
                {
                    "time": row[columns.TIMESTAMP],
                    "version": row[columns.VERSION],
                    "prediction": row.get(columns.PREDICTION),
                    "latency_ms": row[columns.LATENCY],
                    "row": {name: row[name] for name in names},
                }
            )
