"""The log of many replicas in object storage: sealed Parquet segments, one upload each, below ``model=/date=/hour=``.

No table format: an upload is atomic, its name is unique, and a repeated one changes nothing, so that replicas never
wait for each other. A row that is there twice, since a replica ended between upload and removal or since an hour was
compacted, is read once.
"""

from __future__ import annotations

import concurrent.futures
import contextlib
import datetime as dt
import hashlib
import io
import posixpath
import time
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from mlops_magics.core.deploying.endpoints import paths
from mlops_magics.core.log_columns import REQUEST_ID, ROW, TIMESTAMP, TRUTH, VERSION
from mlops_magics.errors import InvalidInput, NotFound

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

AT_ONCE = 16
"""Segments that are read at the same time: most of the time is the network's."""
LISTINGS = 3
"""Of a log whose segments are compacted while it is read."""
BATCH_ROWS = 50_000
"""Rows of small segments that become one frame: making a frame costs milliseconds, however few its rows are."""
COMPACTED = "compacted-"
GRACE_SECONDS = 3600
"""Between compaction and removal: a reader that listed the parts still finds them."""


def opened(url: str) -> tuple[Any, str]:
    """Return the file system and the root of a log.

    Raises
    ------
    InvalidInput
    """
    import fsspec.core

    try:
        system, root = fsspec.core.url_to_fs(url)
    except (ValueError, ImportError) as error:
        raise InvalidInput(f"The log {url[:200]} cannot be opened: {error}") from error
    return system, root.rstrip("/")


def folder_of(root: str, name: str, kind: str, moment: float) -> str:
    """Return the folder of segments that begin at this time, in seconds since 1970.

    Parameters
    ----------
    root
        The URL of the shipped logs.
    name, kind
        The model, and requests or feedback.
    moment
        Seconds since 1970.
    """
    when = dt.datetime.fromtimestamp(moment, dt.UTC)
    return f"{root}/{kind}/model={paths.safe_name(name)}/date={when:%Y-%m-%d}/hour={when:%H}"


def put(system: Any, path: str, table: pa.Table) -> None:
    """Upload a segment. One that is there already is left as it is.

    Raises
    ------
    OSError
    """
    import pyarrow.parquet

    packed = io.BytesIO()
    pyarrow.parquet.write_table(table, packed, compression="zstd")
    with contextlib.suppress(FileExistsError):
        if "file" in ((system.protocol,) if isinstance(system.protocol, str) else system.protocol):
            system.makedirs(posixpath.dirname(path), exist_ok=True)
            # a file appears before its content: readers look for names that end in .parquet
            system.pipe_file(f"{path}.draft", packed.getvalue())
            system.mv(f"{path}.draft", path)
        else:
            system.pipe_file(path, packed.getvalue(), mode="create")


def read(url: str, name: str, *, version: str | None = None, start: Any = None, end: Any = None) -> pd.DataFrame:
    """Return the requests to a model with its answers, oldest first, as `log_reader.read` does.

    Parameters
    ----------
    url
        The root of the log: ``s3://bucket/log``.
    version
        Only the answers of this version.
    start, end
        Only from ``start`` (included) to ``end`` (excluded). Hours outside are not read.

    Raises
    ------
    InvalidInput, NotFound
    """
    from mlops_magics.core.deploying.prediction_log import log_reader

    tables = _tables(url, name, paths.PREDICTIONS, start, end)
    parts = [log_reader.frame_of(table, version) for table in batches(tables)]
    return log_reader.joined([part for part in parts if part is not None], start, end, twice=True)


def read_feedback(url: str, name: str, *, asked: Iterable[str] | None = None) -> pd.DataFrame:
    """Return the truth that was sent to replicas, as `feedback.read_feedback` does."""
    from mlops_magics.core.deploying.prediction_log.feedback import latest, of_requests

    found = latest(_tables(url, name, paths.FEEDBACK, missing_ok=True))

    def answered() -> set[str]:
        tables = _tables(url, name, paths.PREDICTIONS)
        return {each for table in tables for each in table[REQUEST_ID].to_pylist()}

    return found if asked is None else of_requests(found, asked, answered)


def last_version(url: str, name: str) -> str | None:
    """Return the version that answered last, or None for a log without rows."""
    system, _ = opened(url)
    newest = sorted(listed(url, name, paths.PREDICTIONS, None, None), key=_begin_of_segment, reverse=True)
    for path in newest:
        named = posixpath.basename(path)
        if not named.startswith(COMPACTED):
            return named.rpartition("-")[0].rpartition("-")[0]
        with contextlib.suppress(FileNotFoundError):
            found = table_of(system, path)[VERSION]
            if len(found):
                return str(found[-1].as_py())
    return None


def _begin_of_segment(path: str) -> tuple[str, str]:
    """Return the hour of a segment and the time of its begin, which its name ends with."""
    return posixpath.dirname(path), posixpath.basename(path).rpartition("-")[2]


def compact(url: str, name: str) -> tuple[int, int]:
    """Write each hour that is over as one segment, and remove the parts of those that were written before.

    Returns
    -------
    written, removed
        Segments.
    """
    import pyarrow as pa
    import pyarrow.parquet

    written = removed = 0
    system, _ = opened(url)
    for kind in (paths.PREDICTIONS, paths.FEEDBACK):
        hours: dict[str, list[str]] = {}
        for path in listed(url, name, kind, None, None):
            hours.setdefault(posixpath.dirname(path), []).append(path)
        for folder, found in hours.items():
            done = [path for path in found if posixpath.basename(path).startswith(COMPACTED)]
            removed += sum(_remove_parts(system, path, set(found)) for path in done)
            parts = [path for path in found if path not in done]
            # rows of an hour come until it is over, and later those that a replica could not send at once
            if len(parts) < 2 or done or begin_of(folder) > time.time() - 2 * GRACE_SECONDS:
                continue
            for schema, group in _by_schema(system, parts):
                names = [posixpath.basename(path) for path, _ in group]
                # equal parts give an equal name: two that compact at the same time write one segment
                key = hashlib.sha256("\n".join(names).encode()).hexdigest()[:16]
                table = pa.concat_tables([table for _, table in group])
                noted = {**(schema.metadata or {}), b"parts": "\n".join(names).encode()}
                put(system, f"{folder}/{COMPACTED}{key}.parquet", table.replace_schema_metadata(noted))
                written += 1
    return written, removed


def _by_schema(system: Any, parts: list[str]) -> Iterable[tuple[Any, list[tuple[str, Any]]]]:
    """Yield groups of parts whose columns and notes are equal: segments of one version."""
    groups: list[tuple[Any, list[tuple[str, Any]]]] = []
    for path in parts:
        table = table_of(system, path)
        for schema, group in groups:
            # the metadata has the columns of a version: rows of two versions would be read by the wrong one
            if schema.equals(table.schema, check_metadata=True):
                group.append((path, table))
                break
        else:
            groups.append((table.schema, [(path, table)]))
    return groups


def _remove_parts(system: Any, compacted: str, found: set[str]) -> int:
    """Remove the parts of a compacted segment, after the time in which a reader may still read them."""
    import pyarrow.parquet

    changed = system.modified(compacted)
    if dt.datetime.now(dt.UTC) - changed < dt.timedelta(seconds=GRACE_SECONDS):
        return 0
    with system.open(compacted, "rb") as stream:
        noted = pyarrow.parquet.read_schema(stream).metadata or {}
    folder = posixpath.dirname(compacted)
    # no "/" in a name: a file in the bucket cannot have others removed outside of its folder
    gone = {f"{folder}/{name}" for name in noted.get(b"parts", b"").decode().split("\n") if "/" not in name} & found
    for path in gone:
        system.rm_file(path)
    return len(gone)


def _tables(
    url: str, name: str, kind: str, start: Any = None, end: Any = None, *, missing_ok: bool = False
) -> list[pa.Table]:
    """Return the segments of a log, read side by side.

    Raises
    ------
    NotFound
        For a log without a segment of this model.
    """
    system, _ = opened(url)
    for last in (False,) * (LISTINGS - 1) + (True,):
        found = listed(url, name, kind, start, end)
        if not found and not missing_ok and start is None and end is None:
            raise NotFound("log of", name, hint=f"{url} has no rows of it: `mlops-magics serve {name} --log-to {url}`.")
        try:
            with concurrent.futures.ThreadPoolExecutor(AT_ONCE, "object log") as pool:
                return list(pool.map(lambda path: table_of(system, path), found))
        except FileNotFoundError:  # compacted meanwhile: list again
            if last:
                raise
            system.invalidate_cache()
    raise AssertionError("unreachable")


def table_of(system: Any, path: str) -> pa.Table:
    """Return a segment, read in one request.

    Raises
    ------
    FileNotFoundError
    """
    import pyarrow.parquet

    return pyarrow.parquet.ParquetFile(io.BytesIO(system.cat_file(path))).read()


def batches(tables: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """Yield tables of about `BATCH_ROWS` rows, or more where a segment has more, made of those with equal columns."""
    import pyarrow as pa

    waiting: list[pa.Table] = []
    for table in tables:
        full = sum(map(len, waiting)) + len(table) > BATCH_ROWS
        if waiting and (full or not waiting[0].schema.equals(table.schema, check_metadata=True)):
            yield pa.concat_tables(waiting)
            waiting = []
        waiting.append(table)
    if waiting:
        yield pa.concat_tables(waiting)


def listed(url: str, name: str, kind: str, start: Any, end: Any) -> list[str]:
    """Return the segments whose hours meet a span, oldest first. A segment may hold rows of the hour after its own.

    Parameters
    ----------
    url
        The root of the log.
    name, kind
        The model, and requests or feedback.
    start, end
        The span, or None.

    Raises
    ------
    InvalidInput
    """
    system, root = opened(url)
    system.invalidate_cache()
    below = f"{root}/{kind}/model={paths.safe_name(name)}"
    found = [path for path in system.find(below) if path.endswith(".parquet")] if system.exists(below) else []
    # a segment is in the hour of its first row, and its rows may reach into the next
    low = -1e18 if start is None else _seconds(start) - 2 * GRACE_SECONDS
    high = 1e18 if end is None else _seconds(end)
    return sorted(path for path in found if low <= begin_of(posixpath.dirname(path)) < high)


def begin_of(folder: str) -> float:
    """Return the begin of an hour by the name of its folder."""
    parts = dict(step.partition("=")[::2] for step in folder.split("/") if "=" in step)
    try:
        return dt.datetime.fromisoformat(f"{parts['date']}T{int(parts['hour']):02}:00:00+00:00").timestamp()
    except (KeyError, ValueError):
        return 0.0


def _seconds(moment: Any) -> float:
    from mlops_magics.core.deploying.prediction_log.log_reader import utc

    return utc(moment).timestamp()


KEY = (TIMESTAMP, REQUEST_ID, ROW, VERSION)
"""Of one answer: a client may send an id twice, but not at one time."""
FEEDBACK_KEY = (REQUEST_ID, ROW, TRUTH)
