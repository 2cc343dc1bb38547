"""The conversion of a deployment's options to a plan, with a check of each before anything is started."""

from __future__ import annotations

import dataclasses
import secrets
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, get_args

from mlops_magics.core.deploying.contract.limits import Limits
from mlops_magics.core.deploying.contract.model_options import Engine, Extras, ServingOptions
from mlops_magics.core.deploying.endpoints.announcement import Announcement
from mlops_magics.core.deploying.endpoints.plan import Plan, Served
from mlops_magics.errors import InvalidInput

if TYPE_CHECKING:
    from mlops_magics.core.versioning import ModelVersion

TOKEN_BYTES = 24
MOST_WORKERS = 256
SERVING_OPTIONS = tuple(entry.name for entry in dataclasses.fields(ServingOptions))
CHOICES = {"extras": get_args(Extras), "engine": get_args(Engine)}
NOTHING: tuple[Any, ...] = (None, (), [], {})
DEFAULTS = {"exact": (None, False), "temporary": (None, False)}
"""The values of an option that was not given, where they differ from `NOTHING`."""
PLAN_OPTIONS = (
    "alias", "host", "log", "temporary", "notebook", "allowed_hosts", "allowed_origins", "limits", "paths",
    "follow", "log_to",
)  # fmt: skip


def plan_of(
    versions: Iterable[ModelVersion],
    before: Announcement | None = None,
    *,
    port: int | None = None,
    workers: int = 1,
    token: bool | str | None = True,
    **options: Any,
) -> Plan:
    """Return the plan of an endpoint for these versions.

    Parameters
    ----------
    versions
        The first one names the endpoint.
    before
        The announcement of the endpoint that it replaces. Its address, token and own routes are kept.
    port, workers, token, options
        As for `launch.deploy`.

    Raises
    ------
    InvalidInput
        For an unknown option, or a value that is not valid.
    """
    models = tuple(Served(version.board, version.name, version.version) for version in versions)
    twice = {served.name for served in models if [other.name for other in models].count(served.name) > 1}
    if twice:
        raise InvalidInput(
            f"{sorted(twice)[0]!r} is named twice. To serve two of its versions, deploy one as a canary or a shadow."
        )
    boards = sorted({served.board for served in models})
    if len(boards) > 1:
        raise InvalidInput(f"An endpoint serves one board. These versions are on {' and '.join(boards)}.")
    given = {name: options.pop(name) for name in PLAN_OPTIONS if options.get(name) is not None}
    for name in ("allowed_hosts", "allowed_origins"):
        names = given.get(name, ())
        given[name] = (names,) if isinstance(names, str) else tuple(names)
    return Plan(
        models=models,
        port=_port(port, before),
        workers=_positive(workers),
        token=_token(token, before),
        serving=_serving(options),
        limits=given.pop("limits", Limits()),
        routes=before.plan.get("routes", {}) if before is not None else {},
        **given,
    )


def check_servable(version: ModelVersion) -> None:
    """Refuse a version with which endpoints cannot answer, as was found when it was pinned.

    Raises
    ------
    InvalidInput
    """
    if version.prototype is not None and version.prototype.fault:
        raise InvalidInput(f"Endpoints cannot answer with {version.ref}: {version.prototype.fault}")


def check_challenger_options(answering: str, options: Mapping[str, Any], trials: Mapping[str, bool]) -> None:
    """Refuse options that a challenger cannot have.

    Raises
    ------
    InvalidInput
        For a canary that is also a shadow, and for options of the endpoint.
    """
    tried = [trial for trial, wanted in trials.items() if wanted]
    if len(tried) > 1:
        raise InvalidInput("A version is either a canary or a shadow, not both.")
    given = [name for name, value in options.items() if name != "notebook" and value not in DEFAULTS.get(name, NOTHING)]
    if given:
        raise InvalidInput(
            f"A {tried[0]} uses the options of the running endpoint: leave {' and '.join(given)} out. "
            f"To change them for both, first deploy the current version with them: `%deploy {answering} …`."
        )


def _port(asked: int | None, before: Announcement | None) -> int:
    if asked is not None and not (isinstance(asked, int) and 0 <= asked <= 65535):
        raise InvalidInput(f"A port is a number from 1 to 65535, not {asked!r}.")
    if asked is not None:
        return asked
    return before.port if before is not None else 0


def _token(asked: bool | str | None, before: Announcement | None) -> str | None:
    """Keep the token of a restarted endpoint, so that its clients keep working."""
    if isinstance(asked, str):
        if not asked.isascii() or not asked.isprintable() or " " in asked or not asked:
            raise InvalidInput("A token consists of printable ASCII characters without spaces.")
        return asked
    if not asked:
        return None
    return before.token if before is not None and before.token else secrets.token_urlsafe(TOKEN_BYTES)


def _positive(workers: int) -> int:
    if not isinstance(workers, int) or not 1 <= workers <= MOST_WORKERS:
        raise InvalidInput(f"The number of workers is from 1 to {MOST_WORKERS}, not {workers!r}.")
    return workers


def _serving(options: Mapping[str, Any]) -> ServingOptions:
    unknown = sorted(name for name in options if name not in (*SERVING_OPTIONS, *PLAN_OPTIONS))
    if unknown:
        raise InvalidInput(f"Unknown option {unknown[0]!r}. Known: {', '.join(SERVING_OPTIONS)}.")
    for name, known in CHOICES.items():
        if options.get(name, known[0]) not in known:
            raise InvalidInput(f"{name} is one of {', '.join(known)}, not {options[name]!r}.")
    return ServingOptions(**{name: options[name] for name in SERVING_OPTIONS if name in options})
