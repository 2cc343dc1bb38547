"""A retraining as its view shows it: the decision in a sentence, both models, the gains, and the steps."""

from __future__ import annotations

import re
import statistics
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from mlops_magics.core.phrases import sentence as capital
from mlops_magics.core.retraining.retraining import WORDS, Comparison, Retraining
from mlops_magics.core.retraining.running.recipe_process import last_lines
from mlops_magics.core.session.board_labels import label
from mlops_magics.core.versioning.names import CHAMPION
from mlops_magics.core.wire import retraining_record as wire
from mlops_magics.errors import MlopsError

if TYPE_CHECKING:
    from mlops_magics.core.session import Session
    from mlops_magics.core.versioning import ModelVersion

EARLIER = 10
"""Earlier runs whose median duration is the usual one."""
OUTPUT_LINES = 40
MINUS = re.compile(r"(?<![\w.-])-(?=\d)")
"""The hyphen before a number in a message, which views show as a minus."""


def of(session: Session, record: Retraining) -> wire.RetrainingRecord:
    """Return the record of a view."""
    ref = session.labelled(record.name, record.board)
    now = _aliases(session, ref)
    champion = _contestant(session, ref, record.parent, now, "champion until now")
    challenger = record.version and _contestant(session, ref, record.version, now, "challenger")
    meaning, sentence = _sentence(record, champion, challenger or None)
    names = {each.version: _called(each) for each in (champion, challenger) if each}
    paragraph = record.error.partition(" Output: ")[0] if record.error else record.why  # the view has the output
    is_champion = record.version is not None and now.get(CHAMPION) == record.version
    return wire.RetrainingRecord(
        name=record.name,
        label=label(record.board),
        run=record.run,
        status=record.status,
        meaning=meaning,
        sentence=sentence,
        paragraph=_renamed(paragraph or "", record.name, names),
        started=record.started,
        seconds=record.seconds,
        usual_seconds=_usual_seconds(session, ref, record),
        champion=champion,
        challenger=challenger or None,
        steps=tuple(_steps(record, names)),
        result=None if record.comparison is None else _result(record.comparison),
        training_rows=record.training_rows,
        champion_rows=_training_rows(session, ref, record),
        held_out_rows=record.held_out_rows,
        held_out=record.held_out,
        reason=str(record.trigger.get("reason") or ""),
        notes=tuple(_renamed(each, record.name, names) for each in _notes(record)),
        error=record.error,
        output=last_lines(Path(record.log), OUTPUT_LINES) if record.log else "",
        facts=_facts(record),
        can_undo=record.status == "promoted" and is_champion,
        can_cancel=record.status == "running",
        can_run_again=record.status in ("failed", "cancelled") and session.can_retrain_again(record.name, record.board),
        can_promote=record.status in ("kept", "waiting") and record.version is not None and not is_champion,
    )


def _aliases(session: Session, ref: str) -> Mapping[str, str]:
    try:
        return {each.alias: each.now for each in session.alias_targets(ref)}
    except MlopsError:  # the board is gone, and the record is kept
        return {}


def _version(session: Session, ref: str, version: str) -> ModelVersion | None:
    try:
        return session.version(f"{ref}@{version}")
    except MlopsError:  # it was deleted
        return None


def _contestant(session: Session, ref: str, version: str, aliases: Mapping[str, str], role: str) -> wire.Contestant:
    found = _version(session, ref, version)
    named = tuple(alias for alias, one in aliases.items() if one == version)
    if found is None:
        return wire.Contestant(version, 0, None, named, None, role)
    return wire.Contestant(version, found.number or 0, found.created.isoformat(), named, found.description, role)


def _called(each: wire.Contestant) -> str:
    return f"v{each.number}" if each.number else each.version[-5:]


def _sentence(record: Retraining, champion: wire.Contestant, challenger: wire.Contestant | None) -> tuple[str, str]:
    """Return the meaning and the sentence of each status."""
    old, new = _called(champion), _called(challenger) if challenger else "the new version"
    verdict = record.comparison.deciding.verdict if record.comparison is not None else "within chance"
    return {
        "running": ("info", f"A new version is made from {old}"),
        "promoted": (
            "good",
            f"The challenger is better: {new} is champion now"
            if verdict == "better"
            else f"The challenger is no worse: {new} is champion now",
        ),
        "kept": ("info", f"Not better by enough: {old} stays champion"),
        "waiting": ("alert", f"{new} waits for a decision: {old} is champion until then"),
        "failed": ("bad", f"The retraining failed: {old} stays"),
        "cancelled": ("", f"The retraining was cancelled: {old} stays"),
    }[record.status]


def _renamed(text: str, name: str, names: Mapping[str, str]) -> str:
    """Return a sentence with the names of versions in place of their ids."""
    for version, called in names.items():
        text = text.replace(f"{name}@{version}", called).replace(version, called)
    return MINUS.sub("−", text)


def _usual_seconds(session: Session, ref: str, record: Retraining) -> float | None:
    if record.status != "running":
        return None
    took = [each.seconds for each in session.retrainings(ref) if each.seconds and each.version is not None]
    return statistics.median(took[:EARLIER]) if took else None


def _training_rows(session: Session, ref: str, record: Retraining) -> int | None:
    """Return the rows that the champion learned from, or None where no profile was kept, and while the run goes on."""
    if record.comparison is None:
        return None
    try:
        return session.model_card(f"{ref}@{record.parent}").facts.training_rows
    except MlopsError:
        return None


def _steps(record: Retraining, names: Mapping[str, str]) -> list[wire.RunStep]:
    return [
        wire.RunStep(
            capital(WORDS[each.name]),
            each.state,
            _renamed(each.text, record.name, names) if each.name != "decided" else "",
            each.started,
            each.seconds,
        )
        for each in record.steps
    ]


def _result(found: Comparison) -> wire.HeldOutResult:
    return wire.HeldOutResult(
        metric=found.metric,
        rows=found.rows,
        level=found.level,
        asked=found.asked,
        margin=found.segment_margin,
        gains=tuple(
            wire.GainRow(
                each.metric,
                1 if each.greater_is_better else -1,
                each.champion,
                each.challenger,
                each.gain,
                each.lower,
                each.upper,
                each.decides,
                each.verdict,
                each.method,
            )
            for each in found.gains
        ),
        segments=tuple(
            wire.SegmentGainRow(each.segment, each.rows, each.gain, each.lower, each.upper, each.held)
            for each in found.segments
        ),
        checks=tuple(wire.CheckRow(capital(each.name), each.held, each.text) for each in found.checks),
    )


def _notes(record: Retraining) -> tuple[str, ...]:
    found = record.comparison.notes if record.comparison is not None else ()
    return tuple(f"{capital(each).rstrip('.')}." for each in (*record.notes, *found))


def _facts(record: Retraining) -> dict[str, str]:
    found = {
        "policy": record.trigger.get("policy"),
        "held out": record.held_out,
        "run": record.run,
        "started": record.started,
        "by": record.by,
        "host": record.host,
        "output": record.log,
    }
    return {name: str(value) for name, value in found.items() if value}
