"""Every client of HTTP ends in time, in bounded memory and with one line, whatever the other side answers."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import ipaddress
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from mlops_magics.core import http_answers
from mlops_magics.core.deploying.clients import client as clients
from mlops_magics.core.deploying.clients.async_client import AsyncClient
from mlops_magics.core.deploying.endpoints.remote_model import RemoteModel
from mlops_magics.core.deploying.targets import base_image
from mlops_magics.core.monitoring.alerts import notify
from mlops_magics.core.versioning import open_board
from mlops_magics.core.versioning.stores import web
from mlops_magics.errors import MlopsError

TOKEN, SECONDS = "token-of-a-user-1234", 0.3
ROWS = pd.DataFrame({"private": [123456.75]})
OK, CHUNKED = b"HTTP/1.1 200 OK\r\n", b"Transfer-Encoding: chunked\r\n\r\n"
INTERIM = b"HTTP/1.1 100 Continue\r\n\r\n"
Pieces = Callable[[], Iterator[bytes]]


def _again(first: bytes, piece: bytes, pause: float = 0.0) -> Pieces:
    """Return an answer that never ends."""

    def pieces() -> Iterator[bytes]:
        yield first
        while True:
            time.sleep(pause)
            yield piece

    return pieces


def once(answer: bytes) -> Pieces:
    return lambda: iter([answer])


def sized(body: bytes, head: bytes = b"") -> Pieces:
    return once(OK + head + b"Content-Length: %d\r\n\r\n" % len(body) + body)


HOSTILE: dict[str, Pieces] = {
    "a slow head": _again(OK + b"X: ", b"x", 0.05),
    "a slow status": _again(b"H", b"T", 0.05),
    "a slow body": _again(OK + b"Content-Length: 100000\r\n\r\n", b"x", 0.05),
    "a slow error": _again(b"HTTP/1.1 500 X\r\nContent-Length: 100000\r\n\r\n", b"x", 0.05),
    "an endless body": _again(OK + b"\r\n", b"x" * 65536),
    "endless chunks": _again(OK + CHUNKED, b"10000\r\n" + b"x" * 65536 + b"\r\n"),
    "an endless head": _again(OK, b"X: y\r\n" * 1000),
    "an endless line": _again(OK + b"X: ", b"y" * 65536),
    "endless interim answers": _again(INTERIM, INTERIM * 1000),
    "a length without bytes": once(OK + b"Content-Length: 99999999999999\r\n\r\nabc"),
    "another protocol": once(b"SSH-2.0-x\r\n"),
    "control characters": once(b"\0\1\2\x1b[31m\r\n\r\n"),
    "half a chunk": once(OK + CHUNKED + b"10\r\nabc"),
    "nothing": once(b""),
    "packed": sized(gzip.compress(b"0" * 1_000_000), b"Content-Encoding: gzip\r\n"),
    "deep": sized(b"[" * 200_000),
    "null": sized(b"null"),
    "no arrow": sized(b"\xff\xff\xff\xff\0\1\0\0", b"Content-Type: application/vnd.apache.arrow.stream\r\n"),
    **{
        f"{code} to {place[:9].decode()}": once(
            b"HTTP/1.1 %d X\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n" % (code, place)
        )
        for code, place in ((302, b"file:///etc/passwd"), (303, b"/again"), (307, b"http+unix:///tmp/x"))
    },
}

DOORS: dict[str, Callable[[str], Any]] = {
    "a board": lambda place: open_board(f"http://user:{TOKEN}@{place}/b").names(),
    "the log of a board": lambda place: open_board(f"http://{place}/b").store.board_id(),
    "a webhook": lambda place: notify.webhook(f"http://{place}/{TOKEN}", private=True)({"name": "x"}),
    "a client": lambda place: clients.Client(f"http://{place}", TOKEN, seconds=SECONDS).predict(ROWS),
    "an asynchronous client": lambda place: asyncio.run(
        AsyncClient(f"http://{place}", TOKEN, seconds=SECONDS).predict(ROWS)
    ),
    "a remote model": lambda place: RemoteModel(f"http://{place}", TOKEN, seconds=SECONDS).predict(ROWS),
    "a registry": lambda place: base_image.pinned(f"{place}/python:3"),
}


def _request(client: socket.socket) -> bytes:
    """Read a whole request: a server that closes before that resets the connection."""
    data = b""
    while not (found := re.search(rb"(?is)(?:content-length: (\d+)[^\n]*\n.*)?\r\n\r\n", data)) or (
        len(data) - found.end() < int(found[1] or 0)
    ):
        piece = client.recv(65536)
        if not piece:
            break
        data += piece
    return data


@contextlib.contextmanager
def server(answers: list[Pieces], tls: ssl.SSLContext | None = None) -> Iterator[tuple[str, list[bytes]]]:
    """Answer each request with the first of some answers; yield the address and the requests."""
    heard: list[bytes] = []
    listening = socket.create_server(("127.0.0.1", 0), backlog=50)

    def serve(client: socket.socket) -> None:
        client.settimeout(2)
        with contextlib.suppress(OSError), client if tls is None else tls.wrap_socket(client, True) as client:
            heard.append(_request(client))
            for piece in answers[0]():
                client.sendall(piece)

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=serve, args=(listening.accept()[0],), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield f"127.0.0.1:{listening.getsockname()[1]}", heard
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (web, notify, base_image):
        monkeypatch.setattr(module, "SECONDS", SECONDS)
    monkeypatch.setattr(web, "LARGEST_MANIFEST", 1_000_000)
    monkeypatch.setattr(clients, "LARGEST_ANSWER", 1_000_000)
    monkeypatch.setattr("mlops_magics.core.deploying.clients.async_client.LARGEST_ANSWER", 1_000_000)
    monkeypatch.setattr("mlops_magics.core.deploying.clients.endpoint_model.FIRST_WAIT", 0.01)
    monkeypatch.setattr(http_answers, "SLOWEST", 10_000_000)


@pytest.mark.parametrize("door", DOORS)
def test_T09_an_answer_is_bounded_in_time_and_bytes(door: str) -> None:
    """T9, T14: each hostile answer ends with one line or with nothing, and neither token nor rows go elsewhere."""
    answers = [once(b"")]
    with server(answers) as (place, _):
        for name, answer in HOSTILE.items():
            answers[0], began, said = answer, time.monotonic(), ""
            try:
                DOORS[door](place)
            except MlopsError as error:
                said = str(error)
            assert time.monotonic() - began < 10 * SECONDS + 2, name
            assert "\n" not in said, name
            assert said.isprintable(), name
            assert TOKEN not in said, name
            assert len(said) < 600, name


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_T14_no_redirect_takes_a_token_or_rows_along(code: int) -> None:
    """T14, T8: the target of a redirect is not asked, except by the registry's client, which leaves its token out."""
    with server([sized(b'{"predict": [1.0]}')]) as (target, heard):
        moved = b"HTTP/1.1 %d X\r\nLocation: http://%s/x\r\nContent-Length: 0\r\n\r\n" % (code, target.encode())
        for door, act in DOORS.items():
            with server([once(moved)]) as (place, _):
                with contextlib.suppress(MlopsError):
                    act(place)
                assert bool(heard) == (door == "a registry"), door
                heard.clear()
        with server([once(moved)]) as (place, _):
            base_image._ask(f"http://{place}/v2/x/manifests/1", {"Authorization": f"Bearer {TOKEN}"})

    assert heard
    assert TOKEN.encode() not in b"".join(heard)


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """Return the file of a certificate that 127.0.0.1 signed itself, with its key."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "here")])
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, datetime(2026, 1, 1), datetime(2126, 1, 1))
    here = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    signed = made.add_extension(here, critical=False).sign(key, hashes.SHA256())
    unlocked = (serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file = tmp_path / "here.pem"
    file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, *unlocked) + signed.public_bytes(serialization.Encoding.PEM)
    )
    return file


@pytest.mark.parametrize("hostile", [None, "a slow body", "an endless head", "half a chunk"])
def test_T09_the_same_holds_over_tls(certificate: Path, hostile: str | None) -> None:
    """T9: An encrypted answer is read, and is bounded too."""
    answers = [sized(b'{"predict": [1.0]}') if hostile is None else HOSTILE[hostile]]
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    with pytest.MonkeyPatch.context() as patch, server(answers, context) as (place, _):
        patch.setenv("SSL_CERT_FILE", str(certificate))
        asked, began = clients.Client(f"https://{place}", TOKEN, seconds=SECONDS * 3), time.monotonic()
        if hostile is None:
            assert asked.predict(ROWS).tolist() == [1.0]
            assert open_board(f"https://{place}/b").names() == ["predict"]
        else:
            for act in (lambda: asked.predict(ROWS), lambda: open_board(f"https://{place}/b").names()):
                with pytest.raises(MlopsError):
                    act()
        assert time.monotonic() - began < 10


def test_a_slow_answer_that_goes_on_is_read() -> None:
    """A large file over a slow line takes longer than the time for an answer."""

    def pieces() -> Iterator[bytes]:
        yield OK + b"Content-Length: 80000\r\n\r\n"
        for _ in range(8):
            time.sleep(SECONDS / 4)
            yield b"x" * 10_000

    with pytest.MonkeyPatch.context() as patch, server([pieces]) as (place, _):
        patch.setattr(http_answers, "SLOWEST", 100_000)
        with http_answers.opener().open(f"http://{place}/", timeout=SECONDS) as answer:
            assert len(http_answers.read(answer, 80_000) or b"") == 80_000
