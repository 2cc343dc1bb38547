"""Starting endpoints, and finding those that run."""

from __future__ import annotations

import dataclasses
import json
import secrets
import time
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from mlops_magics.core.deploying import announcement, places, process, spare
from mlops_magics.core.deploying.endpoint import Endpoint
from mlops_magics.core.deploying.limits import Limits
from mlops_magics.core.deploying.options import ServingOptions
from mlops_magics.core.deploying.plan import Plan, Served
from mlops_magics.core.deploying.server.listening import listen
from mlops_magics.errors import EndpointError, InvalidInput

if TYPE_CHECKING:
    from mlops_magics.core.versioning import Board, ModelVersion

START_SECONDS = 120.0
POLL_SECONDS = 0.005
TOKEN_BYTES = 24
SERVING_OPTIONS = tuple(entry.name for entry in dataclasses.fields(ServingOptions))


def deploy(
    board: Board,
    version: ModelVersion,
    *,
    alias: str | None = None,
    port: int | None = None,
    workers: int = 1,
    host: str = "127.0.0.1",
    token: bool | str | None = True,
    log: bool = True,
    temporary: bool = False,
    notebook: str | None = None,
    also: Iterable[ModelVersion] = (),
    allowed_hosts: Iterable[str] = (),
    allowed_origins: Iterable[str] = (),
    limits: Limits | None = None,
    **options: Any,
) -> Endpoint:
    """Answer at a URL with a version, in a process of its own that is ready when this returns.

    An endpoint of the same model is replaced: one that runs is swapped to this version where only the version differs,
    and one that died is started again on its port.

    Parameters
    ----------
    port
        A free one by default.
    workers
        Processes that share the port.
    token
        True for a random bearer token, False or None for an open endpoint, or the token itself.
    log
        Whether answers go to the prediction log.
    temporary
        Stop when this process ends.
    also
        Further versions behind the same endpoint, at ``/NAME/predict``.
    allowed_hosts, allowed_origins
        Names under which, and web pages from which, it may be asked; see `server.guard.Guard`.
    options
        ``extras`` ("ignore" or "refuse" columns that the model does not read), ``exact`` (no batching, no faster lane),
        ``engine`` ("native" or "onnx"), ``privacy`` (what the log drops or hashes, by column).

    Raises
    ------
    EndpointError
        When the port is taken, or the process does not come up; the message says why.
    """
    before = announced_of(board.url, version.name)
    plan = Plan(
        models=tuple(Served(board.url, each.name, each.version) for each in (version, *also)),
        alias=alias,
        host=host,
        port=_port(port, before),
        token=_token(token, before),
        workers=_positive(workers),
        log=log,
        temporary=temporary,
        notebook=notebook,
        serving=_serving(options),
        limits=limits or Limits(),
        allowed_hosts=tuple(allowed_hosts),
        allowed_origins=tuple(allowed_origins),
    )
    if before is not None and before.current_state == "running" and _same_but_version(plan, before):
        return Endpoint(before).swap(version, alias=alias)
    if before is not None:
        if plan.port != before.port:
            _free(plan, 0.0, any_port=False)  # refused before what runs is stopped
        Endpoint(before).stop()
    return start(plan, patience=time.monotonic() + 5.0 if before is not None else 0.0, any_port=port is None)


def _same_but_version(plan: Plan, before: announcement.Announcement) -> bool:
    """Tell whether a running endpoint would be this one, if it answered with another version of its one model."""
    running_plan = Plan.from_json(before.plan)
    alike = dataclasses.replace(
        running_plan, models=plan.models, alias=plan.alias, notebook=plan.notebook, port=plan.port
    )
    return plan == alike and plan.port == before.port and len(running_plan.models) == 1 == len(plan.models)


def start(plan: Plan, *, patience: float = 0.0, any_port: bool = False) -> Endpoint:
    """Start the processes of a plan and wait until they answer.

    Parameters
    ----------
    patience
        Until when (monotonic clock) a taken port is tried again: its former owner may be closing it.
    any_port
        Take a free port when the planned one stays taken.
    """
    plan = dataclasses.replace(plan, port=_free(plan, patience, any_port))
    log = places.announcement_of(plan.first.board, plan.first.name).with_suffix(".log")
    announcement.forget(plan.first.board, plan.first.name)
    warm = spare.take(plan)
    if warm is not None:
        warm.rename_log(log)
    child = warm.child if warm is not None else process.spawn([], log)
    assert child.stdin is not None
    child.stdin.write(json.dumps({"plan": plan.to_json(), "log": str(log)}).encode() + b"\n")
    child.stdin.flush()
    if not plan.temporary:
        child.stdin.close()
    return _await_ready(plan, child)


def _await_ready(plan: Plan, child: Any) -> Endpoint:
    path = places.announcement_of(plan.first.board, plan.first.name)
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
    return announcement.read(places.announcement_of(board, name))


def serve(
    board: Board,
    version: ModelVersion,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    token: bool | str | None = True,
    **options: Any,
) -> int:
    """Serve in the foreground until SIGTERM or Ctrl-C; what a container runs. Returns the exit status."""
    from mlops_magics.core.deploying.server.__main__ import supervise

    given = {"alias", "workers", "log", "allowed_hosts", "allowed_origins", "limits"} & options.keys()
    planned: Mapping[str, Any] = {name: options.pop(name) for name in given}
    plan = Plan(
        models=(Served(board.url, version.name, version.version),),
        host=host,
        port=port,
        token=_token(token, None),
        serving=_serving(options),
        **planned,
    )
    return supervise({"plan": plan.to_json(), "foreground": True})


def _port(asked: int | None, before: announcement.Announcement | None) -> int:
    if asked is not None and not (isinstance(asked, int) and 0 <= asked <= 65535):
        raise InvalidInput(f"A port is a number from 1 to 65535, not {asked!r}.")
    if asked is not None:
        return asked
    return before.port if before is not None else 0


def _token(asked: bool | str | None, before: announcement.Announcement | None) -> str | None:
    """Keep the token of an endpoint that is started again: clients that know it go on."""
    if isinstance(asked, str):
        if not asked.isascii() or not asked.isprintable() or " " in asked or not asked:
            raise InvalidInput("A token is made of printable ASCII characters without a space.")
        return asked
    if not asked:
        return None
    return before.token if before is not None and before.token else secrets.token_urlsafe(TOKEN_BYTES)


def _positive(workers: int) -> int:
    if not isinstance(workers, int) or not 1 <= workers <= 256:
        raise InvalidInput(f"The number of workers lies between 1 and 256, not at {workers!r}.")
    return workers


def _serving(options: Mapping[str, Any]) -> ServingOptions:
    unknown = sorted(set(options) - set(SERVING_OPTIONS))
    if unknown:
        raise InvalidInput(f"Unknown option {unknown[0]!r}. Known: {', '.join(SERVING_OPTIONS)}.")
    return ServingOptions(**options)


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
