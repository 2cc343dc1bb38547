"""HTTP/1.1 as its specification has it, asked byte for byte."""

from __future__ import annotations

import json
import resource
import socket
from collections.abc import Callable, Iterator
from typing import Any

import psutil
import pytest

from mlops_magics.core.deploying import Endpoint
from tests.core.deploying.conftest import TOKEN, Lasting, Pinned

BODY = json.dumps([{"x 0": 1.0, "x-1": 2.0, "x2": 3.0, "x3": 4.0}]).encode()


def request(port: int, path: str = "/predict", verb: str = "POST", body: bytes = BODY, **headers: str) -> bytes:
    """Return the bytes of a request; a header's name has ``_`` for ``-``, and an empty one is left out."""
    given = {"Host": f"127.0.0.1:{port}", "Authorization": f"Bearer {TOKEN}", "Content-Length": str(len(body))}
    given |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = [f"{name}: {value}" for name, value in given.items() if value]
    return "\r\n".join([f"{verb} {path} HTTP/1.1", *lines, "", ""]).encode() + body


def exchange(port: int, *parts: bytes) -> list[tuple[int, dict[str, str], bytes]]:
    """Send bytes, and return status, headers and body of every answer."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        for part in parts:
            client.sendall(part)
        client.shutdown(socket.SHUT_WR)
        received = b"".join(iter(lambda: client.recv(65536), b""))
    return list(answers(received))


def answers(received: bytes, *, bodiless: bool = False) -> Iterator[tuple[int, dict[str, str], bytes]]:
    while received:
        head, _, received = received.partition(b"\r\n\r\n")
        status, *lines = head.decode().split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        length = 0 if bodiless else int(headers.get("content-length", 0))
        yield int(status.split()[1]), headers, received[:length]
        received = received[length:]


UPGRADES = {
    "h2c": {"Connection": "Upgrade, HTTP2-Settings", "Upgrade": "h2c", "HTTP2_Settings": "AAMAAABkAAQAAP__"},
    "websocket": {"Connection": "Upgrade", "Upgrade": "websocket", "Sec_WebSocket_Key": "eA=="},
    "TLS": {"Connection": "upgrade", "Upgrade": "TLS/1.0"},
}


@pytest.mark.parametrize("upgrade", UPGRADES)
@pytest.mark.parametrize("pieces", [1, 2, 3])
def test_T10_an_upgrade_is_ignored(lasting: Lasting, upgrade: str, pieces: int) -> None:
    """T10: the request is answered as HTTP/1.1, its body belongs to it, and what follows is a request of its own."""
    port = lasting.endpoint.port
    asked = request(port, **UPGRADES[upgrade]) + request(port, "/ping", "GET", b"", **UPGRADES[upgrade])
    asked += request(port)
    cut = [asked[each * len(asked) // pieces : (each + 1) * len(asked) // pieces] for each in range(pieces)]

    found = exchange(port, *cut)

    assert [status for status, *_ in found] == [200, 200, 200]
    assert found[0][2] == found[2][2]
    assert found[1][2] == b'{"ping":"pong"}'


def test_T10_an_upgrade_with_a_chunked_body_is_refused(lasting: Lasting) -> None:
    """T10: where it ends is not known without reading it as HTTP/1.1; nothing behind it is taken for a request."""
    port = lasting.endpoint.port
    asked = request(port, body=b"", Content_Length="", Transfer_Encoding="chunked", **UPGRADES["h2c"])

    [(status, _, _)] = exchange(port, asked + b"5\r\nGET /\r\n0\r\n\r\n" + request(port))

    assert status == 400


@pytest.mark.parametrize(
    ("authorization", "status"),
    [
        (f"bearer {TOKEN}", 200), (f"BEARER {TOKEN}", 200), (f"Bearer  {TOKEN} ", 200), (f"Bearer{TOKEN}", 401),
        (TOKEN, 401), (f"Basic {TOKEN}", 401), (f"Bearer {TOKEN}x", 401), ("Bearer", 401), ("", 401),
    ],
)  # fmt: skip
def test_T07_the_scheme_of_a_token_has_any_case_and_a_refusal_names_it(
    lasting: Lasting, authorization: str, status: int
) -> None:
    """T7: RFC 9110 11.1 and 11.6.1: the scheme is case-insensitive, and a 401 says which one is wanted."""
    [(found, headers, _)] = exchange(lasting.endpoint.port, request(lasting.endpoint.port, Authorization=authorization))

    assert found == status
    assert headers.get("www-authenticate", "").startswith("Bearer") == (status == 401)


@pytest.mark.parametrize(
    ("target", "host", "status"),
    [
        ("http://{here}/predict", "{here}", 200), ("HTTP://{here}/predict?x=1", "{here}", 200),
        ("http://localhost/predict", "{here}", 200), ("http://evil.example/predict", "{here}", 403),
        ("http://{here}/predict", "evil.example", 403), ("http://user@{here}/predict", "{here}", 403),
        ("http:///predict", "{here}", 403), ("http://{here}/nothing", "{here}", 404),
        ("ftp://{here}/predict", "{here}", 400),
        ("http://{here}/predict#x", "{here}", 400), ("//{here}/predict", "{here}", 404), ("*", "{here}", 400),
    ],
)  # fmt: skip
def test_T07_a_target_in_absolute_form_is_its_path_on_its_own_host(
    lasting: Lasting, target: str, host: str, status: int
) -> None:
    """T7: RFC 9112 3.2.2: a server accepts the form; the host in it is checked as a Host header is."""
    port = lasting.endpoint.port
    here = f"127.0.0.1:{port}"

    [(found, _, _)] = exchange(port, request(port, target.format(here=here), Host=host.format(here=here)))

    assert found == status


@pytest.mark.parametrize("path", ["/ping", "/metadata", "/", "/openapi.json", "/v2", "/predict", "/nothing"])
def test_T10_head_has_the_headers_of_get(lasting: Lasting, path: str) -> None:
    """T10: RFC 9110 9.3.2: status, type and length are those of GET, and no body follows."""
    port = lasting.endpoint.port
    [(status, headers, body)] = exchange(port, request(port, path, "GET", b""))
    with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        client.sendall(request(port, path, "HEAD", b"", Connection="close"))
        received = b"".join(iter(lambda: client.recv(65536), b""))
    [(head_status, head, _)] = answers(received, bodiless=True)

    assert received.endswith(b"\r\n\r\n")
    assert (head_status, head["content-type"]) == (status, headers["content-type"])
    assert head["content-length"] == headers["content-length"] == str(len(body))


@pytest.mark.parametrize(
    ("bad", "status"),
    [
        (lambda port: b"\0\1\2 garbage\r\n\r\n", 400), (lambda port: b"G@T / HTTP/1.1\r\n\r\n", 400),
        (lambda port: request(port, Host="evil.example"), 403), (lambda port: request(port, Authorization=""), 401),
        (lambda port: request(port, Content_Length="9" * 30), 400),
        (lambda port: request(port, "/" + "x" * 100_000), 431),
    ],
)  # fmt: skip
@pytest.mark.parametrize("good", [1, 3, 20])
def test_T10_good_requests_before_a_bad_one_are_answered(
    lasting: Lasting, bad: Callable[[int], bytes], status: int, good: int
) -> None:
    """T10: what came whole before the garbage is answered in order; the garbage ends the connection."""
    port = lasting.endpoint.port
    found = exchange(port, request(port) * good + bad(port) + request(port))

    assert [each for each, *_ in found] == [200] * good + [status]
    assert found[-1][1]["connection"] == "close"


@pytest.mark.parametrize(
    "path", ["/v2/nothing", "/v2/models/nothing", "/v2/models/nothing/ready", "/v2/models/line/infer"]
)
@pytest.mark.parametrize("authorization", [f"Bearer {TOKEN}", "Bearer wrong"])
def test_T09_every_error_of_open_inference_has_its_error(lasting: Lasting, path: str, authorization: str) -> None:
    """T9: also those that no view wrote: no token, no such path, no such method."""
    port = lasting.endpoint.port
    [(status, _, body)] = exchange(port, request(port, path, "GET", b"", Authorization=authorization))
    told: dict[str, Any] = json.loads(body)

    assert status in {401, 404, 405}
    assert told["error"] == told["message"]


def test_T09_with_few_descriptors_idle_connections_make_room_for_new_ones(
    line: Pinned, deploy: Callable[..., Endpoint]
) -> None:
    """T9: an endpoint whose clients keep their connections open answers others, and `/health` too."""
    endpoint = deploy(line)
    [worker] = psutil.Process(endpoint.pid).children()
    endpoint.predict(line.rows)
    most = worker.num_fds() + 12
    worker.rlimit(resource.RLIMIT_NOFILE, (most, most))  # type: ignore[attr-defined]
    kept = []
    try:
        for _ in range(40):
            client = socket.create_connection(("127.0.0.1", endpoint.port), timeout=10)
            kept.append(client)
            client.sendall(request(endpoint.port))
            assert client.recv(65536).startswith(b"HTTP/1.1 200"), len(kept)
        assert Endpoint(endpoint.announced).health(seconds=10)["status"] == "ready"
    finally:
        for client in kept:
            client.close()
