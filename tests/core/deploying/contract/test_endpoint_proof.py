"""A client knows the endpoint before it sends anything of worth."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import psutil
import pytest

from mlops_magics import cli
from mlops_magics.core.deploying import Endpoint
from mlops_magics.core.deploying.contract import endpoint_proof
from mlops_magics.errors import EndpointError
from tests.core.deploying.conftest import TOKEN, Pinned

KEY, PORT = endpoint_proof.new_key(), 5001
BODY = b'{"predict":[666.0], "ping": "pong", "required": ["x"]}'
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n" % len(BODY)
ANSWERS = {
    "a right answer": ANSWER + b"\r\n" + BODY,
    "a made-up proof": ANSWER + b"x-endpoint-proof: " + b"0" * 64 + b"\r\n\r\n" + BODY,
    "the challenge": ANSWER + b"x-endpoint-proof: %s\r\n\r\n" + BODY,
    "bytes": b"\0\1\2\r\n\r\n",
    "nothing": b"",
    "endless": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"10000\r\n" + b"x" * 65536 + b"\r\n",
}
CALLS: dict[str, Callable[[Endpoint, Any], Any]] = {
    "predict": lambda endpoint, rows: endpoint.predict(rows),
    "predict_proba": lambda endpoint, rows: endpoint.predict_proba(rows),
    "an array": lambda endpoint, rows: endpoint.predict(rows.to_numpy()),
    "await": lambda endpoint, rows: asyncio.run(endpoint.asynchronous.predict(rows)),
    "form": lambda endpoint, rows: endpoint.answer(rows.iloc[0].to_dict()),
    "health": lambda endpoint, rows: endpoint.health(seconds=3),
    "snippet": lambda endpoint, rows: endpoint.snippet(),
}


@contextmanager
def impostor(port: int, answer: bytes) -> Iterator[list[bytes]]:
    """Listen on a port as another process would; yield what clients sent."""
    heard: list[bytes] = []
    listening = socket.create_server(("127.0.0.1", port), backlog=50)

    def serve(client: socket.socket) -> None:
        client.settimeout(2)
        with client:
            try:
                while data := client.recv(65536):
                    heard.append(data)
                    challenge = data.partition(b"x-endpoint-challenge: ")[2][:64]
                    client.sendall(answer.replace(b"%s", challenge))
            except OSError:
                return

    def accept() -> None:
        while True:
            try:
                client, _ = listening.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(client,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield heard
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()


def kill(endpoint: Endpoint) -> None:
    """Let every process of an endpoint die at once."""
    supervisor = psutil.Process(endpoint.pid)
    processes = [supervisor, *supervisor.children(recursive=True)]
    for each in processes:
        each.kill()
    psutil.wait_procs(processes, 10)


def test_T08_whoever_takes_the_port_of_a_dead_endpoint_gets_no_token_and_no_rows(
    line: Pinned,
    deploy: Callable[..., Endpoint],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """T8: every call of every client ends with one line, whatever the impostor answers; nothing of worth was sent."""
    monkeypatch.setattr(endpoint_proof, "SECONDS", 1.0)
    endpoint = deploy(line, token=TOKEN)
    kept = endpoint.predict(line.rows)
    kill(endpoint)
    with impostor(endpoint.announced.control_port, ANSWERS["a right answer"]) as heard:
        for command in (lambda: endpoint.swap(line.version.ref), lambda: endpoint.canary(line.version.ref, 0.5)):
            with pytest.raises(EndpointError, match="has died"):
                command()
        assert not heard, "not even the challenge of the control channel"
    for name, answer in ANSWERS.items():
        with impostor(endpoint.port, answer) as heard:
            for call in CALLS if name == "a right answer" else ["predict", "await"]:
                began = time.monotonic()
                with pytest.raises(EndpointError) as refused:
                    CALLS[call](Endpoint(endpoint.announced), line.rows)
                assert "\n" not in str(refused.value)
                assert time.monotonic() - began < 5, (name, call)
                assert not name.startswith(("a", "the")) or "another process" in str(refused.value)
            with pytest.raises(EndpointError):
                endpoint.predict(line.rows)  # on the connection that was open before
            if name == "a right answer":  # what snippets send is what this prints
                assert cli.main(["token", line.version.name]) == 1
                assert TOKEN not in capsys.readouterr().out
        sent = b"".join(heard)
        assert b"challenge" in sent
        assert TOKEN.encode() not in sent
        assert b"x2" not in sent, name

    np.testing.assert_allclose(kept, line.model.predict(line.rows))


def test_T08_clients_keep_their_connection_and_follow_a_restart(line: Pinned, deploy: Callable[..., Endpoint]) -> None:
    """T8: the proof is asked for once for each connection; a restart by another notebook needs no new handle."""
    endpoint = deploy(line, token=TOKEN)
    endpoint.predict(line.rows)
    before = endpoint.client._local.connection
    endpoint.predict(line.rows)
    assert endpoint.client._local.connection is before
    Endpoint(endpoint.announced).restart()

    np.testing.assert_allclose(endpoint.predict(line.rows), line.model.predict(line.rows))

    async def several() -> int:
        async with endpoint.asynchronous as client:
            for _ in range(3):
                await client.predict(line.rows)
            return len(client._kept or [])

    assert asyncio.run(several()) == 1


def test_T08_a_proof_is_of_one_key_one_port_and_one_challenge() -> None:
    """T8: a proof for another port is not valid, so that nobody can pass a challenge on to an endpoint elsewhere."""
    challenge = endpoint_proof.new_challenge()
    proof = endpoint_proof.answer(KEY, PORT, challenge)

    assert endpoint_proof.is_valid(KEY, PORT, challenge, proof)
    assert not endpoint_proof.is_valid(KEY, PORT + 1, challenge, proof)
    assert not endpoint_proof.is_valid(endpoint_proof.new_key(), PORT, challenge, proof)
    assert not endpoint_proof.is_valid(KEY, PORT, endpoint_proof.new_challenge(), proof)
    assert not endpoint_proof.is_valid(KEY, PORT, challenge, "é")


@pytest.mark.parametrize("text", ["", "x", "0" * 63, "0" * 65, "G" * 64, "0" * 63 + "\n"])
def test_T08_only_a_challenge_is_answered(text: str) -> None:
    """T8: the key signs nothing but challenges of one length."""
    assert endpoint_proof.answer(KEY, PORT, text) == ""
