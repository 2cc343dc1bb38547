"""One corpus of requests, asked of Flask's test client and of the real front: the same answers from both."""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from mlops_magics.core.deploying.server.web.application import create_app
from tests.core.deploying.conftest import TOKEN, Lasting, Pinned
from tests.core.deploying.service import service_of

Ask = Callable[..., tuple[int, dict[str, str], bytes]]
VOLATILE = ("x-request-id", "date", "server", "connection", "cache-control", "x-content-type-options")
ROW = {"x 0": 0.1, "x-1": 0.2, "x2": 0.3, "x3": 0.4}
OTHER = {"x3": 1, "x2": 1, "x-1": 1, "x 0": 1, "extra": "ignored"}


def body(value: Any) -> bytes:
    return json.dumps(value).encode()


def tensor(name: str, shape: list[int], data: list[Any]) -> dict[str, Any]:
    return {"name": name, "shape": shape, "datatype": "FP64", "data": data}


INFER = "/v2/models/line/infer"
ONE_ROW = [tensor(name, [1, 1], [value]) for name, value in ROW.items()]

OPEN = {"/ping", "/v2/health/live", "/v2/health/ready"}
"""Paths that a platform asks for health, by GET, HEAD and OPTIONS, and that need no token. There are no others."""

CORPUS: list[tuple[str, str, dict[str, str], bytes, int]] = [
    ("GET", "/ping", {}, b"", 200),
    ("GET", "/ping/", {}, b"", 200),
    ("HEAD", "/ping", {}, b"", 200),
    ("GET", "/metadata", {}, b"", 200),
    ("GET", "/prototype", {}, b"", 200),
    ("GET", "/line/prototype", {}, b"", 200),
    ("GET", "/nothing/prototype", {}, b"", 404),
    ("GET", "/openapi.json", {}, b"", 200),
    ("GET", "/", {}, b"", 200),
    ("GET", "/version", {}, b"", 200),
    ("POST", "/predict", {}, body([ROW]), 200),
    ("POST", "/predict/", {}, body([ROW, OTHER]), 200),
    ("POST", "/line/predict", {"Content-Type": "application/json"}, body([ROW]), 200),
    ("POST", "/predict", {}, body([[0.1, 0.2, 0.3, 0.4]]), 200),
    ("POST", "/predict", {}, body({"columns": {name: [value] * 3 for name, value in ROW.items()}}), 200),
    ("POST", "/predict", {}, body({"columns": list(ROW), "data": [list(ROW.values())]}), 200),
    ("POST", "/predict", {"Content-Type": "text/csv"}, b"x 0,x-1,x2,x3\n1,2,3,4\n", 200),
    ("POST", "/predict", {"X-Request-Id": "mine-1"}, body([{**ROW, "x2": 1000.0}]), 200),
    ("POST", "/invocations", {"Content-Type": "application/json"}, body({"dataframe_records": [ROW]}), 200),
    ("POST", "/invocations", {}, body({"inputs": {name: [value] for name, value in ROW.items()}}), 200),
    ("POST", "/invocations", {}, body([ROW]), 400),
    ("POST", "/invocations", {}, body({"instances": [{}]}), 422),
    ("GET", "/v2", {}, b"", 200),
    ("GET", "/v2/health/live", {}, b"", 200),
    ("GET", "/v2/health/ready", {}, b"", 200),
    ("GET", "/v2/models/line", {}, b"", 200),
    ("GET", "/v2/models/line/ready", {}, b"", 200),
    ("GET", "/v2/models/other", {}, b"", 404),
    ("POST", INFER, {}, body({"id": "7", "inputs": ONE_ROW}), 200),
    ("POST", INFER, {}, body({"inputs": [tensor("rows", [2, 4], [1.0] * 8)]}), 200),
    ("POST", "/v2/models/line/infer", {}, body({"inputs": []}), 400),
    ("POST", INFER, {}, body({"inputs": [tensor("x2", [9], [1.0])]}), 400),
    ("POST", "/v2/models/other/infer", {}, body({"inputs": []}), 404),
    ("POST", "/predict_proba", {}, body([ROW]), 404),
    ("POST", "/predict", {}, b"[]", 422),
    ("POST", "/predict", {}, b"", 400),
    ("POST", "/predict", {}, b"[{", 400),
    ("POST", "/predict", {}, b'[{"x 0": NaN}]', 400),
    ("POST", "/predict", {}, body(ROW), 200),
    ("POST", "/predict", {}, body(None), 422),
    ("POST", "/predict", {}, body("text"), 422),
    ("POST", "/predict", {}, body([{**ROW, "x2": "a"}, {"x2": 1}]), 422),
    ("POST", "/predict", {"Content-Type": "application/vnd.pickle"}, b"x", 415),
    ("POST", "/predict", {"Content-Encoding": "br"}, b"x", 415),
    ("POST", "/predict", {"Content-Encoding": "gzip"}, b"x", 400),
    ("GET", "/predict", {}, b"", 405),
    ("DELETE", "/predict", {}, b"", 405),
    ("POST", "/nothing", {}, b"", 404),
    ("GET", "/%2e%2e/%2e%2e/etc/passwd", {}, b"", 404),
    ("POST", "/feedback", {}, body({"request_id": "mine-1", "truth": 1.5}), 200),
    ("POST", "/feedback", {}, body({"truth": 1.5}), 422),
]  # fmt: skip


@pytest.fixture(params=["flask", "front"])
def ask(request: pytest.FixtureRequest, lasting: Lasting) -> Iterator[Ask]:
    """Ask a carrier: Flask's own test client, or the real process."""
    authorized = {"Authorization": f"Bearer {TOKEN}"}
    if request.param == "flask":
        client = create_app(service_of(lasting.line, token=TOKEN)).test_client()

        def by_flask(verb: str, path: str, headers: dict[str, str], sent: bytes) -> tuple[int, dict[str, str], bytes]:
            reply = client.open(path, method=verb, headers={**authorized, **headers}, data=sent)
            return reply.status_code, {name.lower(): value for name, value in reply.headers}, reply.data

        yield by_flask
        return
    connection = http.client.HTTPConnection("127.0.0.1", lasting.endpoint.port, timeout=20)

    def by_front(verb: str, path: str, headers: dict[str, str], sent: bytes) -> tuple[int, dict[str, str], bytes]:
        connection.request(verb, path, sent or None, {**authorized, **headers})
        reply = connection.getresponse()
        return reply.status, {name.lower(): value for name, value in reply.getheaders()}, reply.read()

    yield by_front
    connection.close()


def test_every_request_of_the_corpus_is_answered_as_promised(ask: Ask) -> None:
    """Status, JSON shape of errors, and no trace of the server, for every request of the corpus."""
    for verb, path, headers, sent, status in CORPUS:
        found, told, content = ask(verb, path, headers, sent)

        assert found == status, (verb, path, sent[:60], content[:300])
        if status >= 400:
            error = json.loads(content)
            assert {"message", "detail"} <= error.keys()
            assert "Traceback" not in error["message"]
            assert ".py" not in error["message"]
            assert told["content-type"].startswith("application/json")


def test_answers_hold_the_models_values(ask: Ask, lasting: Lasting) -> None:
    """Every protocol gives what the model gives, with version and request id in headers."""
    line = lasting.line
    expected = line.model.predict(line.rows[:3])
    records = json.loads(line.rows[:3].to_json(orient="records", double_precision=15))
    columns = [
        {"name": name, "shape": [3, 1], "datatype": "FP64", "data": line.rows[name][:3].tolist()} for name in line.rows
    ]

    _, told, vetiver = ask("POST", "/predict", {"X-Request-Id": "mine-2"}, body(records))
    _, _, mlflow = ask("POST", "/invocations", {}, body({"dataframe_records": records}))
    _, _, inference = ask("POST", "/v2/models/line/infer", {}, body({"id": "42", "inputs": columns}))

    np.testing.assert_allclose(json.loads(vetiver)["predict"], expected, rtol=1e-12)
    np.testing.assert_allclose(json.loads(mlflow)["predictions"], expected, rtol=1e-12)
    answer = json.loads(inference)
    np.testing.assert_allclose(answer["outputs"][0]["data"], expected, rtol=1e-12)
    assert (answer["id"], answer["model_name"], answer["model_version"]) == ("42", "line", line.version.version)
    assert (told["x-request-id"], told["x-model-version"]) == ("mine-2", line.version.version)


def test_metadata_has_vetivers_keys_and_ping_its_body(ask: Ask) -> None:
    """What vetiver's clients compare is exact."""
    assert json.loads(ask("GET", "/ping", {}, b"")[2]) == {"ping": "pong"}
    assert set(json.loads(ask("GET", "/metadata", {}, b"")[2])) == {
        "user",
        "version",
        "url",
        "required_pkgs",
        "python_version",
    }


def test_a_warning_names_the_column_outside_its_range(ask: Ask) -> None:
    """Values beyond training pass, with a header that says so."""
    status, told, _ = ask("POST", "/predict", {}, body([{**ROW, "x2": 1e6}]))

    assert status == 200
    assert told["x-warning"].startswith("x2: 1 value outside the training range")


def test_no_route_answers_without_the_token(line: Pinned) -> None:
    """T7: Every route but the health routes is 401 without a token, by every verb, and 403 from elsewhere."""
    app = create_app(service_of(line, token=TOKEN))
    client = app.test_client()
    assert {rule.rule for rule in app.url_map.iter_rules()} >= OPEN
    for rule in app.url_map.iter_rules():
        path = rule.rule.replace("<name>", "line").replace("<version>", "1")
        for verb in rule.methods or ():
            wanted = {200} if path in OPEN else {401}
            assert {client.open(each, method=verb).status_code for each in (path, f"{path}/")} == wanted, (verb, path)
            foreign = {"Origin": "http://evil.example", "Authorization": f"Bearer {TOKEN}"}
            assert client.open(path, method=verb, headers=foreign).status_code == 403
            assert client.open(path, method=verb, headers={"Host": "evil.example"}).status_code == 403
