"""The client of an endpoint: what an interrupt leaves."""

from __future__ import annotations

import os
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import closing

import pytest

from mlops_magics.core.deploying.clients.client import Client
from mlops_magics.errors import Interrupted

ANSWER = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 15\r\n\r\n{"predict":[1]}'


def _read_request(connection: socket.socket) -> None:
    """Read a whole request: a socket that is closed with unread bytes is reset, and the client repeats it."""
    with connection.makefile("rb") as stream:
        length = 0
        while line := stream.readline().strip():
            name, _, value = line.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        stream.read(length)


@pytest.fixture
def _interrupts() -> Iterator[None]:
    """SIGINT raises: a shell lets the commands that it starts with ``&`` ignore it, and Python leaves it so."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def _serve(listener: socket.socket) -> None:
    """Keep the first client waiting until it is interrupted, and answer the second."""
    first, _ = listener.accept()
    _read_request(first)
    main = threading.main_thread().ident
    assert main is not None
    threading.Timer(0.2, signal.pthread_kill, (main, signal.SIGINT)).start()
    second, _ = listener.accept()
    _read_request(second)
    second.sendall(ANSWER)
    first.close()
    second.close()


@pytest.mark.usefixtures("_interrupts")
@pytest.mark.skipif(os.name == "nt", reason="Windows sends no signal to a thread")
def test_an_interrupt_is_one_sentence_and_the_next_request_has_its_own_answer() -> None:
    """Ctrl-C ends the wait, not the endpoint. The connection is closed, so that no late answer is taken for another."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        server = threading.Thread(target=_serve, args=(listener,), daemon=True)
        server.start()
        client = Client(f"http://127.0.0.1:{listener.getsockname()[1]}")
        with pytest.raises(Interrupted) as interrupted:
            client.predict([{"x": 1.0}])
        values = client.predict([{"x": 1.0}])
        client.close()
        server.join()

    assert interrupted.value._render_traceback_() == [
        "KeyboardInterrupt: The answer was not waited for. The endpoint goes on."
    ]
    assert list(values) == [1]
