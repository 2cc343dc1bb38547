"""The table of routes: the router, Flask and the OpenAPI description are the same list."""

from __future__ import annotations

import re

from mlops_magics.core.deploying.server.routes import OPEN_PATHS, ROUTES, find
from mlops_magics.core.deploying.server.web.application import create_app
from mlops_magics.core.deploying.server.web.openapi import description
from mlops_magics.core.deploying.server.web.views import VIEWS
from tests.core.deploying.conftest import Pinned
from tests.core.deploying.service import service_of


def test_flask_has_the_rules_of_the_table_and_no_other(line: Pinned) -> None:
    """Every pattern of the table is a rule of Flask, with its HTTP method; every view of a route exists and is used."""
    app = create_app(service_of(line))

    rules = {(verb, rule.rule) for rule in app.url_map.iter_rules() for verb in rule.methods or ()}

    declared = {(route.verb, pattern) for route in ROUTES for pattern in route.patterns}
    assert {(verb, rule) for verb, rule in rules if verb in {"GET", "POST"}} == declared
    assert {route.view for route in ROUTES} == set(VIEWS)


def test_the_event_loop_answers_the_prediction_routes_of_the_table_and_no_other() -> None:
    """The router finds a path exactly where the table has a reader for it, with name, version and method."""
    for route in ROUTES:
        for pattern in route.patterns:
            path = pattern.replace("<name>", "line").replace("<version>", "v1")
            match = find(path)
            if route.reader is None:
                assert match is None, pattern
                continue
            assert match is not None
            assert find(f"{path}/") == match
            assert (match.protocol, match.method) == (route.reader, route.model_method)
            assert match.name == ("line" if "<name>" in pattern else "")
            assert match.version == ("v1" if "<version>" in pattern else "")
    assert find("/") is find("/nothing/predict/more") is find("/v2/models/line/infer/more") is None


def test_the_description_lists_the_table(line: Pinned) -> None:
    """OpenAPI has every path of the table with its summary, for the methods that the model has, and nothing more."""
    service = service_of(line)
    version = service.slots.first.current.version.version

    paths = description(service)["paths"]

    expected = {}
    for route in ROUTES:
        if route.model_method in {"", *service.slots.first.current.methods}:
            path = route.pattern.replace("<name>", "line").replace("<version>", version)
            expected[path, route.verb.lower()] = route.summary
    assert {
        (path, verb): entry["summary"] for path, verbs in paths.items() for verb, entry in verbs.items()
    } == expected


def test_only_liveness_and_readiness_are_open(line: Pinned) -> None:
    """Every other route of the table needs the token; a platform that probes a container has none."""
    client = create_app(service_of(line, token="secret")).test_client()

    assert {path.rstrip("/") for path in OPEN_PATHS} == {"/ping", "/v2/health/live", "/v2/health/ready"}
    for route in ROUTES:
        for pattern in route.patterns:
            path = re.sub("<[a-z]+>", "line", pattern)
            status = client.open(path, method=route.verb).status_code
            assert (status == 401) != (path in OPEN_PATHS), path
