"""Every route of the server extension refuses strangers, and answers in JSON with its version."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tornado.httpclient import HTTPClientError

from mlops_magics import __version__
from mlops_magics.lab.handler import VERSION_HEADER
from mlops_magics.lab.routes import ROOT, VIEWS, routes
from mlops_magics.panel.verbs import ADDRESSES, VERBS

REST = Path(__file__).parents[2] / "js/src/lab/sidebar/rest.ts"
FILLERS = {"board": "0123456789ab", "name": "line", "version": "latest", "alias": "champion"}
FILLERS |= {"policy": "weekly", "part": "limits"}
ROUTES = [(method, ROOT + address.format(**FILLERS)) for method, address in ADDRESSES.values()]
EVERYTHING = [*ROUTES, ("GET", ROOT + VIEWS), ("GET", f"{ROOT}/nothing/like/it"), ("POST", f"{ROOT}/nothing/like/it")]
NEEDING = ("/swap", "/promote", "/predict", "/compare", "/canary", "/restore", "/card/limits")
"""Ends of addresses whose verbs need a field that this test does not send."""
NAMING = [(method, address) for method, address in ROUTES if "/" in address.removeprefix(f"{ROOT}/")]


def test_every_verb_of_the_panel_has_its_route() -> None:
    """The table from which the routes are built is the table that these tests walk; no two verbs have one address."""
    assert len(set(ADDRESSES.values())) == len(ADDRESSES) == len(VERBS) > 25
    assert {verb.__name__ for verb in VERBS.values()} == VERBS.keys()
    assert len(routes("/")) == len(ADDRESSES) + 2


async def _refused(jp_fetch: Any, verb: str, address: str, **options: Any) -> HTTPClientError:
    body = "{}" if verb == "POST" else None
    with pytest.raises(HTTPClientError) as refusal:
        await jp_fetch(*address.split("/"), method=verb, body=body, **options)
    return refusal.value


@pytest.mark.parametrize(("verb", "address"), EVERYTHING)
async def test_a_request_without_the_token_is_refused(jp_fetch: Any, verb: str, address: str) -> None:
    """T16: Nobody reads or moves anything without the server's token."""
    refusal = await _refused(jp_fetch, verb, address, headers={"Authorization": ""})

    assert refusal.code == 403
    assert (
        refusal.response.headers[VERSION_HEADER] == json.loads(refusal.response.body)["server_version"] == __version__
    )


@pytest.mark.parametrize(("verb", "address"), EVERYTHING)
async def test_a_foreign_origin_is_refused_even_with_the_token(jp_fetch: Any, verb: str, address: str) -> None:
    """T16: A page of another site gets nothing, whatever it knows."""
    refusal = await _refused(jp_fetch, verb, address, headers={"Origin": "https://elsewhere.example"})

    assert refusal.code in {403, 404}
    assert json.loads(refusal.response.body)["kind"] == "HTTPError"  # refused before our own work began


@pytest.mark.parametrize("address", [address for method, address in EVERYTHING if method == "POST"])
async def test_a_browsers_cookie_is_not_enough_to_change_something(
    jp_fetch: Any, address: str, jp_serverapp: Any
) -> None:
    """A page that makes the browser send the cookie does not know the token against forged requests."""
    login = await jp_fetch("api", "me", params={"token": jp_serverapp.identity_provider.token})
    cookies = [cookie.split(";")[0] for cookie in login.headers.get_list("Set-Cookie")]
    refusal = await _refused(jp_fetch, "POST", address, headers={"Authorization": "", "Cookie": "; ".join(cookies)})

    assert any(cookie.startswith("username-") for cookie in cookies)
    assert refusal.code == 403
    assert "_xsrf" in json.loads(refusal.response.body)["message"]


@pytest.mark.parametrize(("verb", "address"), NAMING)
async def test_a_verb_answers_to_its_own_method_alone(jp_fetch: Any, verb: str, address: str) -> None:
    """What changes something is never done by following a link."""
    refusal = await _refused(jp_fetch, "GET" if verb == "POST" else "POST", address)

    assert refusal.code == 405


@pytest.mark.parametrize(("verb", "address"), NAMING)
async def test_unknown_names_are_404_in_json_with_our_version(jp_fetch: Any, verb: str, address: str) -> None:
    """What does not exist is said in words, by every route that takes a name."""
    refusal = await _refused(jp_fetch, verb, address)
    told = json.loads(refusal.response.body)

    assert refusal.code == (400 if address.endswith(NEEDING) else 404)
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
