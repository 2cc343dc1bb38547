"""Deployment: starting and replacing endpoints, adding challengers, and finding running endpoints."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from mlops_magics.core.deploying.endpoints import announcement, paths, processes
from mlops_magics.core.deploying.endpoints.control_channel import STOPPING
from mlops_magics.core.deploying.endpoints.endpoint import Endpoint
from mlops_magics.core.deploying.endpoints.plan import Plan
from mlops_magics.core.deploying.endpoints.planning import check_challenger_options, check_servable, plan_of
from mlops_magics.core.deploying.endpoints.starting import free_port, start
from mlops_magics.core.recipe_guard import guarded
from mlops_magics.errors import EndpointError, MlopsError, NotFound

if TYPE_CHECKING:
    from mlops_magics.core.versioning import AliasMove, Board, ModelVersion

ENDING_SECONDS = 2.0
"""For the process of an endpoint that no longer listens for commands: it is about to end."""
PATIENCE_SECONDS = 5.0
"""For the port of an endpoint that is replaced: its processes may still be closing it."""


@guarded
def deploy(
    board: Board, version: ModelVersion, *, also: Iterable[ModelVersion] = (), port: int | None = None, **options: Any
) -> Endpoint:
    """Answer at a URL with a version, in a process of its own that is ready when this returns.

    An endpoint of the same model is replaced: a running one is swapped to this version where only the version differs,
    and one that died is started again on its port. Own routes stay, and a challenger ends. Where the new one does not
    start, or is interrupted, the one before runs again.

    Parameters
    ----------
    board
        Where the version is.
    version
        The version that answers on routes without a name.
    also
        Further versions behind the same endpoint, at ``/NAME/predict``.
    port
        A free one by default.
    options
        ``workers`` (processes that share the port); ``host``; ``token`` (True for a random bearer token, False or None
        for an open endpoint, or the token itself); ``log`` (whether answers go to the prediction log); ``temporary``
        (stop when this process ends); ``alias`` and ``notebook``, to be shown; ``allowed_hosts`` and
        ``allowed_origins`` (names under which, and web pages from which, it may be called; see `server.guard.Guard`);
        ``limits`` (see `Limits`); ``extras`` ("ignore" or "refuse" columns that the model does not read); ``exact`` (no
        batching, no fast path); ``engine`` ("native" or "onnx"); ``privacy`` (what the log drops or hashes, by
        column).

    Raises
    ------
    InvalidInput
        For a version with which endpoints cannot answer, or options that are not valid.
    EndpointError
        When the port is taken, or the process does not start. The message gives the reason.
    """
    versions = (version, *also)
    for each in versions:
        check_servable(each)
    before = announced_of(board.url, version.name)
    plan = plan_of(versions, before, port=port, **options)
    if before is not None and before.current_state == "running" and _same_but_versions(plan, before):
        try:
            return _swapped(Endpoint(before), versions, plan.alias)
        except EndpointError as error:
            if not _is_ending(before, error):
                raise
    if before is not None and plan.port != before.port:
        free_port(plan, 0.0, any_port=False)  # a taken port is refused before the old endpoint is stopped
    return _replaced(before, plan, any_port=port is None)


def _replaced(before: announcement.Announcement | None, plan: Plan, *, any_port: bool) -> Endpoint:
    """Stop the endpoint before, and start the plan; where that fails, what ran before runs again."""
    if before is None:
        return Endpoint(start(plan, any_port=any_port))
    old, ran = Endpoint(before), before.current_state == "running"
    old.stop()
    try:
        return Endpoint(start(plan, patience=time.monotonic() + PATIENCE_SECONDS, any_port=any_port))
    except (MlopsError, KeyboardInterrupt) as fault:  # also a board that cannot be read any more
        if not ran or not _runs_again(old) or not isinstance(fault, EndpointError):
            raise
        raise EndpointError(f"{fault} What ran before answers again: {old.name}@{old.version}.") from fault


def _runs_again(old: Endpoint) -> bool:
    try:
        old.restart()
    except (MlopsError, KeyboardInterrupt):  # a second one: its user wants nothing to run
        return False
    return True


@guarded
def challenge(version: ModelVersion, *, share: float | None = None, shadow: bool = False, **options: Any) -> Endpoint:
    """Add a version as canary or shadow to its model's running endpoint.

    Parameters
    ----------
    version
        The challenger.
    share
        Of the requests that a canary answers, between 0 and 1.
    shadow
        Whether it sees every request and answers none.
    options
        Options of an endpoint are refused: the running one keeps its own.

    Raises
    ------
    InvalidInput
        For an option, or for both a share and a shadow.
    NotFound
        When no endpoint of this model runs.
    """
    check_servable(version)
    serving = [each for each in running() if each.board == version.board and version.name in each.models]
    endpoint = next((each for each in serving if each.state == "running"), None)
    if endpoint is None:
        raise NotFound("running endpoint of", version.name, hint=f"Start one with `%deploy {version.name}`.")
    answering = f"{version.name}@{endpoint.models[version.name]}"
    check_challenger_options(answering, options, trials={"canary": share is not None, "shadow": shadow})
    return endpoint.shadow(version) if share is None else endpoint.canary(version, share)


@guarded
def follow(move: AliasMove) -> None:
    """Swap the endpoint that was deployed by this alias, and answers with its former version, to the new version.

    Raises
    ------
    EndpointError
        When the endpoint cannot swap. The move of the alias is kept.
    """
    for endpoint in running(move.name):
        deployed_by = (endpoint.board, endpoint.alias, endpoint.version) == (move.board, move.alias, move.previous)
        if not deployed_by or move.version is None or endpoint.state != "running":
            continue
        try:
            endpoint.swap(move.version, alias=move.alias)
        except EndpointError as error:
            raise EndpointError(f"{move!r}, but the endpoint goes on with {move.previous}: {error}") from error


def running(name: str | None = None) -> list[Endpoint]:
    """Return a handle for each announced endpoint, newest first, also for those that died and were not stopped."""
    return [
        Endpoint(found)
        for found in announcement.all_announced()
        if found.state != "failed" and name in (None, found.name)
    ]


def announced_of(board: str, name: str) -> announcement.Announcement | None:
    """Return the announcement of a board's model, if there is one."""
    return announcement.read(paths.announcement_of(board, name))


def _same_but_versions(plan: Plan, before: announcement.Announcement) -> bool:
    """Return whether a running endpoint equals the plan in everything but the versions of its models."""
    running_plan = Plan.from_json(before.plan)
    names = [[served.name for served in each.models] for each in (plan, running_plan)]
    alike = dataclasses.replace(
        running_plan,
        models=plan.models,
        alias=plan.alias,
        notebook=plan.notebook,
        port=plan.port,
        challengers=plan.challengers,
        previous=plan.previous,
    )
    return plan == alike and plan.port == before.port and names[0] == names[1]


def _is_ending(before: announcement.Announcement, error: EndpointError) -> bool:
    """Return whether an endpoint refused because it is being stopped from elsewhere."""
    unreachable = error.__cause__ is not None
    return str(error) == STOPPING or (
        unreachable and processes.wait_gone(before.pid, before.pid_started, ENDING_SECONDS)
    )


def _swapped(endpoint: Endpoint, versions: Iterable[ModelVersion], alias: str | None) -> Endpoint:
    first, *others = versions
    for other in others:
        endpoint.swap(other)
    return endpoint.swap(first, alias=alias)
