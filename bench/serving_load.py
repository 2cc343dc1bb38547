"""The loads: wrk for many small requests, one connection for large ones, and a ping beside them."""

from __future__ import annotations

import http.client
import json
import subprocess
import threading
import time
from pathlib import Path

import numpy as np
from serving_models import Subject
from serving_servers import Server

SCRIPT = Path(__file__).with_name("serving_post.lua")


def rate(
    server: Server, subject: Subject, *, connections: int, rows: int = 1, seconds: int = 3, pause: int = 0
) -> dict[str, float]:
    """Return requests per second, p50 and p99 in ms, and errors, under wrk; ``pause`` is ms between two requests."""
    body = subject.body(server.form, rows)
    url = f"http://127.0.0.1:{server.port}{server.path}"
    command = [
        "wrk",
        "-t1",
        f"-c{connections}",
        f"-d{seconds}s",
        "--timeout",
        "10s",
        "-s",
        str(SCRIPT),
        url,
        "--",
    ]
    done = subprocess.run(
        [*command, str(body), server.content_type, server.token, str(pause)], capture_output=True, text=True, check=True
    )
    measured: dict[str, float] = json.loads(next(line for line in done.stdout.splitlines() if line.startswith("{")))
    return measured


def large(server: Server, subject: Subject, *, form: str, content_type: str, rows: int, times: int = 3) -> float:
    """Return rows per second of the quickest of a few large requests on one connection."""
    body = subject.body(form, rows).read_bytes()
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=120)
    headers = {"Content-Type": content_type, "Authorization": f"Bearer {server.token}"}
    taken = []
    for _ in range(times):
        started = time.perf_counter()
        connection.request("POST", server.path, body, headers)
        reply = connection.getresponse()
        reply.read()
        if reply.status != 200:
            raise RuntimeError(f"{server.name} answered {reply.status} to {rows:,} rows as {form}")
        taken.append(time.perf_counter() - started)
    connection.close()
    return rows / min(taken)


def ping_beside_large(server: Server, subject: Subject, *, rows: int) -> float:
    """Return the p99, in ms, of `GET /ping` while one large request runs."""
    worker = threading.Thread(
        target=large,
        args=(server, subject),
        kwargs={"form": server.form, "content_type": server.content_type, "rows": rows, "times": 1},
    )
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=120)
    waits = []
    worker.start()
    while worker.is_alive():
        started = time.perf_counter()
        connection.request("GET", "/ping")
        connection.getresponse().read()
        waits.append(1000 * (time.perf_counter() - started))
        time.sleep(0.001)
    worker.join()
    connection.close()
    return float(np.percentile(waits, 99))


def in_process(subject: Subject, seconds: float = 2.0) -> float:
    """Return `model.predict(DataFrame)` calls per second for one row: the limit of any server that asks row by row."""
    row = subject.rows[:1]
    count, started = 0, time.perf_counter()
    while time.perf_counter() - started < seconds:
        subject.model.predict(row)
        count += 1
    return count / (time.perf_counter() - started)
