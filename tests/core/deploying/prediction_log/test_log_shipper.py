"""Logs of replicas in object storage: no row is lost or doubled, whatever ends, denies, or is compacted meanwhile."""

from __future__ import annotations

import dataclasses
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import requests

from mlops_magics import Session
from mlops_magics.core import log_columns
from mlops_magics.core.deploying.endpoints import paths
from mlops_magics.core.deploying.endpoints.listening import listen
from mlops_magics.core.deploying.prediction_log import log_segments, replica_log
from mlops_magics.core.deploying.prediction_log.feedback import feedback
from mlops_magics.core.deploying.prediction_log.log_shipper import LogShipper, ShippedLogWriter
from mlops_magics.core.versioning import Board
from mlops_magics.errors import InvalidInput, NotFound
from tests.core.deploying.conftest import Pinned, publish_line

HOUR = 3600.0


class NoWriter:
    """A log writer without rows: the segments are made by the test."""

    written = 0

    def seal(self) -> None:
        """Seal nothing."""

    def close(self) -> None:
        """Close nothing."""


@pytest.fixture(scope="module")
def s3_server() -> Iterator[str]:
    """moto's server, which enforces If-None-Match as S3 does."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(port=0)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(s3_server: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A bucket, and credentials in the environment."""
    import fsspec
    import s3fs

    for name, value in {
        "AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "us-east-1", "AWS_ENDPOINT_URL": s3_server,
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    s3fs.S3FileSystem.clear_instance_cache()
    name = f"log-{time.time_ns()}"
    fsspec.filesystem("s3").mkdir(name)
    yield f"s3://{name}/log"
    s3fs.S3FileSystem.clear_instance_cache()


def _segment(pinned: Pinned, first: int, rows: int = 5, moment: float | None = None, *, sealed: bool = True) -> Path:
    """Write a segment as a log writer does, with rows that are numbered from ``first``."""
    when = time.time() if moment is None else moment
    place = paths.log_of(pinned.version.board, pinned.version.name)
    numbers = list(range(first, first + rows))
    schema_note = {b"mlops": b'{"version": "%s", "columns": []}' % pinned.version.version.encode()}
    table = pa.table(
        {
            log_columns.TIMESTAMP: pa.array([int(when * 1e6) + n for n in numbers], pa.timestamp("us", "UTC")),
            log_columns.REQUEST_ID: [f"r{number}" for number in numbers],
            log_columns.ROW: pa.array([0] * rows, pa.int64()),
            log_columns.VERSION: [pinned.version.version] * rows,
            log_columns.LATENCY: [1.0] * rows,
            log_columns.PREDICTION: [float(number) for number in numbers],
        }
    ).replace_schema_metadata(schema_note)
    segment = log_segments.Segment(place, table.schema)
    segment.append(table.to_batches())
    if sealed:
        segment.close()
    else:
        segment._drop()
    return segment.path


def _shipper(pinned: Pinned, url: str, **options: Any) -> LogShipper:
    return LogShipper(NoWriter(), pinned.version, url, seconds=3600.0, **options)  # type: ignore[arg-type]


def _numbers(url: str, **options: Any) -> list[float]:
    return sorted(replica_log.read(url, "line", **options)[log_columns.PREDICTION])


def test_segments_of_many_replicas_are_read_while_they_are_written(bucket: str, line: Pinned, tmp_path: Path) -> None:
    """Each is uploaded once, below its hour, and removed here; a reader sees whole segments only."""
    replicas, each = 4, 6
    seen: list[int] = []
    done = threading.Event()

    def write(replica: int) -> None:
        place = dataclasses.replace(line.version, board=f"{line.version.board}-{replica}")
        apart = dataclasses.replace(line, version=place)
        shipper = _shipper(apart, bucket)
        for number in range(each):
            _segment(apart, 5 * (each * replica + number))
            shipper.ship()
        shipper.stop()
        shipper.ship()

    def look() -> None:
        while not done.is_set():
            try:
                found = _numbers(bucket)
            except NotFound:
                continue
            assert len(found) == len(set(found))
            seen.append(len(found))

    reader = threading.Thread(target=look)
    reader.start()
    writers = [threading.Thread(target=write, args=(replica,)) for replica in range(replicas)]
    for thread in writers:
        thread.start()
    for thread in writers:
        thread.join()
    done.set()
    reader.join()

    assert _numbers(bucket) == list(map(float, range(5 * replicas * each)))
    assert all(count % 5 == 0 for count in seen)


def test_what_an_ended_process_left_is_shipped_by_the_next_one(
    tmp_path: Path, line: Pinned, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A segment without an end mark, and one that was taken but not removed: its rows count once."""
    url = str(tmp_path / "log")
    open_one = _segment(line, 0, sealed=False)
    half = _segment(line, 5)
    first = _shipper(line, url)
    real, kept = replica_log.put, []

    def put_and_end(system: Any, path: str, table: Any) -> None:
        real(system, path, table)
        if not kept:
            kept.append(path)
            raise OSError("the process ends here")

    with monkeypatch.context() as patch:
        patch.setattr(replica_log, "put", put_and_end)
        first.ship()
        first.stop()
    assert kept
    assert half.exists() or open_one.exists()
    for path in (half, open_one):
        if path.exists():
            os.utime(path, (1, 1))
    second = _shipper(line, url)
    second.ship()
    second.stop()

    assert _numbers(url) == list(map(float, range(10)))
    assert not [path for path in half.parent.iterdir() if path.is_file()]


def test_a_segment_that_is_written_now_is_left(tmp_path: Path, line: Pinned) -> None:
    """It has no end mark, and its process is alive."""
    url = str(tmp_path / "log")
    shipper = _shipper(line, url)
    path = _segment(line, 0, sealed=False)
    shipper.ship()
    shipper.stop()

    assert path.exists()
    assert shipper.shipped == 0


def test_a_bucket_that_denies_costs_no_request_and_no_row(bucket: str, line: Pinned) -> None:
    """The segment stays here, the reason is kept, and the next upload sends it."""
    path = _segment(line, 0)
    denied = _shipper(line, "s3://a-bucket-of-nobody/log")
    denied.ship()
    denied.stop()
    assert path.exists()
    assert denied.failure

    shipper = _shipper(line, bucket)
    shipper.ship()
    shipper.stop()
    assert (shipper.failure, shipper.shipped) == ("", 5)
    assert _numbers(bucket) == list(map(float, range(5)))


def test_an_hour_is_compacted_and_its_parts_are_removed_later(
    tmp_path: Path, line: Pinned, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Readers drop the doubles meanwhile; a span reads its hours alone; the hour that goes on is left."""
    url, now = str(tmp_path / "log"), time.time()
    old = now - 5 * HOUR
    for number in range(4):
        _segment(line, 5 * number, moment=old)
    _segment(line, 100, moment=now)
    shipper = _shipper(line, url)
    shipper.ship()
    shipper.stop()
    expected = [*map(float, range(20)), *map(float, range(100, 105))]
    files = lambda: len(list(Path(url).rglob("*.parquet")))  # noqa: E731

    assert (_numbers(url), files()) == (expected, 5)
    assert replica_log.compact(url, "line") == (1, 0)
    assert (_numbers(url), files()) == (expected, 6)
    assert replica_log.compact(url, "line") == (0, 0)
    for path in Path(url).rglob("compacted-*"):
        os.utime(path, (1, 1))
    assert replica_log.compact(url, "line") == (0, 4)
    assert (_numbers(url), files()) == (expected, 2)
    assert _numbers(url, start=pd.Timestamp(now - HOUR, unit="s")) == expected[20:]
    assert _numbers(url, end=pd.Timestamp(now - HOUR, unit="s")) == expected[:20]
    assert _numbers(url, version="another") == []


def test_names_and_urls_that_are_not_valid_are_refused(tmp_path: Path) -> None:
    """No name leaves the log; an unknown scheme is named."""
    for name in ("../other", "a/b", ""):
        with pytest.raises(InvalidInput):
            replica_log.read(str(tmp_path), name)
    with pytest.raises(InvalidInput, match="cannot be opened"):
        replica_log.read("nowhere://log", "line")
    with pytest.raises(NotFound, match="--log-to"):
        replica_log.read(str(tmp_path), "line")


def test_a_replica_ships_what_is_left_when_it_is_ended_and_monitor_reads_it(
    board: Board, tmp_path: Path, state_folder: Path
) -> None:
    """`serve --log-to URL`, requests and truth, SIGTERM; `monitor --log URL` from another machine's state folder."""
    pinned, url = publish_line(board), str(tmp_path / "log")
    listening = listen("127.0.0.1", 0)
    port = listening.getsockname()[1]
    listening.close()
    command = [sys.executable, "-m", "mlops_magics.cli", "serve", "line", "--board", board.url, "--no-token"]
    command += ["--sha256", pinned.version.hash, "--port", str(port), "--log-to", url]
    variables = {**os.environ, "MLOPS_MAGICS_STATE": str(tmp_path / "replica")}
    child = subprocess.Popen(command, env=variables, stderr=subprocess.DEVNULL)
    address, deadline = f"http://127.0.0.1:{port}", time.monotonic() + 100
    rows = pd.concat([pinned.rows] * 2, ignore_index=True)
    try:
        while time.monotonic() < deadline:
            try:
                if requests.get(f"{address}/ping", timeout=5).ok:
                    break
            except requests.RequestException:
                time.sleep(0.05)
        for place in range(0, len(rows), 40):
            part = rows.iloc[place : place + 40].to_dict("records")
            headers = {"X-Request-Id": f"asked-{place}"}
            assert requests.post(f"{address}/predict", json=part, headers=headers, timeout=30).ok
        truth = {"request_id": "asked-0", "truth": [1.0] * 40}
        assert requests.post(f"{address}/feedback", json=truth, timeout=30).ok
        child.send_signal(signal.SIGTERM)
        assert child.wait(60) == 0
    finally:
        if child.poll() is None:
            child.kill()
            child.wait()

    found = replica_log.read(url, "line")
    assert len(found) == len(rows)
    np.testing.assert_allclose(sorted(found[log_columns.PREDICTION]), sorted(pinned.model.predict(rows)), rtol=1e-12)
    assert found[list(pinned.rows)].dtypes.equals(pinned.rows.dtypes)
    assert len(replica_log.read_feedback(url, "line")) == 40
    with pytest.raises(
        InvalidInput, match="no reference profile"
    ):  # of this model nothing was profiled: the log was read
        Session(board=board.url).monitor("line", log=url)
    with pytest.raises(NotFound):
        Session(board=board.url).monitor("line", log=str(tmp_path / "none"))


def test_the_writer_of_a_replica_seals_and_ships(line: Pinned, tmp_path: Path) -> None:
    """Feedback goes with it; closing uploads the rest."""
    from mlops_magics.core.deploying.contract.model_options import ServingOptions
    from mlops_magics.core.deploying.prediction_log.log_encoder import LogEncoder
    from mlops_magics.core.deploying.prediction_log.loop_scheduler import run_now
    from mlops_magics.core.deploying.serving.loaded_model import LoadedModel

    url = str(tmp_path / "log")
    loaded = LoadedModel(line.version, line.model, ServingOptions())
    encoder = LogEncoder(loaded.layout, line.version.version, {}, loaded.classes)
    writer = ShippedLogWriter(line.version, url, encoder, run_now, 1 << 30)
    feedback("line", [1.0, 2.0], request_id="a", board=line.version.board)
    writer.close()

    assert replica_log.read_feedback(url, "line")[log_columns.TRUTH].tolist() == [1.0, 2.0]


def test_other_engines_read_the_segments_by_their_folders(tmp_path: Path, line: Pinned) -> None:
    """DuckDB and polars find model, date and hour as columns."""
    import duckdb
    import polars

    url = str(tmp_path / "log")
    for number in range(3):
        _segment(line, 5 * number)
    shipper = _shipper(line, url)
    shipper.ship()
    shipper.stop()

    pattern = f"{url}/predictions/model=line/**/*.parquet"
    query = f"SELECT model, count(*) FROM read_parquet('{pattern}', hive_partitioning = true) GROUP BY ALL"
    assert duckdb.sql(query).fetchall() == [("line", 15)]
    frame = polars.scan_parquet(pattern, hive_partitioning=True)
    assert frame.select("model", "date", polars.len()).unique().collect().rows()[0][::2] == ("line", 15)
