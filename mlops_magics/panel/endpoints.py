"""The endpoints of this user: their state, one prediction, stop, restart and swap."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from mlops_magics.core.wire.panel_records import (
    AnswerReply,
    EndpointReply,
    Endpoints,
    MoveReply,
    PanelEndpoint,
    WholeEndpointReply,
)
from mlops_magics.panel.address import changing, reading
from mlops_magics.panel.aliases import move_reply
from mlops_magics.panel.board_pool import BoardPool
from mlops_magics.widgets import records

if TYPE_CHECKING:
    from mlops_magics.core.session.records import Endpoint


@reading("/endpoints")
def endpoints(pool: BoardPool) -> Endpoints:
    """List the endpoints, newest first, each with its health where it runs, never a token."""
    # the health of each is looked up, and one that hangs takes seconds
    with ThreadPoolExecutor(8) as threads:
        return Endpoints(tuple(threads.map(lambda each: _listed(pool, each), pool.endpoints())))


def _listed(pool: BoardPool, found: Endpoint) -> PanelEndpoint:
    return records.panel_endpoint(found, pool.number(found.board_key, found.name, found.version))


@reading("/endpoints/{board}/{name}")
def endpoint(pool: BoardPool, board: str, name: str) -> WholeEndpointReply:
    """Return the record for a view of the endpoint: facts, the form's columns, lines to paste, other versions."""
    found = pool.session(board).endpoint(pool.ref(board, name))
    return WholeEndpointReply(pool.run(board, lambda session: records.whole_endpoint(session, found)))


@changing("/endpoints/{board}/{name}/predict")
def predict(pool: BoardPool, board: str, name: str, row: dict[str, Any]) -> AnswerReply:
    """Predict one row at the endpoint, from here: a browser's own request would be refused by its Origin."""
    return AnswerReply(pool.session(board).answer(pool.ref(board, name), row))


@changing("/endpoints/{board}/{name}/stop")
def stop(pool: BoardPool, board: str, name: str) -> EndpointReply:
    """Finish open requests, then stop. An endpoint that died is forgotten."""
    return EndpointReply(_listed(pool, pool.session(board).stop(pool.ref(board, name))))


@changing("/endpoints/{board}/{name}/restart")
def restart(pool: BoardPool, board: str, name: str) -> EndpointReply:
    """Start again on the same port."""
    return EndpointReply(_listed(pool, pool.session(board).restart(pool.ref(board, name))))


@changing("/endpoints/{board}/{name}/swap")
def swap(pool: BoardPool, board: str, name: str, version: str) -> EndpointReply:
    """Answer with another version from now on. The endpoint itself loads it, and checks its trust."""
    ref = pool.ref(board, name)
    return EndpointReply(_listed(pool, pool.run(board, lambda session: session.swap(ref, version))))


@changing("/endpoints/{board}/{name}/canary")
def canary(pool: BoardPool, board: str, name: str, version: str, share: float) -> EndpointReply:
    """Let another version answer a share of the requests (0 to 1)."""
    ref = f"{pool.ref(board, name)}@{version}"
    return EndpointReply(_listed(pool, pool.run(board, lambda session: session.deploy(ref, canary=share))))


@changing("/endpoints/{board}/{name}/adopt")
def adopt(pool: BoardPool, board: str, name: str, force: bool = False) -> MoveReply:
    """Let the version that is tried out answer alone, and promote it to champion."""
    ref = pool.ref(board, name)
    return pool.run(board, lambda session: move_reply(session, session.adopt(ref, force=force)))


@changing("/endpoints/{board}/{name}/end_trial")
def end_trial(pool: BoardPool, board: str, name: str) -> EndpointReply:
    """End the canary or the shadow."""
    return EndpointReply(_listed(pool, pool.session(board).end_trial(pool.ref(board, name))))
