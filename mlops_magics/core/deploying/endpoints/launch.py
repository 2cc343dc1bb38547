"""Starting endpoints, and finding those that run."""

from __future__ import annotations

import dataclasses
import json
import sys
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from mlops_magics.core.deploying.endpoints import announcement, paths, private_boards, processes, warm_spare
from mlops_magics.core.deploying.endpoints.endpoint import Endpoint
from mlops_magics.core.deploying.endpoints.listening import listen
from mlops_magics.core.deploying.endpoints.plan import Plan
from mlops_magics.core.deploying.endpoints.planning import planned, refuse_beside
from mlops_magics.errors import EndpointError, NotFound

if TYPE_CHECKING:
    from mlops_magics.core.versioning import AliasMove, Board, ModelVersion

START_SECONDS = 120.0
PATIENCE_SECONDS = 5.0
"""For the port of the endpoint that is replaced: its former owner may be closing it."""
POLL_SECONDS = 0.005


def deploy(
    board: Board, version: ModelVersion, *, also: Iterable[ModelVersion] = (), port: int | None = None, **options: Any
) -> Endpoint:
    """Answer at a URL with a version, in a process of its own that is ready when this returns.

    An endpoint of the same model is replaced: one that runs is swapped to this version where only the version differs,
    and one that died is started again on its port. Routes of one's own stay; what was tried out beside it ends.

    Parameters
    ----------
    also
        Further versions behind the same endpoint, at ``/NAME/predict``.
    port
        A free one by default.
    options
        ``workers`` (processes that share the port); ``host``; ``token`` (True for a random bearer token, False or None
        for an open endpoint, or the token itself); ``log`` (whether answers go to the prediction log); ``temporary``
        (stop when this process ends); ``alias`` and ``notebook``, to be told; ``allowed_hosts`` and
        ``allowed_origins`` (names under which, and web pages from which, it may be asked; see `server.guard.Guard`);
        ``limits`` (see `Limits`); ``extras`` ("ignore" or "refuse" columns that the model does not read); ``exact`` (no
        batching, no faster lane); ``engine`` ("native" or "onnx"); ``privacy`` (what the log drops or hashes, by
        column).

    Raises
    ------
    EndpointError
        When the port is taken, or the process does not come up; the message says why.
    """
    versions = (version, *also)
    before = announced_of(board.url, version.name)
    plan = planned(versions, before, port=port, **options)
    if before is not None and before.current_state == "running" and _same_but_versions(plan, before):
        return _swapped(Endpoint(before), versions, plan.alias)
    if before is not None:
        if plan.port != before.port:
            _free(plan, 0.0, any_port=False)  # refused before what runs is stopped
        Endpoint(before).stop()
    patience = time.monotonic() + PATIENCE_SECONDS if before is not None else 0.0
    return start(plan, patience=patience, any_port=port is None)


def challenge(version: ModelVersion, *, share: float | None = None, shadow: bool = False, **options: Any) -> Endpoint:
    """Let a version answer a share of the requests to its model's running endpoint, or none but see all of them.

    Parameters
    ----------
    share
        Of the requests, between 0 and 1.
    options
        Of an endpoint, to be refused where one is said: the one that runs keeps its own.

    Raises
    ------
    InvalidInput
        When an option is said, or both a share and a shadow.
    NotFound
        When no endpoint of this model runs.
    """
    serving = [each for each in running() if each.board == version.board and version.name in each.models]
    endpoint = next((each for each in serving if each.state == "running"), None)
    if endpoint is None:
        raise NotFound("running endpoint of", version.name, hint=f"Start one with `%deploy {version.name}`.")
    answering = f"{version.name}@{endpoint.models[version.name]}"
    refuse_beside(answering, options, trials={"canary": share is not None, "shadow": shadow})
    return endpoint.shadow(version) if share is None else endpoint.canary(version, share)


def follow(move: AliasMove) -> None:
    """Let the endpoint that was asked for by an alias, and answers with what it named, answer with what it names now.

    Raises
    ------
    EndpointError
        When the endpoint cannot; the move itself stands.
    """
    for endpoint in running(move.name):
        asked_for = (endpoint.board, endpoint.alias, endpoint.version) == (move.board, move.alias, move.previous)
        if not asked_for or move.version is None or endpoint.state != "running":
            continue
        try:
            endpoint.swap(move.version, alias=move.alias)
        except EndpointError as error:
            raise EndpointError(f"{move!r}, but the endpoint goes on with {move.previous}: {error}") from error


def _same_but_versions(plan: Plan, before: announcement.Announcement) -> bool:
    """Tell whether a running endpoint would be this one, if it answered with other versions of its models."""
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


def _swapped(endpoint: Endpoint, versions: Iterable[ModelVersion], alias: str | None) -> Endpoint:
    first, *others = versions
    for other in others:
        endpoint.swap(other)
    return endpoint.swap(first, alias=alias)


def start(plan: Plan, *, patience: float = 0.0, any_port: bool = False, python: str = sys.executable) -> Endpoint:
    """Start the processes of a plan and wait until they answer.

    Parameters
    ----------
    patience
        Until when (monotonic clock) a taken port is tried again: its former owner may be closing it.
    any_port
        Take a free port when the planned one stays taken.
    python
        The interpreter whose packages the model needs; this process's own by default.
    """
    plan = dataclasses.replace(plan, port=_free(plan, patience, any_port))
    for served in plan.models:
        private_boards.ship(served.board, served.name, served.version)
    log = paths.announcement_of(plan.first.board, plan.first.name).with_suffix(".log")
    announcement.forget(plan.first.board, plan.first.name)
    warm = warm_spare.take(plan) if python == sys.executable else None
    if warm is not None:
        warm.rename_log(log)
    child = warm.child if warm is not None else processes.spawn([], log, python=python)
    assert child.stdin is not None
    child.stdin.write(json.dumps({"plan": plan.to_json(), "log": str(log)}).encode() + b"\n")
    child.stdin.flush()
    if not plan.temporary:
        child.stdin.close()
    return _await_ready(plan, child)


def _await_ready(plan: Plan, child: Any) -> Endpoint:
    path = paths.announcement_of(plan.first.board, plan.first.name)
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        ended = child.poll() is not None
        found = announcement.read(path)
        if found is not None and found.pid == child.pid and found.state == "running":
            return Endpoint(found)
        if ended:
            announcement.forget(plan.first.board, plan.first.name, pid=child.pid)
            raise EndpointError(
                found.message
                if found is not None and found.message
                else f"The endpoint of {plan.first.name!r} did not start."
            )
        time.sleep(POLL_SECONDS)
    child.kill()
    raise EndpointError(f"The endpoint of {plan.first.name!r} was not ready within {START_SECONDS:g} s.")


def running(name: str | None = None) -> list[Endpoint]:
    """Return a handle for each announced endpoint, newest first; those that died and were not stopped included."""
    return [
        Endpoint(found)
        for found in announcement.all_announced()
        if found.state != "failed" and name in (None, found.name)
    ]


def announced_of(board: str, name: str) -> announcement.Announcement | None:
    """Return the announcement of a board's model, if there is one."""
    return announcement.read(paths.announcement_of(board, name))


def serve(
    board: Board, version: ModelVersion, *, also: Iterable[ModelVersion] = (), port: int = 0, **options: Any
) -> int:
    """Serve in the foreground until SIGTERM or Ctrl-C; what a container runs. Returns the exit status.

    Parameters
    ----------
    also, options
        As for `deploy`.
    """
    from mlops_magics.core.deploying.server.__main__ import supervise

    plan = planned([version, *also], port=port, **options)
    return supervise({"plan": plan.to_json(), "foreground": True})


def _free(plan: Plan, patience: float, any_port: bool) -> int:
    """Return the planned port if it is free or becomes so, else another where any will do."""
    while plan.port:
        try:
            listen(plan.host, plan.port).close()
        except EndpointError:
            if time.monotonic() < patience:
                time.sleep(0.02)
            elif any_port:
                return 0
            else:
                raise
        else:
            break
    return plan.port
