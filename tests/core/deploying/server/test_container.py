"""The server in a container: variables of platforms, quotas, secrets in files, and no place to write on."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests

from mlops_magics.core.deploying.contract.http_messages import Request
from mlops_magics.core.deploying.endpoints.listening import listen
from mlops_magics.core.deploying.server import container
from mlops_magics.core.deploying.server.embedded import EmbeddedEndpoint
from mlops_magics.core.versioning import Board
from mlops_magics.errors import InvalidInput
from tests.core.deploying.conftest import publish_line
from tests.core.deploying.targets.contract import Answer, assert_equal, requests_of

NOWHERE = "/proc/no-folder-can-be-made-here"


@pytest.mark.parametrize(
    ("options", "variables", "port"),
    [
        ({}, {}, None),
        ({}, {"PORT": "9090"}, 9090),
        ({}, {"AIP_HTTP_PORT": "8888", "PORT": "9090"}, 8888),
        ({"port": 7000}, {"PORT": "9090"}, 7000),
    ],
)
def test_the_port_is_that_of_the_option_or_of_the_platform(
    options: dict[str, Any], variables: dict[str, str], port: int | None
) -> None:
    """An option beats Vertex AI's variable, which beats the one of the other platforms."""
    assert container.completed(options, variables).get("port") == port


@pytest.mark.parametrize("text", ["http", "-1", "0", "65536", "8080\n9090"])
def test_a_port_that_is_not_a_number_is_refused(text: str) -> None:
    """The message names the variable."""
    with pytest.raises(InvalidInput, match="The variable PORT is"):
        container.completed({}, {"PORT": text})


def test_the_token_comes_from_a_file_or_a_variable(tmp_path: Path) -> None:
    """The command line is seen by every process; a mounted secret is not."""
    secret = tmp_path / "token"
    secret.write_text("a-secret\n")

    assert container.completed({"token_file": str(secret)}, {})["token"] == "a-secret"
    assert container.completed({}, {container.TOKEN_FILE: str(secret)})["token"] == "a-secret"
    assert container.completed({}, {container.TOKEN: "another"})["token"] == "another"
    assert container.completed({"token": False}, {container.TOKEN: "another"})["token"] is False
    for content in (None, "", "ü"):
        secret.unlink() if content is None else secret.write_text(content)
        with pytest.raises(InvalidInput, match="The token file"):
            container.completed({"token_file": str(secret)}, {})


def test_routes_of_a_platform_are_answered_by_ours() -> None:
    """Vertex AI names its own; where they are ours already, there is nothing to add."""
    variables = {"AIP_PREDICT_ROUTE": "/v1/models/1:predict", "AIP_HEALTH_ROUTE": "/ping"}

    assert container.completed({}, variables)["paths"] == {"/v1/models/1:predict": "/invocations"}


@pytest.mark.parametrize(
    ("text", "processors"), [("200000 100000", 2.0), ("50000 100000", 0.5), ("max 100000", None), ("", None)]
)
def test_the_quota_of_a_control_group_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, processors: float | None
) -> None:
    """Workers and the threads of their libraries are as many as it allows, and at least one."""
    (tmp_path / "cpu.max").write_text(text)
    monkeypatch.setattr(container, "QUOTA_V2", tmp_path / "cpu.max")
    monkeypatch.setattr(container, "QUOTA_V1", (tmp_path / "none", tmp_path / "none"))
    monkeypatch.setattr(os, "environ", {"OMP_NUM_THREADS": "7"})

    assert container.processors() == processors
    assert container.completed({}, {}).get("workers") == (None if processors is None else max(1, int(processors)))
    container.limit_threads(1)
    expected = {} if processors is None else {"OPENBLAS_NUM_THREADS": str(max(1, int(processors)))}
    assert {**os.environ, **expected} == dict(os.environ)
    assert os.environ["OMP_NUM_THREADS"] == "7"


def test_a_size_of_the_log_that_is_not_positive_is_refused() -> None:
    """Megabytes become bytes of the limits."""
    assert container.completed({"most_log": 0.5}, {})["limits"].log_bytes == 1 << 19
    with pytest.raises(InvalidInput, match="use a positive number"):
        container.completed({"most_log": 0.0}, {})


@contextmanager
def _served(board: Board, *words: str, **variables: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Run the command of an image as a plain process, with these variables alone, and yield its URL."""
    listening = listen("127.0.0.1", 0)
    port = listening.getsockname()[1]
    listening.close()
    command = [sys.executable, "-m", "mlops_magics.cli", "serve", "--board", board.url, *words]
    variables = {"PATH": os.environ["PATH"], "PORT": str(port), "MLOPS_MAGICS_STATE": NOWHERE, **variables}
    child = subprocess.Popen(command, env=variables, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd="/")
    url, deadline = f"http://127.0.0.1:{port}", time.monotonic() + 100
    try:
        while child.poll() is None and time.monotonic() < deadline:
            try:
                if requests.get(f"{url}/ping", timeout=5).ok:
                    break
            except requests.RequestException:
                time.sleep(0.05)
        if child.poll() is not None and child.returncode != 1:
            raise AssertionError(child.communicate()[1])
        yield url, child
    finally:
        if child.poll() is None:
            child.kill()
        child.communicate()


def test_a_process_without_a_home_or_a_state_folder_serves_as_a_platform_asks(board: Board) -> None:
    """Any Host, the port and routes of a platform, a token of a variable, open health routes; the contract suite."""
    pinned = publish_line(board)
    head = {"Host": "models.example.run.app", "Authorization": "Bearer a-secret"}
    rows = pinned.rows.head(3)
    with _served(
        board, "line", "--allow-any-host", "--sha256", pinned.version.hash, "serve",
        MLOPS_MAGICS_SERVE_TOKEN="a-secret", AIP_PREDICT_ROUTE="/v1/line:predict",
    ) as (url, child):  # fmt: skip
        host = {"Host": head["Host"]}
        for path in ("/ping", "/v2/health/live", "/v2/health/ready"):
            assert requests.get(url + path, headers=host, timeout=60).status_code == 200
        assert requests.get(f"{url}/health", headers=host, timeout=60).status_code == 401
        body = {"instances": rows.to_dict("records")}
        answer = requests.post(f"{url}/v1/line:predict", json=body, headers=head, timeout=60)
        assert answer.json()["predictions"] == pytest.approx(pinned.model.predict(rows))
        assert answer.headers["X-Model-Version"] == pinned.version.version
        embedded = EmbeddedEndpoint(pinned.version, pinned.model, token="a-secret")
        for verb, path, headers, sent in requests_of("line", pinned.rows):
            given = {**head, **headers}
            found = embedded.respond(Request(verb, path, "", {n.lower(): v for n, v in given.items()}, sent))
            reply = requests.request(verb, url + path, headers=given, data=sent, timeout=60)
            here = {name.lower(): value for name, value in found.headers} | {"content-type": found.content_type}
            there = Answer(reply.status_code, {n.lower(): v for n, v in reply.headers.items()}, reply.content)
            assert_equal(Answer(found.status, here, found.body), there, (verb, path))
        child.send_signal(signal.SIGTERM)
        assert child.wait(30) == 0


def test_another_hash_than_the_one_that_was_given_is_refused(board: Board) -> None:
    """A container states which bytes it was built for."""
    publish_line(board)
    with _served(board, "line", "--sha256", "0" * 64) as (_, child):
        _, errors = child.communicate(timeout=60)

    assert child.returncode == 1
    assert "has the hash" in errors
    assert len(errors.strip().splitlines()) == 1


def test_a_request_in_progress_is_answered_before_it_ends(board: Board) -> None:
    """SIGTERM drains: a client that has sent half of its request is answered, and a new one is not taken."""
    pinned = publish_line(board)
    body = json.dumps({"dataframe_split": pinned.rows.to_dict("split", index=False)}).encode()
    with _served(board, "line", "--sha256", pinned.version.hash, "--no-token") as (url, child):
        connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=60)
        connection.putrequest("POST", "/invocations")
        connection.putheader("Content-Type", "application/json")
        connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body[:100])
        time.sleep(0.5)
        child.send_signal(signal.SIGTERM)
        time.sleep(0.5)
        connection.send(body[100:])

        assert connection.getresponse().status == 200
        assert child.wait(30) == 0
