"""Every route of the server extension refuses strangers, and answers in JSON with its version."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tornado.httpclient import HTTPClientError

from mlops_magics import __version__
from mlops_magics.lab.routes import ADDRESSES, ROOT

FILLERS = {"board": "0123456789ab", "name": "line", "version": "latest", "alias": "champion"}
VERBS = ("GET", "POST")


def _routes() -> list[tuple[str, str]]:
    """Return (verb, address) of everything that is registered, not of a list kept by hand."""
    found = []
    for pattern, handler in ADDRESSES:
        address = pattern.replace("(?:/.*)?", "/nothing")
        for name, value in FILLERS.items():
            address = address.replace(f"(?P<{name}>[^/]+)", value)
        found += [(verb, ROOT + address) for verb in VERBS if verb.lower() in handler.__dict__]
    return found


ROUTES = _routes()


async def _refused(jp_fetch: Any, verb: str, address: str, **options: Any) -> HTTPClientError:
    body = "{}" if verb == "POST" else None
    with pytest.raises(HTTPClientError) as refusal:
        await jp_fetch(*address.split("/"), method=verb, body=body, **options)
    return refusal.value


@pytest.mark.parametrize(("verb", "address"), ROUTES)
async def test_a_request_without_the_token_is_refused(jp_fetch: Any, verb: str, address: str) -> None:
    """Nobody reads or moves anything without the server's token."""
    refusal = await _refused(jp_fetch, verb, address, headers={"Authorization": ""})

    assert refusal.code == 403


@pytest.mark.parametrize(("verb", "address"), ROUTES)
async def test_a_foreign_origin_is_refused_even_with_the_token(jp_fetch: Any, verb: str, address: str) -> None:
    """A page of another site gets nothing, whatever it knows."""
    refusal = await _refused(jp_fetch, verb, address, headers={"Origin": "https://elsewhere.example"})

    assert refusal.code in {403, 404}
    assert json.loads(refusal.response.body)["kind"] == "HTTPError"  # refused before our own work began


@pytest.mark.parametrize(("verb", "address"), [route for route in ROUTES if "/" in route[1].removeprefix(f"{ROOT}/")])
async def test_unknown_names_are_404_in_json_with_our_version(jp_fetch: Any, verb: str, address: str) -> None:
    """What does not exist is said in words, by every route that takes a name."""
    refusal = await _refused(jp_fetch, verb, address)
    told = json.loads(refusal.response.body)

    assert refusal.code in ({404} if "swap" not in address and "promote" not in address else {400, 404})
    assert told["server_version"] == __version__
    assert told["message"]


async def test_a_route_that_is_not_ours_is_404_in_json(jp_fetch: Any) -> None:
    """An older server part says its version when a newer panel asks for a route that it lacks."""
    refusal = await _refused(jp_fetch, "GET", f"{ROOT}/nothing/like/it")

    assert refusal.code == 404
    assert json.loads(refusal.response.body)["server_version"] == __version__


@pytest.mark.parametrize("name", ["..%2F..%2Fetc", "a%5Cb", "%00", "x" * 300, "%F0%9F%98%80"])
async def test_hostile_names_never_become_paths(jp_fetch: Any, key: str, name: str) -> None:
    """A name goes through versioning's own names before anything touches the disk."""
    refusal = await _refused(jp_fetch, "GET", f"{ROOT}/boards/{key}/models/{name}/versions")

    assert refusal.code in {400, 404}
    assert "Traceback" not in refusal.response.body.decode()
