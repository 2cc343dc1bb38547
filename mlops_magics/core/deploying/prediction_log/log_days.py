"""The days of a log in object storage: their rows as they pass by, and what is kept of a day that is over."""

from __future__ import annotations

import concurrent.futures
import contextlib
import hashlib
import posixpath
import time
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from mlops_magics.core.deploying.endpoints import paths
from mlops_magics.core.deploying.prediction_log import log_reader, replica_log
from mlops_magics.core.deploying.prediction_log.replica_log import AT_ONCE, COMPACTED, GRACE_SECONDS, KEY

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

PROFILES = "profiles"
"""The folder of what is kept, next to those of the segments."""
DAY_SECONDS = 86_400
ENDING = ".json.gz"
MOST_KEPT = 64 << 20
"""Bytes that are read of what is kept of a day."""


@dataclass(frozen=True, slots=True)
class LogDay:
    """The segments that begin on one day.

    Attributes
    ----------
    url, name, version
        The log, the model, and the version whose rows are read.
    date
        ``2026-11-29``.
    hours
        Folder of an hour → the segments in it.
    """

    url: str
    name: str
    version: str
    date: str
    hours: dict[str, tuple[str, ...]]

    @property
    def key(self) -> str:
        """A text that changes with the segments of the day."""
        names = "\n".join(path for found in self.hours.values() for path in found)
        return hashlib.sha256(names.encode()).hexdigest()[:16]

    @property
    def is_over(self) -> bool:
        """Whether no replica adds to the day any more, unless it was cut off."""
        return replica_log.begin_of(f"date={self.date}/hour=00") + DAY_SECONDS + 2 * GRACE_SECONDS < time.time()

    def frames(self) -> Iterator[pd.DataFrame]:
        """Yield the rows in frames of one or more segments, in the order of the hours, each row once.

        Raises
        ------
        FileNotFoundError
            Where a segment was removed meanwhile.
        """
        system, _ = replica_log.opened(self.url)
        for found in self.hours.values():
            yield from _of_hour(system, self._of_version(found), self.version)

    def _of_version(self, found: Iterable[str]) -> list[str]:
        begins = (COMPACTED, f"{self.version}-")
        return [path for path in found if posixpath.basename(path).startswith(begins)]

    def kept(self, mark: str) -> bytes | None:
        """Return what was kept of these segments under a mark, or None where there is nothing or too much."""
        system, path = self._place(mark)
        with contextlib.suppress(FileNotFoundError):
            if int(system.size(path) or 0) <= MOST_KEPT:
                found: bytes = system.cat_file(path)
                return found
        return None

    def keep(self, mark: str, content: bytes) -> None:
        """Keep something of a day under a mark, in place of what was kept of fewer segments.

        Raises
        ------
        OSError
        """
        system, path = self._place(mark)
        folder = posixpath.dirname(path)
        if "file" in ((system.protocol,) if isinstance(system.protocol, str) else system.protocol):
            system.makedirs(folder, exist_ok=True)
        system.invalidate_cache()
        before = [each for each in system.find(folder) if f"/{self.version}-{mark}-" in each]
        # before the old ones are removed: a reader meanwhile finds one of them
        system.pipe_file(path, content)
        for each in before:
            if posixpath.basename(each) != posixpath.basename(path):
                system.rm_file(each)

    def _place(self, mark: str) -> tuple[Any, str]:
        system, root = replica_log.opened(self.url)
        folder = f"{root}/{PROFILES}/model={paths.safe_name(self.name)}/date={self.date}"
        return system, f"{folder}/{self.version}-{mark}-{self.key}{ENDING}"


def packed_bytes(url: str, name: str) -> int:
    """Return the bytes of a model's segments."""
    system, root = replica_log.opened(url)
    below = f"{root}/{paths.PREDICTIONS}/model={paths.safe_name(name)}"
    system.invalidate_cache()
    found = system.find(below, detail=True) if system.exists(below) else {}
    return sum(int(facts.get("size") or 0) for facts in found.values())


def days(url: str, name: str, version: str) -> list[LogDay]:
    """Return the days of a model's log, oldest first.

    Raises
    ------
    InvalidInput
    """
    found: dict[str, dict[str, list[str]]] = {}
    for path in replica_log.listed(url, name, paths.PREDICTIONS, None, None):
        folder = posixpath.dirname(path)
        date = posixpath.basename(posixpath.dirname(folder)).partition("=")[2]
        found.setdefault(date, {}).setdefault(folder, []).append(path)
    return [
        LogDay(url, name, version, date, {folder: tuple(paths) for folder, paths in sorted(hours.items())})
        for date, hours in sorted(found.items())
    ]


def _of_hour(system: Any, found: list[str], version: str) -> Iterator[pd.DataFrame]:
    """Yield the rows of one hour. A segment that was compacted is not read again, and one that was sent twice is."""
    whole = [path for path in found if posixpath.basename(path).startswith(COMPACTED)]
    gone = {part for path in whole for part in _parts_of(system, path)}
    parts = [path for path in found if path not in whole and posixpath.basename(path) not in gone]
    begun = Counter(map(_begun, [*parts, *gone]))
    doubled = any(count > 1 for count in begun.values())
    seen = np.empty(0, dtype=np.uint64)
    for table in replica_log.batches(_in_order(system, [*whole, *parts])):
        frame = log_reader.frame_of(table, version)
        if frame is None or not len(frame):
            continue
        # only a segment that was sent twice begins twice; for all others nothing is hashed or kept
        if doubled:
            keys = _keys(frame)
            new = ~(np.isin(keys, seen) | frame.duplicated(list(KEY)).to_numpy())
            frame, seen = frame[new], np.union1d(seen, keys)
        yield frame


def _keys(frame: pd.DataFrame) -> npt.NDArray[np.uint64]:
    """Return 64 bits that name a row: an hour of ten million rows has two equal ones once in 400,000 hours."""
    import pandas as pd

    # eight bytes a row are kept instead of the row: a day may have millions
    return pd.util.hash_pandas_object(frame[list(KEY)], index=False).to_numpy().astype(np.uint64)


def _begun(path: str) -> str:
    """Return the time at which a segment was begun: a second upload of it has another replica's name, and this one."""
    return posixpath.basename(path).rpartition("-")[2]


def _parts_of(system: Any, compacted: str) -> list[str]:
    import pyarrow.parquet

    with system.open(compacted, "rb") as stream:
        noted = pyarrow.parquet.read_schema(stream).metadata or {}
    return str(noted.get(b"parts", b"").decode()).split("\n")


def _in_order(system: Any, found: list[str]) -> Iterator[pa.Table]:
    """Yield segments in their order, with a few read ahead."""
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE, "object log") as pool:
        waiting: deque[concurrent.futures.Future[pa.Table]] = deque()
        for path in found:
            waiting.append(pool.submit(replica_log.table_of, system, path))
            # `pool.map` would read all segments ahead, and hold the whole day in memory
            if len(waiting) >= AT_ONCE:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
