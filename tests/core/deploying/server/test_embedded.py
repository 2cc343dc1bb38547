"""An endpoint inside another server: the answers of the notebook's endpoint, by WSGI and by events of Lambda."""

from __future__ import annotations

import base64
import http.client
import json
import urllib.parse
from typing import Any

import pytest
from werkzeug.test import Client

from mlops_magics import Session
from mlops_magics.core.deploying.server.embedded import LAMBDA_BYTES, EmbeddedEndpoint
from mlops_magics.errors import IntegrityError, InvalidInput
from tests.core.deploying.conftest import TOKEN, Lasting, Pinned, publish_line
from tests.core.deploying.targets.contract import Answer, Ask, assert_equal, requests_of

HOST = "abc123.lambda-url.eu-central-1.on.aws"
AUTHORIZED = {"Authorization": f"Bearer {TOKEN}"}


def _by_endpoint(lasting: Lasting) -> Ask:
    connection = http.client.HTTPConnection("127.0.0.1", lasting.endpoint.port, timeout=30)

    def ask(verb: str, path: str, headers: dict[str, str], body: bytes) -> Answer:
        connection.request(verb, path, body or None, {**AUTHORIZED, **headers})
        reply = connection.getresponse()
        return Answer(reply.status, {name.lower(): value for name, value in reply.getheaders()}, reply.read())

    return ask


def _by_wsgi(embedded: EmbeddedEndpoint) -> Ask:
    client = Client(embedded)

    def ask(verb: str, path: str, headers: dict[str, str], body: bytes) -> Answer:
        url = f"https://{HOST}"
        reply = client.open(path, method=verb, base_url=url, headers={**AUTHORIZED, **headers}, data=body)
        return Answer(reply.status_code, {name.lower(): value for name, value in reply.headers}, reply.data)

    return ask


def url_event(verb: str, path: str, headers: dict[str, str], body: bytes) -> dict[str, Any]:
    """Return an event of a function URL, or of an HTTP API: version 2."""
    return {
        "version": "2.0",
        "rawPath": urllib.parse.quote(path),
        "rawQueryString": "",
        "headers": {"host": HOST, **{name.lower(): value for name, value in headers.items()}},
        "requestContext": {"http": {"method": verb, "path": path}, "stage": "$default"},
        "body": base64.b64encode(body).decode(),
        "isBase64Encoded": True,
    }


def gateway_event(verb: str, path: str, headers: dict[str, str], body: bytes) -> dict[str, Any]:
    """Return an event of a REST API, or of a load balancer: version 1."""
    return {
        "httpMethod": verb,
        "path": path,
        "multiValueHeaders": {"Host": [HOST], **{name: [value] for name, value in headers.items()}},
        "queryStringParameters": None,
        "body": body.decode() or None,
        "isBase64Encoded": False,
    }


def _by_event(embedded: EmbeddedEndpoint, event: Any) -> Ask:
    def ask(verb: str, path: str, headers: dict[str, str], body: bytes) -> Answer:
        sent = json.loads(json.dumps(event(verb, path, {**AUTHORIZED, **headers}, body)))
        reply = json.loads(json.dumps(embedded.lambda_handler(sent)))
        found = base64.b64decode(reply["body"]) if reply["isBase64Encoded"] else reply["body"].encode()
        return Answer(reply["statusCode"], reply["headers"], found)

    return ask


def test_every_carrier_answers_as_the_endpoint_of_the_notebook(lasting: Lasting) -> None:
    """One suite of requests: status, headers, labels and trees equal, floats to 1e-12."""
    forest = lasting.forest
    embedded = EmbeddedEndpoint(forest.version, forest.model, token=TOKEN)
    here = _by_endpoint(lasting)
    carriers = [_by_wsgi(embedded), _by_event(embedded, url_event), _by_event(embedded, gateway_event)]
    asked = list(requests_of("forest", forest.rows))
    assert len(asked) > 20
    for request in asked:
        expected = here(*request)
        for there in carriers:
            assert_equal(expected, there(*request), request[:2])


def test_a_client_without_the_token_is_refused_where_one_is_asked_for(line: Pinned) -> None:
    """A platform that checks who asks needs none; the health routes never do."""
    for token, status in ((TOKEN, 401), (None, 200)):
        embedded = EmbeddedEndpoint(line.version, line.model, token=token)
        for event in (url_event, gateway_event):
            assert embedded.lambda_handler(event("GET", "/metadata", {}, b""))["statusCode"] == status
            assert embedded.lambda_handler(event("GET", "/ping", {}, b""))["statusCode"] == 200


def test_an_event_that_is_not_a_request_is_answered_by_an_error(line: Pinned) -> None:
    """Events of other services, a body that is not base64, and a stage in front of the path."""
    embedded = EmbeddedEndpoint(line.version, line.model)
    for event in ({}, {"Records": []}, {"httpMethod": None}, {"requestContext": {}}, {"requestContext": None}):
        assert embedded.lambda_handler(event)["statusCode"] >= 400
    broken = {**url_event("POST", "/predict", {}, b""), "body": "%%%"}
    assert embedded.lambda_handler(broken)["statusCode"] == 400
    staged = url_event("GET", "/prod/ping", {}, b"")
    staged["requestContext"]["stage"] = "prod"
    assert json.loads(embedded.lambda_handler(staged)["body"]) == {"ping": "pong"}


def test_an_answer_that_lambda_does_not_take_is_an_error(line: Pinned) -> None:
    """More than 6 MB: the client is asked for fewer rows."""
    embedded = EmbeddedEndpoint(line.version, line.model)
    rows = "x 0,x-1,x2,x3\n" + "0.1,0.2,0.3,0.123456789\n" * (LAMBDA_BYTES // 15)
    answer = embedded.lambda_handler(url_event("POST", "/predict", {"Content-Type": "text/csv"}, rows.encode()))

    assert answer["statusCode"] == 413
    assert len(answer["body"]) < 1000


def test_a_session_returns_the_application_of_a_version(
    board: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    """Another hash is refused; a token comes from the variables of a container."""
    pinned = publish_line(board)
    session = Session(board=board.url)
    sha256 = pinned.version.hash
    with pytest.raises(IntegrityError, match="has the hash"):
        session.application("line", sha256="0" * 64)
    monkeypatch.delenv("MLOPS_MAGICS_SERVE_TOKEN", raising=False)
    with pytest.raises(InvalidInput, match="set MLOPS_MAGICS_SERVE_TOKEN"):
        session.application("line", sha256=sha256, token=True)
    monkeypatch.setenv("MLOPS_MAGICS_SERVE_TOKEN", TOKEN)
    client = Client(session.application("line", sha256=sha256, token=True))
    rows = pinned.rows.head(2).to_dict("records")

    assert client.post("/predict", json=rows).status_code == 401
    answer = client.post("/predict", json=rows, headers=AUTHORIZED)
    assert answer.json["predict"] == pytest.approx(pinned.model.predict(pinned.rows.head(2)))
