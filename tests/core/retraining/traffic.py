"""A process that asks an endpoint at a rate over connections that it keeps. Its order is the first line of stdin.

It is a process of its own, because threads beside a retraining would wait for its interpreter. It asks until its
input ends, and then writes the answers and the faults as one JSON object.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from typing import Any
from urllib.parse import urlsplit


class Traffic:
    """Starts the process, and has its answers when it has ended.

    Attributes
    ----------
    answers
        (second, row, status, version, prediction) of each answer.
    faults
        What no answer came for.
    """

    def __init__(self, url: str, token: str | None, rows: list[dict[str, Any]], *, rate: int, clients: int) -> None:
        place = urlsplit(url)
        order = {"host": place.hostname, "port": place.port, "token": token, "rows": rows, "rate": rate}
        self._order = json.dumps(order | {"clients": clients}).encode() + b"\n"
        self.answers: list[tuple[float, int, int, str, str]] = []
        self.faults: list[str] = []

    def __enter__(self) -> Traffic:
        self._child = subprocess.Popen([sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self._child.stdin is not None
        self._child.stdin.write(self._order)
        self._child.stdin.flush()
        return self

    def __exit__(self, *exc: object) -> None:
        found = json.loads(self._child.communicate()[0])
        self.answers = [tuple(each) for each in found["answers"]]
        self.faults = found["faults"]

    @property
    def rates(self) -> list[int]:
        """The answers of each whole second."""
        seconds = Counter(int(second) for second, *_ in self.answers)
        return [seconds[each] for each in range(max(seconds, default=0))]


def main() -> None:
    """Ask until the input ends."""
    order = json.loads(sys.stdin.readline())
    answers: list[tuple[float, int, int, str, str]] = []
    faults: list[str] = []
    end = threading.Event()
    began = time.monotonic()
    threads = [
        threading.Thread(target=_ask, args=(order, first, began, end, answers, faults))
        for first in range(order["clients"])
    ]
    for each in threads:
        each.start()
    sys.stdin.read()
    end.set()
    for each in threads:
        each.join()
    json.dump({"answers": answers, "faults": faults}, sys.stdout)


def _ask(order: dict[str, Any], first: int, began: float, end: threading.Event, answers: Any, faults: Any) -> None:
    clients, requests = order["clients"], _requests(order)
    line: socket.socket | None = None
    place, due = first, began + first / order["rate"]
    while not end.is_set():
        row = place % len(requests)
        try:
            line = line or socket.create_connection((order["host"], order["port"]), timeout=30)
            line.sendall(requests[row])
            status, version, prediction = _answer(line)
            answers.append((time.monotonic() - began, row, status, version, prediction))
        except (OSError, ValueError, LookupError) as fault:
            faults.append(repr(fault))
            line = None
        place += clients
        due += clients / order["rate"]
        time.sleep(max(0.0, due - time.monotonic()))


def _requests(order: dict[str, Any]) -> list[bytes]:
    """Return the whole request for each row."""
    head = f"POST /predict HTTP/1.1\r\nhost: {order['host']}:{order['port']}\r\ncontent-type: application/json\r\n"
    head += f"authorization: Bearer {order['token']}\r\n" if order["token"] else ""
    bodies = [json.dumps([row]).encode() for row in order["rows"]]
    return [f"{head}content-length: {len(body)}\r\n\r\n".encode() + body for body in bodies]


def _answer(line: socket.socket) -> tuple[int, str, str]:
    """Return status, version and prediction of an answer that names its length."""
    data = line.recv(65536)
    while b"\r\n\r\n" not in data:
        data += _more(line)
    head, _, body = data.partition(b"\r\n\r\n")
    status, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (each.partition(":") for each in lines)}
    while len(body) < int(headers["content-length"]):
        body += _more(line)
    return int(status.split()[1]), headers.get("x-model-version", ""), str(json.loads(body)["predict"][0])


def _more(line: socket.socket) -> bytes:
    data = line.recv(65536)
    if not data:
        raise ConnectionError("the connection was closed within an answer")
    return data


if __name__ == "__main__":
    main()
