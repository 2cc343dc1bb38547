"""Evidence of an assessment, read from boards, their history and companions, endpoints, logs and exported files."""

from __future__ import annotations

import datetime as dt
import itertools
import json
import shlex
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlops_magics.core import json_text, monitored_model, verdicts
from mlops_magics.core.readiness.team_evidence import Link, ModelEvidence, Run, TeamEvidence
from mlops_magics.core.retraining.export.export_plan import MARKER
from mlops_magics.core.retraining.policies import policy_pin
from mlops_magics.core.retraining.recipe import recipe as recipes
from mlops_magics.core.versioning import companions
from mlops_magics.core.versioning.history.event_kinds import MOVES, EventKind
from mlops_magics.core.versioning.history.events import Event
from mlops_magics.core.versioning.names import CHAMPION, NEWEST, TRIED_OUT
from mlops_magics.core.versioning.publishing.facts import PROFILE
from mlops_magics.errors import MlopsError

if TYPE_CHECKING:
    from mlops_magics.core.deploying.endpoints.endpoint import Endpoint
    from mlops_magics.core.versioning import Board, ModelVersion

MOST_FILES, MOST_BYTES, HEAD_LINES = 2000, 1 << 20, 5
"""Of a folder in which exported files are looked for, of one file, and lines that hold its mark."""
EXPORTED = {".py", ".yml", ".yaml", ".service", ".timer", ".xml", ".sh", ".ps1", ".plist", ".cron", ".ipynb"}
"""Endings of files of orchestrators."""


def read(boards: Mapping[str, Board], endpoints: Iterable[Endpoint], files: Path | None = None) -> TeamEvidence:
    """Read the evidence on a team now.

    Parameters
    ----------
    boards
        The boards of the team by label, the current one first, whose label is empty.
    endpoints
        The endpoints that run on this machine.
    files
        A folder to search for exported files of orchestrators, three levels deep.
    """
    listed = list(boards.values())
    running = {(each.board, name): each for each in endpoints for name in _models_of(each)}
    found = list(itertools.chain.from_iterable(_models(label, board, running) for label, board in boards.items()))
    return TeamEvidence(
        dt.datetime.now(dt.UTC),
        tuple(Link("board", each.url, f"%board {shlex.quote(each.url)}", _address(each.url)) for each in listed),
        tuple(each for each in found if isinstance(each, ModelEvidence)),
        tuple(each for each in found if isinstance(each, str)),
        shared=any("://" in each.url and not each.url.startswith("memory://") for each in listed),
        exports=tuple(_exports(files)) if files is not None else (),
    )


def _models_of(endpoint: Endpoint) -> Iterator[str]:
    yield endpoint.name
    yield from getattr(endpoint, "models", {})


def _address(url: str) -> str:
    """Return the address of a folder that exists, or empty for an object store."""
    return Path(url).resolve().as_uri() if "://" not in url and Path(url).is_dir() else ""


def _models(label: str, board: Board, running: Mapping[tuple[str, str], Endpoint]) -> Iterator[ModelEvidence | str]:
    """Yield the evidence of each model, or why it cannot be read."""
    events: dict[str, list[Event]] = {}
    for event in board.log.read():
        events.setdefault(event.name, []).append(event)
    policies = frozenset(policy_pin.models(board))
    for name in board.names():
        versions = board.catalogue.versions(name)  # type: ignore[arg-type]
        if versions:
            ref = f"{label}:{name}" if label else name
            endpoint = running.get((board.url, name))
            try:
                yield _model(board, ref, versions, events.get(name, []), endpoint, name in policies)
            except MlopsError as error:
                yield f"{ref}: {error}"


def _model(
    board: Board, ref: str, versions: list[str], events: list[Event], endpoint: Endpoint | None, has_policies: bool
) -> ModelEvidence:
    name = ref.rpartition(":")[2]
    newest = board.version(name, NEWEST)
    summaries = board.catalogue.summaries.of(name, versions)
    moves = list(filter(_moves_champion, events))
    kept = policy_pin.read(board, name) if has_policies else []
    found = verdicts.of_everybody(board, name)
    answered = _answered(name, board.url)
    aliases = board.log.aliases(name)
    return ModelEvidence(
        name=name,
        board=board.url,
        ref=ref,
        pins=tuple(sorted(dt.datetime.fromtimestamp(each.created, dt.UTC) for each in summaries)),
        authors=frozenset(each.author for each in summaries if each.author),
        newest=_version_link(board, ref, newest),
        number=newest.number,
        metrics=tuple(newest.metrics),
        described=bool(newest.description),
        lineage=frozenset(each for each in ("source", "packages", "data_fingerprint") if getattr(newest.lineage, each)),
        features=len(newest.prototype.columns) if newest.prototype else 0,
        profile=newest.stored(PROFILE) is not None,
        recipe=newest.stored(recipes.FILE) is not None,
        runs_code=newest.runs_code_because is not None,
        signed=any(event.kind is EventKind.SIGN and event.version == newest.version for event in events),
        card=_card_parts(board, name),
        champion=CHAMPION in aliases,
        champion_is_newest=aliases.get(CHAMPION) == newest.version,
        moves=len(moves),
        rollbacks=sum(event.kind is EventKind.ROLLBACK for event in moves),
        endpoint=None if endpoint is None else _endpoint_link(endpoint, name),
        requests=sum(answered.values()),
        answered_by=sum(map(bool, answered.values())),
        trial=_trial(ref, events, endpoint),
        policies=tuple(Link("policy", f"{ref}/{each.name}", f"%policies {ref}") for each in kept),
        drift_policy=any(each.when for each in kept),
        runs=tuple(_runs(events)),
        verdicts=tuple(dt.datetime.fromisoformat(str(each["created"])).astimezone(dt.UTC) for each in found),
        measured=_measured(board, name),
        thresholds=_thresholds(board, name),
    )


def _moves_champion(event: Event) -> bool:
    """Return whether an event let the champion be another version. A promotion of the champion itself does not."""
    return event.kind in MOVES and event.alias == CHAMPION and event.version != event.previous


def _version_link(board: Board, ref: str, version: ModelVersion) -> Link:
    folder = "" if "://" in board.url else (Path(board.url).resolve() / version.name / version.version).as_uri()
    return Link("version", f"{ref}@{version.version}", f"%versions {ref}", folder)


def _endpoint_link(endpoint: Endpoint, name: str) -> Link:
    """Return the link of a model at an endpoint. A browser opens it where no token is required."""
    url, page = (endpoint.url, "") if name == endpoint.name else (f"{endpoint.url}/{name}", "/metadata")
    return Link("endpoint", url, "%endpoints", "" if endpoint.token else f"{url}{page}")


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


def _trial(ref: str, events: list[Event], endpoint: Endpoint | None) -> Link | None:
    """Return the link of a version that was tried out on a part of the requests before it was promoted."""
    name = ref.rpartition(":")[2]
    if endpoint is not None and name in endpoint.challengers:
        return _endpoint_link(endpoint, name)
    adopted = any((event.note or "").startswith(TRIED_OUT) for event in events)
    return Link("event", ref, f"%versions {ref}") if adopted else None


def _measured(board: Board, name: str) -> bool:
    try:
        has_some = companions.read(board, name, monitored_model.METRICS) is not None
        kept = monitored_model.metrics(board, name) if has_some else None
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
