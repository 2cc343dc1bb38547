"""The HTTP front on raw sockets: strict, patient within its limits, never confused about where a request ends."""

from __future__ import annotations

import gzip
import http.client
import io
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import psutil
import pyarrow as pa
import pytest
from pyarrow import parquet as pq

from mlops_magics.core.deploying import Endpoint, Limits
from mlops_magics.core.versioning import Board
from mlops_magics.errors import EndpointError
from tests.core.deploying.conftest import TOKEN, Lasting, Pinned, lasting_endpoint, publish_line

ROW = b'[{"x 0":0.1,"x-1":0.2,"x2":0.3,"x3":0.4}]'
LIMITS = Limits(
    body_bytes=1 << 20, header_seconds=0.6, stall_seconds=2.0, idle_seconds=1.5, header_bytes=4096, connections=300
)


@pytest.fixture(scope="module", params=["asyncio", "uvloop"])
def hasty(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Lasting]:
    """An endpoint with short patience, on each event loop that may carry it."""
    folder = tmp_path_factory.mktemp("hasty")
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "asyncio":
            (folder / "uvloop.py").write_text("raise ImportError('as where it is not installed')")
            patch.setenv("PYTHONPATH", str(folder))
        with lasting_endpoint(folder, limits=LIMITS) as started:
            yield started


@pytest.fixture
def endpoint(hasty: Lasting) -> Endpoint:
    """Its handle."""
    return hasty.endpoint


@pytest.fixture
def connect(endpoint: Endpoint) -> Iterator[Callable[[], socket.socket]]:
    """Open raw connections; closed after the test."""
    opened: list[socket.socket] = []

    def one() -> socket.socket:
        opened.append(socket.create_connection(("127.0.0.1", endpoint.port), timeout=10))
        return opened[-1]

    yield one
    for each in opened:
        each.close()


def head(verb: str = "POST", path: str = "/predict", *more: str) -> bytes:
    lines = [f"{verb} {path} HTTP/1.1", "Host: localhost", f"Authorization: Bearer {TOKEN}", *more]
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


def post(body: bytes = ROW, *more: str) -> bytes:
    return head("POST", "/predict", f"Content-Length: {len(body)}", *more) + body


def replies(connection: socket.socket, count: int = 1) -> list[tuple[int, bytes]]:
    """Read so many answers, in order."""
    found = []
    stream = connection.makefile("rb")
    for _ in range(count):
        status = int(stream.readline().split()[1])
        length = 0
        while (line := stream.readline().strip()) != b"":
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        found.append((status, stream.read(length)))
    return found


def is_closed(connection: socket.socket) -> bool:
    try:
        return connection.recv(1) == b""
    except ConnectionResetError:
        return True


def test_pipelined_requests_are_answered_in_order(connect: Callable[[], socket.socket]) -> None:
    """Requests that arrive together, quick and slow routes mixed, are answered one after the other."""
    connection = connect()
    connection.sendall(head("GET", "/ping") + post() + head("GET", "/health") + post(b"[]") + head("GET", "/ping"))

    found = replies(connection, 5)

    assert [status for status, _ in found] == [200, 200, 200, 422, 200]
    assert json.loads(found[4][1]) == {"ping": "pong"}


def test_a_head_that_comes_again_means_the_same_and_nothing_else_does(connect: Callable[[], socket.socket]) -> None:
    """A head seen before is read with every body of its length; in pieces, in pairs or changed it is parsed anew."""
    other = ROW.replace(b"0.3", b"0.9")
    connection = connect()

    def ask(*requests: bytes) -> list[tuple[int, bytes]]:
        for request in requests:
            connection.sendall(request)
            time.sleep(0.02)
        return replies(connection, max(1, sum(request.count(b"POST") for request in requests)))

    (first,), (second,) = ask(post(ROW, "X-New: 1")), ask(post(other, "X-New: 2"))
    assert first[0] == 200 == second[0]
    assert first[1] != second[1]
    assert [ask(post(body))[0] for body in (ROW, ROW, other, other)] == [first, first, second, second]
    assert ask(post(ROW) + post(other)) == [first, second]
    assert ask(post(other)[:-4], post(other)[-4:]) == [second]
    assert ask(post(ROW).replace(TOKEN.encode(), b"x" * len(TOKEN)))[0][0] == 401


def test_a_request_in_pieces_is_one_request(connect: Callable[[], socket.socket]) -> None:
    """Bytes may arrive one by one."""
    connection = connect()
    for byte in post():
        connection.sendall(bytes([byte]))

    assert replies(connection)[0][0] == 200


def test_chunked_bodies_are_read(connect: Callable[[], socket.socket]) -> None:
    """A body without a length, in chunks, is a body."""
    connection = connect()
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (ROW[:7], ROW[7:]))
    connection.sendall(head("POST", "/predict", "Transfer-Encoding: chunked") + chunks + b"0\r\n\r\n")

    assert replies(connection)[0][0] == 200


def test_a_client_that_waits_for_a_go_gets_it(connect: Callable[[], socket.socket]) -> None:
    """`Expect: 100-continue` is answered before the body is sent."""
    connection = connect()
    connection.sendall(head("POST", "/predict", f"Content-Length: {len(ROW)}", "Expect: 100-continue"))
    assert connection.recv(100).startswith(b"HTTP/1.1 100 ")
    connection.sendall(ROW)

    assert replies(connection)[0][0] == 200


@pytest.mark.parametrize(
    "sent",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET /ping\r\n\r\n",
        b"GET /ping HTTP/9.9\r\nHost: localhost\r\n\r\n",
        head("POST", "/predict", "Content-Length: 5", "Content-Length: 41") + ROW,
        head("POST", "/predict", "Content-Length: 41", "Transfer-Encoding: chunked") + b"0\r\n\r\n",
        head("POST", "/predict", "Content-Length: -1"),
        head("POST", "/predict", "Content-Length: 4 1"),
        head("POST", "/predict", "Content-Length : 41") + ROW,
        head("POST", "/predict", "Transfer-Encoding: chunked") + b"zz\r\n",
        head("GET", "*"),
        head("GET", "/ping", "Host: evil.example"),
        head("GET", "/ping", "Bad Header: x"),
        head("GET", "/ping", "X: a\x00b"),
        b"CONNECT localhost:80 HTTP/1.1\r\nHost: localhost\r\n\r\n",
    ],
)
def test_what_could_be_read_in_two_ways_is_refused_and_closed(
    connect: Callable[[], socket.socket], sent: bytes
) -> None:
    """Malformed or ambiguous requests are 400, and nothing after them is taken for a request."""
    connection = connect()
    connection.sendall(sent)

    assert replies(connection)[0][0] == 400
    assert is_closed(connection)


def test_what_is_refused_by_its_headers_is_not_read(connect: Callable[[], socket.socket]) -> None:
    """Without the token, or beyond the size, the answer comes before the body."""
    for request, status in (
        (b"POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n", 401),
        (head("POST", "/predict", "Content-Length: 200000000"), 413),
    ):
        connection = connect()
        connection.sendall(request)
        assert replies(connection)[0][0] == status
        assert is_closed(connection)


def test_a_client_that_sends_all_before_it_reads_gets_the_refusal(connect: Callable[[], socket.socket]) -> None:
    """Urllib, requests and R send the whole body first: they see 413, not a broken connection."""
    connection = connect()
    connection.sendall(head("POST", "/predict", "Content-Length: 200000000") + b"[" * 200_000_000)

    assert replies(connection)[0][0] == 413
    assert is_closed(connection)


def test_a_chunked_body_beyond_the_limit_is_cut_off(connect: Callable[[], socket.socket]) -> None:
    """A body of unknown length is refused as soon as it is too long."""
    connection = connect()
    connection.sendall(head("POST", "/predict", "Transfer-Encoding: chunked"))
    chunk = b"10000\r\n" + b" " * 65536 + b"\r\n"
    for _ in range(40):
        connection.sendall(chunk)

    assert replies(connection)[0][0] == 413


def test_too_many_headers_are_refused(connect: Callable[[], socket.socket]) -> None:
    """Headers beyond their limit are 431."""
    connection = connect()
    connection.sendall(head("GET", "/ping", *[f"X-{place}: {'v' * 100}" for place in range(60)]))

    assert replies(connection)[0][0] == 431


def test_slow_and_silent_clients_are_sent_away(connect: Callable[[], socket.socket]) -> None:
    """Headers or a body that do not arrive are 408; a silent connection is closed."""
    slow_head, slow_body, silent = connect(), connect(), connect()
    slow_head.sendall(b"GET /ping HTTP/1.1\r\nHo")
    slow_body.sendall(head("POST", "/predict", "Content-Length: 500") + b"[")

    assert replies(slow_head)[0][0] == 408
    assert replies(slow_body)[0][0] == 408
    assert is_closed(silent)


def test_slow_connections_do_not_keep_others_waiting(connect: Callable[[], socket.socket], endpoint: Endpoint) -> None:
    """Hundreds of clients in the middle of their headers: another is answered at once."""
    for connection in [connect() for _ in range(280)]:
        connection.sendall(b"POST /predict HTTP/1.1\r\nHost: localhost\r\nX: ")
    started = time.perf_counter()

    assert replies_of(endpoint, "GET", "/ping") == 200
    assert time.perf_counter() - started < 2.0


def test_one_connection_too_many_is_told_to_come_back(connect: Callable[[], socket.socket], endpoint: Endpoint) -> None:
    """Beyond the limit the answer is 503, and those within it are served on."""
    within = [connect() for _ in range(LIMITS.connections - 20)]
    time.sleep(0.2)
    beyond = [connect() for _ in range(40)]
    assert replies(beyond[-1])[0][0] == 503

    within[0].sendall(head("GET", "/ping"))
    assert replies(within[0])[0][0] == 200
    for connection in beyond:
        connection.close()
    eventually = (replies_of(endpoint, "GET", "/ping") for _ in iter(lambda: time.sleep(0.1), True))
    assert next(status for status, _ in zip(eventually, range(50)) if status == 200)


def replies_of(endpoint: Endpoint, verb: str, path: str, body: bytes | None = None) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", endpoint.port, timeout=30)
    try:
        connection.request(verb, path, body, {"Authorization": f"Bearer {TOKEN}"})
        reply = connection.getresponse()
        reply.read()
        return reply.status
    finally:
        connection.close()


def test_a_client_that_does_not_read_is_not_buffered_for(
    connect: Callable[[], socket.socket], endpoint: Endpoint
) -> None:
    """Answers that nobody takes stop the reading of further requests."""
    connection = connect()
    connection.settimeout(0.5)
    sent = 0
    try:
        for _ in range(4000):
            connection.sendall(head("GET", "/openapi.json") * 100)
            sent += 1
    except (TimeoutError, BrokenPipeError, ConnectionResetError):
        pass

    assert sent < 4000
    assert replies_of(endpoint, "GET", "/ping") == 200


def test_ping_is_answered_while_a_large_request_is_read_and_predicted(lasting: Lasting) -> None:
    """Large bodies never block small ones, once the endpoint has built its application."""
    endpoint = lasting.endpoint
    assert replies_of(endpoint, "GET", "/ping") == 200
    rows = lasting.forest.rows.sample(60_000, replace=True, random_state=0)
    large = threading.Thread(
        target=replies_of, args=(endpoint, "POST", "/forest/predict", rows.to_json(orient="records").encode())
    )
    large.start()
    waits = []
    while large.is_alive():
        started = time.perf_counter()
        assert replies_of(endpoint, "GET", "/ping") == 200
        waits.append(time.perf_counter() - started)
    large.join()

    assert len(waits) > 5
    assert np.median(waits) < 0.1


def hostile_bodies() -> Iterator[tuple[bytes, dict[str, str]]]:
    """Bodies that are long, or stand for much: of brackets, numbers, texts, objects, commas; packed and repeated."""
    csv, arrow, parquet = "text/csv", "application/vnd.apache.arrow.stream", "application/vnd.apache.parquet"
    for unit in (
        b"{},",
        b"0,",
        b"1.5,",
        b"[],",
        b"[1.5],",
        b'"a",',
        '"é\U0001f600",'.encode(),
        b'{"x 0":1e1},',
        b'{"a":1},',
    ):
        yield b"[" + unit * ((60 << 20) // len(unit)) + unit[:-1] + b"]", {}
    yield b"[" * (60 << 20), {}
    yield b'["' + b"a" * (50 << 20) + "\U0001f600".encode() + b'"]', {}
    yield b'{"columns":{"x 0":[' + b"1," * (15 << 20) + b"1]}}", {}
    yield b"," * (60 << 20), {"Content-Type": csv}
    yield b"x 0\n" + b"1\n" * (30 << 20), {"Content-Type": csv}
    yield gzip.compress(b" " * (200 << 20)), {"Content-Encoding": "gzip"}
    yield gzip.compress(b"[" + b"1," * (15 << 20) + b"1]"), {"Content-Encoding": "gzip"}
    long = pa.DictionaryArray.from_arrays(pa.array(np.zeros(1_000_000, dtype="i1")), ["t" * 1_000_000])
    yield gzip.compress(stream_of(pa.table({"x 0": long}))), {"Content-Type": arrow, "Content-Encoding": "gzip"}
    sink = io.BytesIO()
    pq.write_table(pa.table({f"y{place}": np.zeros(1_000_000) for place in range(30)}), sink)
    yield sink.getvalue(), {"Content-Type": parquet}


def stream_of(table: pa.Table) -> bytes:
    """Write a table as an Arrow stream."""
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    return sink.getvalue()


@pytest.mark.slow
def test_hostile_bodies_leave_memory_below_a_ceiling(line: Pinned, deploy: Callable[..., Endpoint]) -> None:
    """T9: Whatever is sent is refused in words; the worker takes at most 320 MiB more than at rest, come what may."""
    endpoint = deploy(line)
    status = Path(f"/proc/{endpoint.health()['pid']}/status")
    before = peak_of(status)

    for body, more in hostile_bodies():
        connection = http.client.HTTPConnection("127.0.0.1", endpoint.port, timeout=60)
        connection.request("POST", "/predict", body, {"Authorization": f"Bearer {TOKEN}", **more})
        assert connection.getresponse().status in {400, 413, 422}, (body[:40], more)
        connection.close()
        assert peak_of(status) - before < 320 << 20, (body[:40], more)

    assert endpoint.predict(line.rows[:1]).shape == (1,)


@pytest.mark.slow
def test_open_connections_hold_no_bodies(line: Pinned, deploy: Callable[..., Endpoint]) -> None:
    """Clients that have their answer and stay cost what they cost before, however much they sent."""
    endpoint = deploy(line)
    worker = psutil.Process(endpoint.health()["pid"])
    body = b"[" + b'{"x 0":1e1},' * (3 << 20) + b"{}]"
    connections = [http.client.HTTPConnection("127.0.0.1", endpoint.port, timeout=60) for _ in range(8)]

    def ask(connection: http.client.HTTPConnection) -> int:
        connection.request("POST", "/predict", body, {"Authorization": f"Bearer {TOKEN}"})
        reply = connection.getresponse()
        reply.read()
        return reply.status

    assert ask(connections[0]) == 422
    before = worker.memory_info().rss
    for connection in connections:
        assert ask(connection) == 422

    assert worker.memory_info().rss - before < 2 * len(body)
    for connection in connections:
        connection.close()


def test_answers_that_nobody_reads_do_not_pile_up(board: Board, deploy: Callable[..., Endpoint]) -> None:
    """Beyond the limit whoever has waited longest is dropped; who reads gets all."""
    thirds = publish_line(board, factor=1 / 3)
    endpoint = deploy(thirds, limits=Limits(buffered_bytes=24 << 20))
    rows = pa.table({name: np.random.default_rng(0).integers(0, 99, 1_000_000, dtype="int8") for name in thirds.rows})
    body = stream_of(rows)
    kind = "Content-Type: application/vnd.apache.arrow.stream"
    asking = []
    for _ in range(3):
        asking.append(socket.socket())
        asking[-1].setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 16)
        asking[-1].settimeout(30)
        asking[-1].connect(("127.0.0.1", endpoint.port))
        asking[-1].sendall(post(body, kind))
        assert asking[-1].recv(12, socket.MSG_PEEK) == b"HTTP/1.1 200"

    with pytest.raises((ConnectionError, ValueError)):
        json.loads(replies(asking[0])[0][1])
    assert len(json.loads(replies(asking[2])[0][1])["predict"]) == 1_000_000
    for connection in asking:
        connection.close()


def test_rows_that_wait_do_not_pile_up(forest: Pinned, deploy: Callable[..., Endpoint]) -> None:
    """A request whose rows would take too much beside those that wait is told to come again; they are answered."""
    endpoint = deploy(forest, limits=Limits(waiting_bytes=1 << 20))
    rows = forest.rows.sample(60_000, replace=True, random_state=0)
    found: list[int | None] = []

    def ask() -> None:
        try:
            found.append(len(endpoint.predict(rows)))
        except EndpointError as error:
            found.append(error.status)

    asking = [threading.Thread(target=ask) for _ in range(6)]
    for each in asking:
        each.start()
    for each in asking:
        each.join()

    assert set(found) == {60_000, 503}
    assert len(endpoint.predict(rows)) == 60_000


def peak_of(status: Path) -> int:
    """Return the most memory that a process ever had (bytes)."""
    return next(int(line.split()[1]) << 10 for line in status.read_text().splitlines() if line.startswith("VmHWM"))


def test_a_browser_without_a_token_gets_the_page_to_type_it_in(connect: Callable[[], socket.socket]) -> None:
    """`GET /` without a token is 401; a browser finds the page in it, which loads nothing from elsewhere."""
    browser, program = connect(), connect()
    browser.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nAccept: text/html,*/*\r\n\r\n")
    program.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")

    (page_status, page), (status, told) = replies(browser)[0], replies(program)[0]

    assert (page_status, status) == (401, 401)
    assert b'id="token"' in page
    assert b"://" not in page
    assert b"bearer token" in told
