"""Four replicas write 10,000 segments to moto while a reader monitors: `make segments` (a quarter of an hour)."""

from __future__ import annotations

import dataclasses
import os
import re
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from mlops_magics import Session
from mlops_magics.core import logged_days
from mlops_magics.core.deploying.endpoints import paths
from mlops_magics.core.deploying.endpoints.listening import listen
from mlops_magics.core.deploying.prediction_log import log_days, log_segments
from mlops_magics.core.deploying.prediction_log.log_shipper import LogShipper
from mlops_magics.core.versioning import ModelVersion
from mlops_magics.errors import NotFound
from tests.core.deploying.prediction_log.test_log_shipper import NoWriter
from tests.core.test_logged_days import DAY, FIRST, _rows, _segment, session  # noqa: F401, a fixture

REPLICAS, DAYS, SEGMENTS, ROWS = 4, 4, int(os.environ.get("SEGMENTS", "10000")), 50


@pytest.fixture
def moto(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """moto in a process of its own, and the log of its requests."""
    import s3fs

    listening = listen("127.0.0.1", 0)
    port = listening.getsockname()[1]
    listening.close()
    log = tmp_path / "requests.log"
    with log.open("w") as stream:
        command = [Path(sys.executable).with_name("moto_server"), "-H", "127.0.0.1", "-p", str(port)]
        child = subprocess.Popen(command, stdout=stream, stderr=stream)
    for name, value in {
        "AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "us-east-1", "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    s3fs.S3FileSystem.clear_instance_cache()
    while True:
        try:
            requests.put(f"http://127.0.0.1:{port}/bucket", timeout=10)
            break
        except requests.ConnectionError:
            time.sleep(0.1)
    yield log
    child.kill()
    child.wait()
    s3fs.S3FileSystem.clear_instance_cache()


def _write(version: ModelVersion, replica: int, url: str) -> None:
    """Write and ship the segments of one replica: four days, one after another."""
    apart = dataclasses.replace(version, board=f"{version.board}-{replica}")
    shipper: Any = LogShipper(NoWriter(), apart, url, seconds=3600.0)  # type: ignore[arg-type]
    rows = _rows(ROWS, replica + 1)
    share = SEGMENTS // REPLICAS
    for number in range(share):
        day, place = divmod(number, -(-share // DAYS))
        begin = FIRST + DAY * day + 8 * place + replica
        table = _segment(version, begin, replica * SEGMENTS + number, rows)
        segment = log_segments.Segment(paths.log_of(apart.board, apart.name), table.schema)
        segment.append(table.to_batches())
        segment.close()
        shipper.ship()
    shipper.stop()
    shipper.ship()
    assert shipper.shipped == share * ROWS


def test_no_row_is_lost_or_doubled_and_each_segment_is_read_once(
    session: Session,  # noqa: F811
    moto: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A reader that monitors meanwhile sees whole segments; the last report reads every segment once, the next none."""
    monkeypatch.setattr(logged_days, "LARGE_BYTES", 0)
    version, url = session.board.version("sizes"), "s3://bucket/log"
    begun, seen, done = time.monotonic(), [], threading.Event()

    def look() -> None:
        while not done.wait(5):
            try:
                seen.append(sum(each.n for each in session.monitor("sizes", log=url, by="day").periods))
            except NotFound:
                continue

    threads = [threading.Thread(target=_write, args=(version, replica, url)) for replica in range(REPLICAS)]
    reader = threading.Thread(target=look)
    for thread in (*threads, reader):
        thread.start()
    for thread in threads:
        thread.join()
    done.set()
    reader.join()
    written = time.monotonic() - begun
    days = log_days.days(url, "sizes", version.version)
    assert sum(len(found) for day in days for found in day.hours.values()) == SEGMENTS

    before, begun = _reads(moto), time.monotonic()
    report = session.monitor("sizes", log=url, by="day")
    first, begun, middle = time.monotonic() - begun, time.monotonic(), _reads(moto)
    again = session.monitor("sizes", log=url, by="day")
    second, reads = time.monotonic() - begun, middle - before
    print(
        f"{SEGMENTS:,} segments in {written:.0f} s, monitored {len(seen)} times meanwhile; then in {first:.1f} s with "
        f"{len(reads):,} segments read, and again in {second:.1f} s with {len(_reads(moto) - middle)}"
    )

    assert sum(each.n for each in report.periods) == SEGMENTS * ROWS
    assert all(count % ROWS == 0 for count in seen)
    assert set(reads.values()) <= {1}
    assert not _reads(moto) - middle
    assert again.drift.equals(report.drift)


def _reads(log: Path) -> Counter[str]:
    """Return the segments of predictions that were read, with the number of times."""
    found = re.findall(r'"GET (/bucket/log/predictions/\S+\.parquet)', log.read_text(errors="replace"))
    return Counter(found)
