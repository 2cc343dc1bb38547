"""The endpoints of this user: how each is, asking it, and stopping, restarting and swapping it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from mlops_magics.core import deploying
from mlops_magics.core.deploying.clients import snippets
from mlops_magics.core.known_boards import key_of
from mlops_magics.core.versioning.names import ModelName
from mlops_magics.errors import MlopsError, NotFound
from mlops_magics.panel.shelf import Shelf
from mlops_magics.widgets import wire

if TYPE_CHECKING:
    from mlops_magics.core.deploying import Endpoint

HEALTH_SECONDS = 2.0
"""An endpoint that answers later than this is shown as not answering."""
ANSWER_SECONDS = 30.0
MOST_VERSIONS = 50
"""Versions that are offered for a swap."""


def endpoints(shelf: Shelf) -> dict[str, Any]:
    """List the endpoints, newest first, each with its health where it runs; never a token."""
    known = deploying.running()
    with ThreadPoolExecutor(8) as pool:
        return {"endpoints": list(pool.map(_described, known))}


def endpoint(shelf: Shelf, board: str, name: str) -> dict[str, Any]:
    """Return what a view of the endpoint needs: facts, the form's columns, lines to paste, other versions."""
    found = _found(board, name)
    with shelf.board(board) as opened:
        version = opened.version(f"{ModelName(name)}@{found.version}")
        others = list(opened.versions(name)["version"].head(MOST_VERSIONS))
    prototype = wire.prototype(version.prototype)
    asked = (found.url, found.token, prototype["examples"][:1])
    logged = found.announced.plan.get("log", True)
    record = {
        **_described(found),
        "prototype": prototype,
        "snippets": {language: write(*asked) for language, write in snippets.BY_LANGUAGE.items()},
        "versions": others,
        "recent": wire.safe(shelf.answered_recently(found.board, found.name)) if logged else None,
    }
    return {"endpoint": record}


def predict(shelf: Shelf, board: str, name: str, row: dict[str, Any]) -> dict[str, Any]:
    """Ask the endpoint for one row, from here: a browser's own request would be refused by its Origin."""
    found = _found(board, name)
    client = deploying.Client(found.url, found.token, seconds=ANSWER_SECONDS)
    try:
        began = time.perf_counter()
        values, headers = _asked(client, "predict", row)
        latency = 1000 * (time.perf_counter() - began)
        probabilities = _probabilities(client, row)
    finally:
        client.close()
    warnings = [headers["x-warning"]] if "x-warning" in headers else []
    answer = {"prediction": values[0], "probabilities": probabilities, "version": headers.get("x-model-version")}
    return {"answer": {**answer, "latency_ms": round(latency, 2), "warnings": warnings}}


def stop(shelf: Shelf, board: str, name: str) -> dict[str, Any]:
    """Finish what is being answered, then stop; an endpoint that died is forgotten."""
    return _acted(_found(board, name), lambda found: found.stop())


def restart(shelf: Shelf, board: str, name: str) -> dict[str, Any]:
    """Start again on the same port."""
    return _acted(_found(board, name), lambda found: found.restart())


def swap(shelf: Shelf, board: str, name: str, version: str) -> dict[str, Any]:
    """Answer with another version from now on; the endpoint itself loads it, and checks its trust."""
    with shelf.board(board) as opened:
        wanted = opened.version(f"{ModelName(name)}@{version}")
    return _acted(_found(board, name), lambda found: found.swap(wanted))


def _found(key: str, name: str) -> Endpoint:
    known = deploying.running()
    wanted = ModelName(name)
    chosen = next((each for each in known if each.name == wanted and key_of(each.board) == key), None)
    if chosen is None:
        hint = f"Start one with `%deploy {wanted}`."
        raise NotFound("endpoint", wanted, sorted({each.name for each in known}), hint=hint)
    return chosen


def _described(found: Endpoint) -> dict[str, Any]:
    """Return an endpoint's record with the key of its board and its health; never its token."""
    told = {**found.to_json(), "board_key": key_of(found.board), "health": None, "trouble": None}
    if told["state"] != "running":
        return told
    client = deploying.Client(found.url, found.token, seconds=HEALTH_SECONDS)
    try:
        return {**told, "health": wire.safe(client.get("/health"))}
    except (MlopsError, OSError, ValueError) as error:
        return {**told, "trouble": f"Not answering: {error}"}
    finally:
        client.close()


def _asked(client: Any, method: str, row: dict[str, Any]) -> tuple[list[Any], Any]:
    content, headers = client.send(
        "POST", f"/{method}", json.dumps([row]).encode(), {"Content-Type": "application/json"}
    )
    return list(json.loads(content)["predict"]), headers


def _probabilities(client: Any, row: dict[str, Any]) -> dict[str, float] | None:
    """Return how sure the model is of each label; None for models that do not say."""
    labels = client.get("/health").get("classes")
    if not labels:
        return None
    shares = _asked(client, "predict_proba", row)[0][0]
    return dict(zip(map(str, labels), shares)) if isinstance(shares, list) and len(shares) == len(labels) else None


def _acted(found: Endpoint, act: Callable[[Endpoint], object]) -> dict[str, Any]:
    act(found)
    return {"endpoint": {**found.to_json(), "board_key": key_of(found.board)}}
