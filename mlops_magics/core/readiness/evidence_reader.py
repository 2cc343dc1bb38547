"""Evidence of an assessment, read from boards, their history and companions, endpoints, logs and exported files."""

from __future__ import annotations

import datetime as dt
import itertools
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlops_magics.core import json_text, monitored_model, verdicts
from mlops_magics.core.readiness.team_evidence import Link, ModelEvidence, Run, TeamEvidence
from mlops_magics.core.retraining.export.export_plan import MARKER
from mlops_magics.core.retraining.policies import policy_pin
from mlops_magics.core.retraining.recipe import recipe as recipes
from mlops_magics.core.versioning import companions
from mlops_magics.core.versioning.history.event_kinds import EventKind
from mlops_magics.core.versioning.history.events import Event
from mlops_magics.core.versioning.names import CHAMPION, NEWEST, TRIED_OUT
from mlops_magics.core.versioning.publishing.facts import PROFILE
from mlops_magics.errors import MlopsError

if TYPE_CHECKING:
    from mlops_magics.core.deploying.endpoints.endpoint import Endpoint
    from mlops_magics.core.versioning import Board

MOST_FILES, MOST_BYTES, HEAD_LINES = 2000, 1 << 20, 5
"""Of a folder in which exported files are looked for, of one file, and lines that hold its mark."""
EXPORTED = {".py", ".yml", ".yaml", ".service", ".timer", ".xml", ".sh", ".ps1", ".plist", ".cron", ".ipynb"}
"""Endings of files of orchestrators."""
MOVES = (EventKind.PROMOTE, EventKind.ROLLBACK)


def read(boards: Iterable[Board], endpoints: Iterable[Endpoint], files: Path | None = None) -> TeamEvidence:
    """Read the evidence on a team now.

    Parameters
    ----------
    boards
        The boards of the team.
    endpoints
        The endpoints that run on this machine.
    files
        A folder to search for exported files of orchestrators, three levels deep.
    """
    listed = list(boards)
    running = {(each.board, name): each for each in endpoints for name in _models_of(each)}
    models = itertools.chain.from_iterable(_models(board, running) for board in listed)
    return TeamEvidence(
        dt.datetime.now(dt.UTC),
        tuple(Link("board", each.url, f"%board {each.url}", _address(each.url)) for each in listed),
        tuple(models),
        shared=any("://" in each.url and not each.url.startswith("memory://") for each in listed),
        exports=tuple(_exports(files)) if files is not None else (),
    )


def _models_of(endpoint: Endpoint) -> Iterator[str]:
    yield endpoint.name
    yield from getattr(endpoint, "models", {})


def _address(url: str) -> str:
    """Return the address of a folder that exists, or empty for an object store."""
    return Path(url).resolve().as_uri() if "://" not in url and Path(url).is_dir() else ""


def _models(board: Board, running: Mapping[tuple[str, str], Endpoint]) -> Iterator[ModelEvidence]:
    events: dict[str, list[Event]] = {}
    for event in board.log.read():
        events.setdefault(event.name, []).append(event)
    policies = frozenset(policy_pin.models(board))
    for name in board.names():
        versions = board.catalogue.versions(name)  # type: ignore[arg-type]
        if versions:
            yield _model(board, name, versions, events.get(name, []), running.get((board.url, name)), name in policies)


def _model(
    board: Board, name: str, versions: list[str], events: list[Event], endpoint: Endpoint | None, has_policies: bool
) -> ModelEvidence:
    newest = board.version(name, NEWEST)
    summaries = board.catalogue.summaries.of(name, versions)
    kinds = [event.kind for event in events]
    kept = policy_pin.read(board, name) if has_policies else []
    found = verdicts.of_everybody(board, name)
    lineage = newest.lineage
    answered = _answered(name, board.url)
    return ModelEvidence(
        name=name,
        board=board.url,
        pins=tuple(sorted(dt.datetime.fromtimestamp(each.created, dt.UTC) for each in summaries)),
        authors=frozenset(each.author for each in summaries if each.author),
        newest=_version_link(board, name, newest.version),
        metrics=tuple(newest.metrics),
        described=bool(newest.description),
        lineage=frozenset(each for each in ("source", "packages", "data_fingerprint") if getattr(lineage, each)),
        features=len(newest.prototype.columns) if newest.prototype else 0,
        profile=newest.stored(PROFILE) is not None,
        recipe=newest.stored(recipes.FILE) is not None,
        runs_code=newest.runs_code_because is not None,
        signed=any(event.kind is EventKind.SIGN and event.version == newest.version for event in events),
        card=_card_parts(board, name),
        champion=CHAMPION in board.log.aliases(name),
        moves=sum(kind in MOVES for kind in kinds),
        rollbacks=kinds.count(EventKind.ROLLBACK),
        endpoint=None if endpoint is None else Link("endpoint", endpoint.url, "%endpoints", endpoint.url),
        requests=sum(answered.values()),
        answered_by=sum(map(bool, answered.values())),
        trial=_trial(name, events, endpoint),
        policies=tuple(Link("policy", f"{name}/{each.name}", f"%policies {name}") for each in kept),
        drift_policy=any(each.when for each in kept),
        runs=tuple(_runs(events)),
        verdicts=tuple(dt.datetime.fromisoformat(str(each["created"])).astimezone(dt.UTC) for each in found),
        measured=_measured(board, name),
        thresholds=_thresholds(board, name),
    )


def _version_link(board: Board, name: str, version: str) -> Link:
    folder = "" if "://" in board.url else (Path(board.url).resolve() / name / version).as_uri()
    return Link("version", f"{name}@{version}", f"%versions {name}", folder)


def _runs(events: list[Event]) -> Iterator[Run]:
    """Yield the retrainings that ended, with the policy by which each began."""
    begun: dict[str, str] = {}
    for event in events:
        run = str(event.details.get("run", ""))
        if event.kind is EventKind.RETRAIN_CLAIM:
            begun[run] = str(event.details.get("policy", ""))
        elif event.kind is EventKind.RETRAIN_END:
            ended = dt.datetime.fromisoformat(event.time).astimezone(dt.UTC)
            yield Run(str(event.details.get("outcome", "")), begun.get(run, ""), ended)


def _answered(name: str, board: str) -> dict[str, int]:
    """Return the number of requests that each version answered."""
    from mlops_magics.core.deploying.prediction_log.traffic import traffic

    try:
        found = traffic(name, board=board).versions
    except (MlopsError, OSError):  # a damaged log is named where the model is monitored
        return {}
    return {version: sum(counts) for version, counts in found.items()}


def _trial(name: str, events: list[Event], endpoint: Endpoint | None) -> Link | None:
    """Return the link of a version that was tried out on a part of the requests before it was promoted."""
    if endpoint is not None and name in endpoint.challengers:
        return Link("endpoint", endpoint.url, "%endpoints", endpoint.url)
    adopted = any((event.note or "").startswith(TRIED_OUT) for event in events)
    return Link("event", name, f"%versions {name}") if adopted else None


def _measured(board: Board, name: str) -> bool:
    try:
        kept = monitored_model.metrics(board, name)
    except MlopsError:
        kept = None
    if kept is not None and len(kept) and "kind" in kept and (kept["kind"] == "measured").any():
        return True
    report = verdicts.report(board.url, name)
    return any(each.get("kind") == "measured" for each in (report or {}).get("performance") or ())


def _thresholds(board: Board, name: str) -> bool:
    try:
        return bool(companions.read(board, name, monitored_model.THRESHOLDS))
    except MlopsError:
        return False


def _card_parts(board: Board, name: str) -> frozenset[str]:
    """Return the parts of the model card that people wrote."""
    try:
        kept: Any = json_text.parse(companions.read(board, name, "card") or b"[]")
    except (MlopsError, json.JSONDecodeError, ValueError):
        return frozenset()
    parts = kept if isinstance(kept, list) else []
    return frozenset(str(each.get("part")) for each in parts if isinstance(each, dict) and each.get("text"))


def _exports(folder: Path) -> Iterator[Link]:
    """Yield the files of orchestrators that `%export` wrote into a folder."""
    patterns = ("*", "*/*", "*/*/*", ".github/workflows/*")
    paths = itertools.chain.from_iterable(folder.glob(pattern) for pattern in patterns)
    seen: set[Path] = set()
    for path in itertools.islice(paths, MOST_FILES):
        if path.suffix not in EXPORTED or path in seen or path.is_symlink() or not path.is_file():
            continue
        seen.add(path)
        if path.stat().st_size <= MOST_BYTES and MARKER in "".join(_head(path)):
            yield Link("file", str(path), "", path.resolve().as_uri())


def _head(path: Path) -> list[str]:
    with path.open(encoding="utf-8", errors="replace") as file:
        return list(itertools.islice(file, HEAD_LINES))
