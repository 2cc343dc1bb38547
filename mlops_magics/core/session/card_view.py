"""A model card as its view shows it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from mlops_magics.core import phrases
from mlops_magics.core.cards import model_card
from mlops_magics.core.cards.card_parts import KINDS, CardPart
from mlops_magics.core.metric_directions import direction
from mlops_magics.core.session.board_labels import label
from mlops_magics.core.sizes import readable_size
from mlops_magics.core.wire import card_record as wire
from mlops_magics.core.wire.version_records import ServedBy, VersionMark
from mlops_magics.errors import MlopsError

if TYPE_CHECKING:
    from mlops_magics.core.cards.card_facts import CardFacts
    from mlops_magics.core.cards.model_card import ModelCard
    from mlops_magics.core.session import Session
    from mlops_magics.core.versioning import ModelVersion
    from mlops_magics.core.versioning.describing.measured_score import MeasuredScore

MOST_COLUMNS = 60
"""Columns that a card shows."""
MOST_CATEGORIES = 6
"""Categories that a cell names."""
MOST_PACKAGES = 4
ID_LETTERS = 5
"""Letters at the end of an id by which people know a version."""
HASH_LETTERS = 12
"""Letters of a hash that a card shows."""


def of(session: Session, card: ModelCard) -> wire.Card:
    """Return the record of a view."""
    version = card.version
    ref = session.labelled(version.name, version.board)
    written = {part.kind.id: part for part in card.parts}
    columns = version.prototype.columns if version.prototype else ()
    return wire.Card(
        name=version.name,
        label=label(version.board),
        version=_mark(version),
        aliases=tuple(version.aliases),
        description=version.description,
        texts=tuple(_text(session, ref, kind, written.get(kind.id)) for kind in KINDS.values()),
        scores=_scores(card),
        segments=_segments(card),
        columns=tuple(_column(each, card.facts) for each in columns[:MOST_COLUMNS]),
        more_columns=max(0, len(columns) - MOST_COLUMNS),
        rows=card.facts.training_rows,
        facts=_facts(card),
        endpoint=_endpoint(session, version),
        drift=_drift(card),
        history=card.facts.history,
        code=f"import mlops_magics as mm\n\nmodel = mm.Session({version.board!r}).load({_short_ref(version)!r})",
        markdown=card.to_markdown(),
    )


def _short_ref(version: ModelVersion) -> str:
    return f"{version.name}@v{version.number}" if version.number else version.ref


def _mark(version: ModelVersion) -> VersionMark:
    return VersionMark(version.version, version.number or 0, version.created.isoformat())


def _text(session: Session, ref: str, kind: Any, part: CardPart | None) -> wire.CardText:
    if part is None:
        return wire.CardText(kind.id, kind.title, kind.asked, kind.needed, "", "", "", None, "")
    try:
        mark = _mark(session.version(f"{ref}@{part.version}"))
    except MlopsError:  # it was deleted
        mark = VersionMark(part.version, 0, None)
    return wire.CardText(kind.id, kind.title, kind.asked, kind.needed, part.text, part.by, part.when, mark, part.stale)


def _scores(card: ModelCard) -> tuple[wire.CardScore, ...]:
    """Return measured performance, and metrics of the pin that were not measured since."""
    measured = tuple(_score(each) for each in card.facts.performance)
    newest = {each.metric: each for each in measured}  # later periods replace earlier ones
    version = card.version
    pinned = (_pinned(name, value, version.measured.get(name)) for name, value in version.metrics.items())
    return (*newest.values(), *(each for each in pinned if each.metric not in newest))


def _pinned(name: str, value: float, measured: MeasuredScore | None) -> wire.CardScore:
    found = wire.CardScore("", name, direction(name), value, None, None, None, "at the pin")
    if measured is None:
        return found
    return dataclasses.replace(found, lower=measured.lower, upper=measured.upper, rows=measured.rows)


def _segments(card: ModelCard) -> tuple[wire.CardScore, ...]:
    """Return the newest score of each segment and metric."""
    found = (_score(each) for each in card.facts.segments if each.get("segment"))
    return tuple({(each.segment, each.metric): each for each in found}.values())


def _score(each: Mapping[str, Any]) -> wire.CardScore:
    metric = str(each.get("metric"))
    rows = each.get("n")
    source = " ".join(str(each[name]) for name in ("kind", "period") if each.get(name))
    return wire.CardScore(
        str(each.get("segment") or ""),
        metric,
        direction(metric),
        _number(each.get("score")),
        _number(each.get("lower")),
        _number(each.get("upper")),
        int(rows) if isinstance(rows, int | float) and rows == rows else None,
        source,
    )


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and value == value else None


def _column(column: Any, facts: CardFacts) -> wire.CardColumn:
    bins = facts.bins.get(column.name, ())
    labels = column.categories or facts.labels.get(column.name, ())
    is_category = column.categories is not None or column.kind in ("string", "boolean", "category")
    return wire.CardColumn(
        column.name,
        "category" if is_category else "number",
        column.dtype,
        _values(column, labels),
        column.nullable,
        bins,
    )


def _values(column: Any, labels: Sequence[Any]) -> str:
    if labels:
        more = len(labels) - MOST_CATEGORIES
        return ", ".join(map(str, labels[:MOST_CATEGORIES])) + (f" and {more} more" if more > 0 else "")
    if column.minimum is None or column.maximum is None:
        return ""
    return " to ".join(map(phrases.number, _ends(column)))


def _ends(column: Any) -> tuple[Any, Any]:
    return column.minimum, column.maximum


def _facts(card: ModelCard) -> dict[str, str]:
    version, lineage = card.version, card.version.lineage
    packages = [f"{name} {number}" for name, number in sorted(lineage.packages.items())]
    more = f" +{len(packages) - MOST_PACKAGES}" if len(packages) > MOST_PACKAGES else ""
    found = {
        "model": (version.model_type or "").rpartition(".")[2],
        "task": card.facts.task,
        "parameters": model_card.parameters(version, changed=True),
        "made": f"{version.created:%Y-%m-%d %H:%M} UTC" + (f" by {version.author}" if version.author else ""),
        "from": version.parent and version.parent[-ID_LETTERS:],
        "retraining": (lineage.retraining or {}).get("run"),
        "format": f"{version.format}, {readable_size(version.size)}",
        "hash": _cut(version.hash),
        "commit": _cut(lineage.git_commit),
        "Python": lineage.python,
        "packages": ", ".join(packages[:MOST_PACKAGES]) + more,
        "training data": _cut(lineage.data_fingerprint),
    }
    return {name: str(value) for name, value in found.items() if value}


def _cut(digest: str | None) -> str:
    """Return the beginning of a hash, by which people compare it. The Markdown has the whole."""
    return (digest or "").rpartition(":")[2][:HASH_LETTERS]


def _endpoint(session: Session, version: ModelVersion) -> ServedBy | None:
    for each in session.endpoints_running():
        if each.board == version.board and each.name == version.name:
            return ServedBy(each.state, each.version, each.url)
    return None


def _drift(card: ModelCard) -> wire.DriftCount | None:
    last = next(iter(card.facts.verdicts), None)
    if last is None:
        return None
    return wire.DriftCount(len(last.get("drifted") or ()), int(last.get("features") or 0), str(last["created"]))
