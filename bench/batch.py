"""Batch scoring: rows a second and memory of a process on this machine, and on Spark beside MLflow's `spark_udf`.

`python bench/batch.py 10000000` scores files of 500,000 rows by two processes. `--spark 2000000` scores rows by
`Session.predict_batch`, `Session.predict` and `spark_udf` on one session of `local[2]`; it needs pyspark and mlflow.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import psutil

COLUMNS, FILE_ROWS = 20, 500_000
NAMES = [f"x{place}" for place in range(COLUMNS)]


def main() -> None:
    """Measure what the words name."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", type=int, nargs="?", default=1_000_000)
    parser.add_argument("--spark", type=int, default=0, metavar="ROWS")
    words = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["MLOPS_MAGICS_STATE"] = f"{folder}/state"
        session, model = _session(Path(folder))
        if words.rows:
            _local(session, Path(folder), words.rows)
        if words.spark:
            _spark(session, model, Path(folder), words.spark)


def _session(folder: Path) -> tuple[Any, Any]:
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    import mlops_magics as mm

    rows = _rows(2000, 0)
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(rows, np.where(rows.x0 > rows.x1, "yes", "no"))
    session = mm.Session(board=folder / "board")
    session.pin(model, "line", data=rows)
    return session, model


def _rows(count: int, seed: int) -> pd.DataFrame:
    return pd.DataFrame(np.random.default_rng(seed).normal(size=(count, COLUMNS)), columns=NAMES)


def _files(folder: Path, rows: int) -> Path:
    folder.mkdir()
    for place in range(-(-rows // FILE_ROWS)):
        _rows(min(FILE_ROWS, rows - place * FILE_ROWS), place + 1).to_parquet(folder / f"{place:04}.parquet")
    return folder


def _local(session: Any, folder: Path, rows: int) -> None:
    files, most, done = _files(folder / "in", rows), [0], threading.Event()

    def watch() -> None:
        while not done.wait(0.1):
            for child in psutil.Process().children(recursive=True):
                try:
                    most[0] = max(most[0], child.memory_info().rss)
                except psutil.NoSuchProcess:
                    continue

    watcher = threading.Thread(target=watch)
    watcher.start()
    begun, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    found = session.predict_batch("line", str(files), str(folder / "out"), workers=2)
    seconds = time.perf_counter() - begun
    done.set()
    watcher.join()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    assert found.rows == rows
    print(
        f"this machine, two processes: {rows:,} rows × {COLUMNS} in {seconds:.0f} s, {spent:.0f} s of CPU, at most "
        f"{most[0] / 2**20:.0f} MiB a process and {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10:.0f} here"
    )


def _spark(session: Any, model: Any, folder: Path, rows: int) -> None:
    import mlflow
    from pyspark.sql import SparkSession, functions

    os.environ |= {"PYSPARK_PYTHON": sys.executable, "SPARK_LOCAL_IP": "127.0.0.1"}
    settings = {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1", "spark.ui.enabled": "false"}
    builder = SparkSession.builder.master("local[2]")
    for name, value in settings.items():
        builder = builder.config(name, value)
    spark = builder.getOrCreate()
    files = _files(folder / "spark", rows)
    mlflow.sklearn.save_model(model, folder / "mlflow", serialization_format="cloudpickle")
    udf = mlflow.pyfunc.spark_udf(spark, str(folder / "mlflow"), result_type="string")
    frame = spark.read.parquet(str(files))
    ways = {
        "Session.predict (mapInPandas)": lambda: session.predict("line", frame).select("prediction"),
        "spark_udf": lambda: frame.select(udf(functions.struct(*NAMES)).alias("prediction")),
    }
    counts: dict[str, list[tuple[str, int]]] = {}
    taken: dict[str, list[float]] = {name: [] for name in (*ways, "Session.predict_batch (files)")}
    for turn in range(3):
        for name, make in ways.items():
            begun = time.perf_counter()
            counts[name] = sorted((str(row[0]), int(row[1])) for row in make().groupBy("prediction").count().collect())
            taken[name].append(time.perf_counter() - begun)
        begun = time.perf_counter()
        session.predict_batch("line", str(files), str(folder / f"out{turn}"), engine=spark)
        taken["Session.predict_batch (files)"].append(time.perf_counter() - begun)
    spark.stop()
    assert len({tuple(each) for each in counts.values()}) == 1, counts
    for name, seconds in taken.items():
        each = ", ".join(f"{one:.1f}" for one in seconds)
        print(f"Spark, {rows:,} rows: {name}: {statistics.median(seconds):.1f} s ({each})")


if __name__ == "__main__":
    main()
