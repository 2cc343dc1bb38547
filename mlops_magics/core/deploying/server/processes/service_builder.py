"""The construction of a worker's service from the endpoint's plan: loaded versions, proven fast paths, open logs."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from mlops_magics.core.deploying.endpoints import private_boards
from mlops_magics.core.deploying.endpoints.paths import log_of
from mlops_magics.core.deploying.endpoints.plan import Plan, Served
from mlops_magics.core.deploying.prediction_log.log_encoder import LogEncoder
from mlops_magics.core.deploying.prediction_log.log_shipper import ShippedLogWriter
from mlops_magics.core.deploying.prediction_log.log_writer import LogWriter
from mlops_magics.core.deploying.prediction_log.loop_scheduler import LoopScheduler
from mlops_magics.core.deploying.server.counts.worker_tallies import WorkerTallies
from mlops_magics.core.deploying.server.guard import Guard
from mlops_magics.core.deploying.server.service import Service
from mlops_magics.core.deploying.server.slots import Challenger, SlotTable
from mlops_magics.core.deploying.serving.loaded_model import LoadedModel
from mlops_magics.errors import MlopsError

if TYPE_CHECKING:
    from mlops_magics.core.versioning import ModelVersion

VersionAndModel = tuple["ModelVersion", Any]

logger = logging.getLogger(__name__)


def build_service(
    plan: Plan, models: Iterable[VersionAndModel], rivals: Mapping[str, VersionAndModel], tallies: WorkerTallies
) -> Service:
    """Return the service of a plan.

    Parameters
    ----------
    models
        In the order of ``plan.models``.
    rivals
        The challengers by name.
    tallies
        The place where this worker publishes its counters.
    """
    scheduler = LoopScheduler()
    slots = SlotTable(partial(_open_log, scheduler, plan.limits.log_bytes, plan.log_to) if plan.log else None)
    for each in models:
        slots.log(slots.add(prepare(each, plan)).current)
    for name, each in rivals.items():
        rival = plan.challengers[name]
        slots.slot(name).challenger = Challenger(prepare(each, plan), rival.share, rival.mode)
    guard = Guard(plan.host, plan.token, plan.allowed_hosts, plan.allowed_origins, plan.paths)
    service = Service(slots, guard, plan.limits)
    service.worker_tallies, service.scheduler = tallies, scheduler
    return service


def load(served: Served) -> VersionAndModel:
    """Load one version from its board."""
    from mlops_magics.core.versioning import open_board

    logger.info("loading %s@%s", served.name, served.version)
    board = open_board(private_boards.reachable(served.board), create=False)
    version = board.version(served.name, served.version)
    model = board.load(version)
    return dataclasses.replace(version, board=served.board), model


def current_version(url: str, name: str, alias: str | None) -> str:
    """Return the version of a model that an alias means now, or without one, the version that the bare name means.

    Raises
    ------
    NotFound, BoardError
    """
    from mlops_magics.core.versioning import open_board

    board = open_board(private_boards.reachable(url), create=False)
    return board.version(name, alias).version


def load_challengers(plan: Plan) -> dict[str, VersionAndModel]:
    """Load the plan's challengers by name, without those that are no longer on the board."""
    found: dict[str, VersionAndModel] = {}
    for name, rival in plan.challengers.items():
        try:
            found[name] = load(Served(plan.first.board, name, rival.version))
        except MlopsError as error:
            logger.warning("the challenger %s@%s is left out: %s", name, rival.version, error)
    return found


def load_and_prepare(served: Served, plan: Plan) -> LoadedModel:
    """Load a version and prove its fast paths. It takes as long as a start.

    Raises
    ------
    InvalidInput
        For a version that endpoints cannot answer with.
    IntegrityError, NotFound, NotTrusted, SerializationError
    """
    from mlops_magics.core.deploying.endpoints.planning import check_servable

    loaded = load(served)
    check_servable(loaded[0])
    return prepare(loaded, plan)


def prepare(loaded: VersionAndModel, plan: Plan) -> LoadedModel:
    """Prove the fast paths of a model."""
    return LoadedModel(*loaded, plan.serving, plan.limits)


def _open_log(scheduler: LoopScheduler, log_bytes: int, log_to: str | None, loaded: LoadedModel) -> LogWriter:
    version = loaded.version
    privacy = loaded.options.privacy or dict(version.metadata).get("privacy") or {}
    encoder = LogEncoder(loaded.layout, version.version, privacy, loaded.classes)
    if log_to is not None:
        return ShippedLogWriter(version, log_to, encoder, scheduler, log_bytes)
    return LogWriter(log_of(version.board, version.name), encoder, scheduler, log_bytes)
