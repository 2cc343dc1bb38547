"""The description of an endpoint: valid in itself, its examples fit its schemas and are answered."""

from __future__ import annotations

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from mlops_magics.core.deploying.contract.media import JSON
from tests.core.deploying.conftest import Lasting


@pytest.fixture
def api(lasting: Lasting) -> dict[str, Any]:
    """The whole description."""
    found: dict[str, Any] = lasting.endpoint.client.get("/openapi.json")
    return found


def resolved(api: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    return {**schema, "components": api["components"]}


def test_examples_fit_their_schemas_and_are_answered(api: dict[str, Any], lasting: Lasting) -> None:
    """Every body that is shown for any model and protocol is valid, and the endpoint answers it with 200."""
    asked = 0
    for path, operations in api["paths"].items():
        body = operations.get("post", {}).get("requestBody", {}).get("content", {}).get(JSON)
        if body is None:
            continue
        Draft202012Validator(resolved(api, body["schema"])).validate(body["example"])
        content, _ = lasting.endpoint.client.send("POST", path, json.dumps(body["example"]).encode())
        answer = operations["post"]["responses"]["200"]["content"][JSON]["schema"]
        Draft202012Validator(resolved(api, answer)).validate(json.loads(content))
        asked += 1

    assert asked >= 4 * len(lasting.endpoint.models)


def test_every_schema_is_one(api: dict[str, Any]) -> None:
    """What is described is JSON Schema as OpenAPI 3.1 wants it, and everything that is referred to is there."""
    assert api["openapi"] == "3.1.0"
    for schema in api["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
    named = set(json.dumps(api).replace('"#/components/schemas/', '"\x00').split("\x00")[1:])
    assert {each.split('"')[0] for each in named} <= set(api["components"]["schemas"])


def test_what_the_page_shows_comes_from_here(lasting: Lasting) -> None:
    """The page at `/` loads nothing from elsewhere, and may connect to nowhere else."""
    content, told = lasting.endpoint.client.send("GET", "/")

    assert b"openapi.json" in content
    assert b"://" not in content
    assert "default-src 'none'" in told["content-security-policy"]
