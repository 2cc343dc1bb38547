"""Upload of a replica's segments to object storage: sealed ones every minute, and the rest at the end.

A segment is removed here when the storage has it. A failed upload stays, and is tried again. The local log is
bounded, so that a bucket that denies costs rows of the log and no request.
"""

from __future__ import annotations

import logging
import os
import secrets
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil

from mlops_magics.core.deploying.endpoints import paths
from mlops_magics.core.deploying.prediction_log import log_segments, replica_log
from mlops_magics.core.deploying.prediction_log.log_writer import LogWriter
from mlops_magics.core.log_columns import TIMESTAMP

if TYPE_CHECKING:
    from mlops_magics.core.deploying.prediction_log.log_encoder import LogEncoder
    from mlops_magics.core.deploying.prediction_log.loop_scheduler import Run
    from mlops_magics.core.versioning import ModelVersion

SECONDS = 60.0
MOST_ROWS = 50_000
"""Rows that wait for an upload at most, before the minute is over."""
LOOK_SECONDS = 1.0
TAKEN = ".taken-"
"""In the name of a segment that a process uploads, with its number."""

logger = logging.getLogger(__name__)


class LogShipper:
    """Uploads the segments of one model from a thread of its own.

    Parameters
    ----------
    writer
        Of the predictions of this process. Its segment is sealed before an upload.
    version
        The version that answers.
    url
        The root of the log.

    Attributes
    ----------
    shipped
        Rows so far.
    failure
        The reason why the last upload failed, or ``None`` when it succeeded.
    """

    def __init__(self, writer: LogWriter, version: ModelVersion, url: str, *, seconds: float = SECONDS) -> None:
        self._writer, self._version, self._url, self._seconds = writer, version, url, seconds
        self._folders = {kind: paths.log_of(version.board, version.name, kind) for kind in KINDS}
        self._replica = secrets.token_hex(6)
        self._began, self._at, self._sealed = time.time_ns(), time.monotonic(), 0
        self._stopping = threading.Event()
        self.shipped, self.failure = 0, ""
        self._thread = threading.Thread(target=self._run, name="log-shipper", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread, after the upload that it is at."""
        self._stopping.set()
        self._thread.join()

    def ship(self) -> None:
        """Upload all sealed segments. Those that fail are kept for the next time."""
        self._at, self._sealed = time.monotonic(), self._writer.written
        for kind, folder in self._folders.items():
            for path in self._taken(folder):
                try:
                    self._upload(kind, path)
                    self.failure = ""
                except Exception as error:  # whatever a bucket or a network raises: serving goes on
                    if not self.failure:
                        logger.warning("the log cannot be shipped to %s: %s", self._url, error)
                    self.failure = str(error) or type(error).__name__
                    # under its old name any worker of the endpoint can try it again
                    path.rename(path.with_name(path.name.partition(TAKEN)[0]))

    def _run(self) -> None:
        while not self._stopping.wait(min(LOOK_SECONDS, self._seconds)):
            waited = time.monotonic() - self._at >= self._seconds
            if waited or self._writer.written - self._sealed >= MOST_ROWS:
                self._writer.seal()
                self.ship()

    def _taken(self, folder: Path) -> list[Path]:
        """Return the sealed segments, and those that an ended process left, renamed with the number of this process."""
        found = []
        for path in sorted([*log_segments.segments(folder), *folder.glob(f"*{TAKEN}*")]):
            if not self._is_free(path):
                continue
            taken = path.with_name(f"{path.name.partition(TAKEN)[0]}{TAKEN}{os.getpid()}")
            try:
                path.rename(taken)
            except FileNotFoundError:  # another worker of this endpoint was first
                continue
            found.append(taken)
        return found

    def _is_free(self, path: Path) -> bool:
        owner = path.name.rpartition("-")[2].removesuffix(log_segments.SUFFIX)
        # numbers of processes are used again: only a file older than this process can be one that another left
        before = path.stat().st_mtime_ns < self._began
        left = owner.isdecimal() and before and (int(owner) == os.getpid() or not psutil.pid_exists(int(owner)))
        return left or (TAKEN not in path.name and log_segments.is_sealed(path))

    def _upload(self, kind: str, path: Path) -> None:
        import pyarrow as pa

        schema = log_segments.schema_of(path)
        batches = list(log_segments.batches(path))
        if schema is not None and batches:
            table = pa.Table.from_batches(batches, schema)
            system, root = replica_log.opened(self._url)
            folder = replica_log.folder_of(root, self._version.name, kind, _moment(table, path))
            version = str(log_segments.metadata(schema).get("version") or self._version.version)
            begun = path.name.partition("-")[0]  # the same again for a second try
            replica_log.put(system, f"{folder}/{version}-{self._replica}-{begun}.parquet", table)
            self.shipped += len(table)
        # only now that the storage has it: a crash before sends it twice, which readers undo
        path.unlink()


class ShippedLogWriter(LogWriter):
    """A log writer whose segments go to object storage.

    Parameters
    ----------
    version
        The version that answers.
    url
        The root of the log.
    options
        As for `LogWriter`.
    """

    def __init__(self, version: ModelVersion, url: str, encoder: LogEncoder, run: Run, log_bytes: int) -> None:
        super().__init__(paths.log_of(version.board, version.name), encoder, run, log_bytes)
        self.shipper = LogShipper(self, version, url)

    def close(self) -> None:
        """Write and upload the rows that wait."""
        # the order matters: no upload at the same time, then the last rows to a sealed segment, then that one
        self.shipper.stop()
        super().close()
        self.shipper.ship()


KINDS = (paths.PREDICTIONS, paths.FEEDBACK)


def _moment(table: Any, path: Path) -> float:
    """Return the time of the first row, or of the segment, in seconds since 1970."""
    if TIMESTAMP in table.column_names:
        return float(table[TIMESTAMP][0].as_py().timestamp())
    return int(path.name.partition("-")[0]) / 1e9
