"""What our endpoint does when things go wrong, with figures: slow clients, huge bodies, a killed worker, a full disk.

python bench/serving_faults.py
"""

from __future__ import annotations

import gzip
import http.client
import json
import os
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
import psutil
import serving_load as load
from serving_models import Subject, subjects
from serving_servers import TOKEN, Server, ours

MEBIBYTE = 1 << 20
SLOW = 1000


@contextmanager
def peak_of(server: Server) -> Iterator[list[float]]:
    """Watch the memory of a server's processes (RSS, MiB): yields what it was before, and after the block its peak."""
    found = [_rss(server)]
    ended = threading.Event()

    def watch() -> None:
        most = 0.0
        while not ended.wait(0.005):
            most = max(most, _rss(server))
        found.append(most)

    thread = threading.Thread(target=watch)
    thread.start()
    yield found
    ended.set()
    thread.join()


def _rss(server: Server) -> float:
    total = 0
    for process in [server.process, *server.process.children(recursive=True)]:
        with suppress(psutil.Error):
            total += process.memory_info().rss
    return total / MEBIBYTE


def waits(server: Server, subject: Subject, count: int) -> list[float]:
    """Return how long one client waited for each of so many single rows, ms."""
    body = subject.body("records", 1).read_bytes()
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    found = []
    for _ in range(count):
        started = time.perf_counter()
        connection.request("POST", "/predict", body, {"Authorization": f"Bearer {TOKEN}"})
        if connection.getresponse().read() == b"":
            raise RuntimeError("no answer")
        found.append(1000 * (time.perf_counter() - started))
    return found


def slow_connections(server: Server, subject: Subject) -> None:
    """A thousand clients that send a byte of their head each second; another one asks as if they were not there."""
    alone = waits(server, subject, 500)
    with peak_of(server) as memory:
        slow = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(SLOW)]
        beside: list[float] = []
        for byte in b"POST /":
            for connection in slow:
                with suppress(OSError):
                    connection.send(bytes([byte]))
            beside += waits(server, subject, 100)
        for connection in slow:
            connection.settimeout(30)
        told = [connection.recv(64).split(b"\r\n")[0] for connection in slow]
        for connection in slow:
            connection.close()
    print(f"| one row alone, p99 ms | {np.percentile(alone, 99):.1f} |")
    print(f"| one row beside {SLOW:,} slow clients, p99 ms | {np.percentile(beside, 99):.1f} |")
    print(f"| of them told 408 after the limit | {sum(b'408' in line for line in told):,} |")
    print(f"| memory before and at the peak, MiB | {memory[0]:.0f} and {memory[1]:.0f} |")


def hostile_bodies(server: Server, subject: Subject) -> None:
    """Bodies that are too long, too deep, or unpack to too much: status, time, and memory at the peak."""
    row = b'{"x0":1e1},'
    bodies = {
        "200 MB of rows": (row * (200_000_000 // len(row)), {}),
        "60 MB nested in 60 million lists": (b"[" * 60_000_000, {}),
        "60 MB of empty records": (b"[" + b"{}," * 20_000_000 + b"{}]", {}),
        "60 MB of numbers": (b"[" + b"0," * 30_000_000 + b"0]", {}),
        "45 MB of rows that lack nine columns": (b"[" + row * 4_000_000 + b"{}]", {}),
        "a gzip bomb of 200 MB": (gzip.compress(b" " * 200_000_000), {"Content-Encoding": "gzip"}),
    }
    for name, (body, more) in bodies.items():
        started = time.perf_counter()
        with peak_of(server) as memory:
            status = _status(server, body, more)
        print(f"| {name} | {status} in {time.perf_counter() - started:.1f} s, {memory[0]:.0f} to {memory[1]:.0f} MiB |")
    print(f"| memory afterwards, MiB | {_rss(server):.0f} |")


def _status(server: Server, body: bytes, more: dict[str, str]) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=120)
    try:
        connection.request("POST", "/predict", body, {"Authorization": f"Bearer {TOKEN}", **more})
        return connection.getresponse().status
    finally:
        connection.close()


def killed_worker(server: Server, subject: Subject) -> None:
    """SIGKILL of the worker under 64 connections: what failed, and how long nobody answered."""
    worker = next(each for each in server.process.children() if each.is_running())
    found: dict[str, float] = {}
    loader = threading.Thread(target=lambda: found.update(load.rate(server, subject, connections=64, seconds=8)))
    loader.start()
    time.sleep(2)
    worker.kill()
    started = time.perf_counter()
    waits(server, subject, 1)
    print(f"| a worker killed under load: until the next answer, s | {time.perf_counter() - started:.2f} |")
    loader.join()
    print(f"| requests that failed, of about | {found['errors']:.0f} of {8 * found['rate']:,.0f} |")


def full_disk(server: Server, subject: Subject) -> None:
    """The log's file may grow no further: answers go on, lost rows are counted, and writing resumes with the room."""
    import resource

    worker = next(each for each in server.process.children() if each.is_running())
    unlimited = resource.prlimit(worker.pid, resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))
    before = load.rate(server, subject, connections=64, seconds=2)
    full = _health(server)["log"]
    resource.prlimit(worker.pid, resource.RLIMIT_FSIZE, unlimited)
    load.rate(server, subject, connections=64, seconds=1)
    time.sleep(1.0)
    after = _health(server)["log"]
    print(f"| full disk: answered, failed | {2 * before['rate']:,.0f}, {before['errors']:.0f} |")
    print(f"| rows counted as lost, and why | {full['dropped']:,}, {full['failure']} |")
    print(f"| with room again: written, failure | {after['written'] - full['written']:,}, {after['failure']} |")


def _health(server: Server) -> dict[str, dict[str, float]]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    connection.request("GET", "/health", headers={"Authorization": f"Bearer {TOKEN}"})
    told: dict[str, dict[str, float]] = json.loads(connection.getresponse().read())
    connection.close()
    return told


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        os.environ["MLOPS_MAGICS_STATE"] = str(folder / "state")
        subject = next(subject for subject in subjects(folder) if subject.name == "lin")
        print("| when things go wrong | |\n|---|---|")
        for fault in (slow_connections, hostile_bodies, full_disk, killed_worker):
            with ours(subject, folder / fault.__name__) as server:
                fault(server, subject)


if __name__ == "__main__":
    main()
