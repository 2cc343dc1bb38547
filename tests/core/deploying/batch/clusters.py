"""Batch scoring on engines of several processes, whose workers are killed: `make clusters`; on loopback alone."""

from __future__ import annotations

import importlib
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import psutil
import pytest
import requests

from mlops_magics import Session
from mlops_magics.core.deploying.contract.http_messages import Request
from mlops_magics.core.deploying.server.embedded import EmbeddedEndpoint
from mlops_magics.core.versioning import Facts, open_board
from mlops_magics.errors import TargetError
from tests.core.deploying.conftest import Pinned, publish_forest
from tests.core.deploying.targets.contract import Answer, assert_equal, requests_of

HOST = {"host": "127.0.0.1"}
FILES, ROWS = 8, 20_000


@pytest.fixture(scope="module")
def forest(tmp_path_factory: pytest.TempPathFactory) -> Pinned:
    """A forest of labels."""
    return publish_forest(open_board(tmp_path_factory.mktemp("boards") / "board"))


@pytest.fixture
def session(forest: Pinned) -> Session:
    """A session that trusts the board."""
    forest.board.trust()
    return Session(board=forest.board.url)


@pytest.fixture(scope="module")
def rows(forest: Pinned) -> pd.DataFrame:
    """Rows for all files, with their numbers."""
    many = pd.concat([forest.rows] * (FILES * ROWS // len(forest.rows)), ignore_index=True)
    return many.assign(number=np.arange(len(many)))


@pytest.fixture
def inputs(rows: pd.DataFrame, tmp_path: Path) -> Path:
    """One file for each share of the rows."""
    folder = tmp_path / "in"
    folder.mkdir()
    for place in range(FILES):
        rows.iloc[place * ROWS : (place + 1) * ROWS].to_parquet(folder / f"{place}.parquet")
    return folder


def _check(
    session: Session, forest: Pinned, rows: pd.DataFrame, inputs: Path, engine: Any, marks: tuple[str, ...]
) -> None:
    """Score on an engine while one of its workers is killed; score again; compare row for row."""
    out = inputs.parent / "out"
    killed: list[int] = []

    def kill() -> None:
        deadline = time.monotonic() + 300
        while not killed and time.monotonic() < deadline:
            if any(out.glob(".draft-*")):
                for process in psutil.process_iter(["pid", "cmdline"]):
                    words = " ".join(process.info["cmdline"] or [])
                    if process.pid != os.getpid() and all(mark in words for mark in marks):
                        os.kill(process.pid, signal.SIGKILL)
                        killed.append(process.pid)
                        return
            time.sleep(0.02)

    killer = threading.Thread(target=kill)
    killer.start()
    first = session.predict_batch("forest", str(inputs), str(out), engine=engine)
    killer.join()
    before = {path.name: path.read_bytes() for path in out.glob("*.parquet")}
    again = session.predict_batch("forest", str(inputs), str(out), engine=engine)

    assert killed
    assert (first.rows, first.failed, again.rows) == (len(rows), (), len(rows))
    assert {each.state for each in again.parts} == {"skipped"}
    assert {path.name: path.read_bytes() for path in out.glob("*.parquet")} == before
    found = pd.concat(map(pd.read_parquet, out.glob("*.parquet"))).sort_values("number", ignore_index=True)
    assert found["number"].tolist() == rows["number"].tolist()
    assert found["prediction"].tolist() == forest.model.predict(rows[list(forest.rows)]).tolist()


def _check_frame(
    session: Session, forest: Pinned, rows: pd.DataFrame, frame: Any, collect: Callable[[Any], pd.DataFrame]
) -> None:
    """A lazy frame whose columns are in another order has the model's answers."""
    lazy = session.predict("forest", frame)
    found = collect(lazy).sort_values("number", ignore_index=True)

    assert found["prediction"].astype(str).tolist() == forest.model.predict(rows[list(forest.rows)]).tolist()
    assert found["city"].astype(str).tolist() == rows["city"].tolist()


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    """Two executors of their own, and one thread of this process."""
    sql = importlib.import_module("pyspark.sql")
    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
    os.environ["PYSPARK_PYTHON"] = sys.executable  # executors have this package too
    started = (
        sql.SparkSession.builder.master("local-cluster[2,1,1024]")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.ui.enabled", "false")
        .config("spark.executor.memory", "1g")
        .getOrCreate()
    )
    yield started
    started.stop()


def test_spark(session: Session, forest: Pinned, rows: pd.DataFrame, inputs: Path, spark: Any) -> None:
    """`local-cluster[2,1,1024]`; a Python worker is killed."""
    _check(session, forest, rows, inputs, spark, ("pyspark.daemon",))
    frame = spark.createDataFrame(rows.head(2000)[rows.columns[::-1]])
    _check_frame(session, forest, rows.head(2000), frame, lambda lazy: lazy.toPandas())


def test_dask(session: Session, forest: Pinned, rows: pd.DataFrame, inputs: Path) -> None:
    """`LocalCluster`; a worker is killed, and its nanny starts another one."""
    distributed, frames = (importlib.import_module(name) for name in ("distributed", "dask.dataframe"))
    with (
        distributed.LocalCluster(2, threads_per_worker=1, dashboard_address=None, host="127.0.0.1") as cluster,
        distributed.Client(cluster) as client,
    ):
        _check(session, forest, rows, inputs, client, ("multiprocessing.spawn", "spawn_main"))
        frame = frames.from_pandas(rows.head(2000)[rows.columns[::-1]], npartitions=4)
        _check_frame(session, forest, rows.head(2000), frame, lambda lazy: lazy.compute())


@pytest.fixture
def ray(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Two processors, without a dashboard and without statistics of its use."""
    os.environ |= {"RAY_USAGE_STATS_ENABLED": "0", "RAY_SERVE_PROXY_READY_CHECK_TIMEOUT_S": "120"}
    module = importlib.import_module("ray")
    for last in (False, False, True):
        try:
            module.init(include_dashboard=False, num_cpus=2, object_store_memory=100_000_000, log_to_driver=False)
            break
        except Exception:  # its start has fixed time-outs, which a busy machine passes
            module.shutdown()
            if last:
                raise
    yield module
    module.shutdown()


def test_ray_serve(tmp_path: Path, ray: Any) -> None:
    """The contract of an endpoint; under load the alias moves, moves back, and names a version that does not load."""
    forest = publish_forest(open_board(tmp_path / "board"))  # the other tests read theirs by its alias
    board = forest.board
    board.trust()
    session = Session(board=board.url)
    board.promote(forest.version.ref, to="champion")
    settings = {"follow": "champion", "seconds": "0.3", "replicas": "1", "most_replicas": "1", "port": "18765"}
    made = session.deploy_to("forest@champion", "ray", settings)
    assert session.deployments()[0].state == "running"
    with pytest.raises(TargetError, match="runs on this cluster"):
        session.deploy_to("forest@champion", "ray", settings)
    embedded = EmbeddedEndpoint(forest.version, forest.model)
    for verb, path, headers, body in requests_of("forest", forest.rows):
        here = embedded.respond(Request(verb, path, "", {n.lower(): v for n, v in headers.items()} | HOST, body))
        reply = requests.request(verb, made.url + path, headers=headers, data=body, timeout=60)
        answer = Answer(
            here.status, {n.lower(): v for n, v in here.headers} | {"content-type": here.content_type}, here.body
        )
        there = Answer(reply.status_code, {n.lower(): v for n, v in reply.headers.items()}, reply.content)
        assert_equal(answer, there, (verb, path))

    stop, failed, seen, longest = threading.Event(), [], [], [0.0]

    def load() -> None:
        records = forest.rows.head(1).to_dict("records")
        while not stop.is_set():
            begun = time.monotonic()
            reply = requests.post(f"{made.url}/predict", json=records, timeout=60)
            longest[0] = max(longest[0], time.monotonic() - begun)
            seen.append(reply.headers.get("X-Model-Version"))
            failed.extend([reply.text] if reply.status_code != 200 else [])

    thread = threading.Thread(target=load)
    thread.start()
    try:
        second = publish_forest(board).version
        board.promote(second.ref, to="champion")
        _until(lambda: seen and seen[-1] == second.version)
        board.rollback("forest")
        _until(lambda: seen[-1] == forest.version.version)
        bare = board.publish(forest.model, "forest", Facts(format="joblib"))
        board.promote(bare.ref, to="champion")
        time.sleep(3)
        assert seen[-1] == forest.version.version
    finally:
        stop.set()
        thread.join()
    print(f"{len(seen)} requests, {len(failed)} failed, longest {longest[0]:.2f} s")
    assert not failed
    assert session.stop_at("forest", "ray").state == "gone"


def _until(met: Callable[[], Any], seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not met():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)


def test_ray(session: Session, forest: Pinned, rows: pd.DataFrame, inputs: Path, ray: Any) -> None:
    """Two workers; one is killed."""
    _check(session, forest, rows, inputs, ray, ("ray::score_json",))
    data = importlib.import_module("ray.data")
    frame = data.from_pandas(rows.head(2000)[rows.columns[::-1]])
    _check_frame(session, forest, rows.head(2000), frame, lambda lazy: lazy.to_pandas())
