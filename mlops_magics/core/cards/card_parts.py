"""The parts of a model card that people write: kept with the model, inherited, and marked when they are stale."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlops_magics.core import json_text
from mlops_magics.core.versioning import companions
from mlops_magics.core.versioning.history.events import author
from mlops_magics.core.versioning.names import ModelName
from mlops_magics.errors import InvalidInput, MlopsError, NotFound

if TYPE_CHECKING:
    from mlops_magics.core.versioning import Board, ModelVersion

COMPANION = "card"
LONGEST = 20_000
"""Characters of one part."""
MOST_ENTRIES = 1000
"""Texts that are kept of one model, old ones too."""
STALE_AFTER = dt.timedelta(days=180)
"""Time from the version that a text was written for to the one that inherits it."""


@dataclass(frozen=True, slots=True)
class PartKind:
    """A part of the card.

    Attributes
    ----------
    asked
        The question to a person.
    needed
        Whether a card without it is not complete.
    """

    id: str
    title: str
    asked: str
    needed: bool = False


KINDS = {
    kind.id: kind
    for kind in (
        PartKind("owners", "Owners", "Who is responsible for it, and how are they reached?", True),
        PartKind("intended_use", "Intended use", "What is it for, and for whom?", True),
        PartKind("limits", "Limits", "Where does it not work, and what must not be decided with it?", True),
        PartKind("factors", "Important aspects and factors", "Which groups or conditions change its answers?"),
        PartKind("training_data", "Training data", "Where do the data come from, and what may they be used for?"),
        PartKind("evaluation_data", "Evaluation data", "On which rows was it measured, and why on those?"),
        PartKind("metric_choice", "Choice of metrics", "Why these metrics, and how are they computed?"),
        PartKind("ethics", "Ethical considerations", "Whom can its errors harm, and what is done about that?", True),
        PartKind("caveats", "Caveats and recommendations", "What else should a user know?"),
        PartKind("licence", "Licence", "Under which licence may it be used?"),
    )
}


@dataclass(frozen=True, slots=True)
class CardPart:
    """A text that a person wrote.

    Attributes
    ----------
    version
        The version that it was written for.
    stale
        Why it may not hold for the version of the card, or empty where it was written for it, or nothing changed since.
    """

    kind: PartKind
    text: str
    version: str
    by: str
    when: str
    stale: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return the record as JSON values."""
        return {
            "part": self.kind.id, "text": self.text, "version": self.version, "by": self.by, "when": self.when,
            "stale": self.stale,
        }  # fmt: skip


def write(board: Board, version: ModelVersion, texts: Mapping[str, str]) -> None:
    """Keep texts for a version. An empty text removes the part from this version on.

    Raises
    ------
    NotFound, InvalidInput
        A part that does not exist, or a text that is too long.
    """
    for name, text in texts.items():
        if name not in KINDS:
            raise NotFound("part of a model card", name, list(KINDS))
        if not isinstance(text, str) or not _is_unicode(text):
            raise InvalidInput(f"The part {name} is not a text.")
        if len(text) > LONGEST:
            raise InvalidInput(f"The part {name} has {len(text):,} characters. A part has {LONGEST:,} at most.")
    when, by = dt.datetime.now(dt.UTC).isoformat(timespec="seconds"), author() or "unknown"
    new = [
        {"part": name, "text": text.strip(), "version": version.version, "by": by, "when": when}
        for name, text in texts.items()
    ]

    def change(before: bytes | None) -> bytes:
        return json.dumps([*new, *_parsed(before)][:MOST_ENTRIES], indent=1).encode()

    companions.update(board, version.name, COMPANION, change, "Texts of people for the model card, newest first")


def _is_unicode(text: str) -> bool:
    """Return whether a text can be written: half of a pair of surrogates cannot."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def of_version(board: Board, version: ModelVersion) -> tuple[CardPart, ...]:
    """Return the parts that hold for a version: those written for it, or for the nearest version before it."""
    order = {each: place for place, each in enumerate(board.catalogue.versions(ModelName(version.name)))}
    last = order.get(version.version, len(order))
    entries = [each for each in entries_of(board, version.name) if order.get(each["version"], -1) <= last]
    found: dict[str, dict[str, str]] = {}
    for each in entries:  # newest first: of one version the newest text holds, of two the later version's
        held = found.get(each["part"])
        if held is None or order.get(each["version"], -1) > order.get(held["version"], -1):
            found[each["part"]] = each
    return tuple(
        CardPart(kind, **{name: found[kind.id][name] for name in ("text", "version", "by", "when")},
                 stale=_stale(board, version, found[kind.id]["version"]))
        for kind in KINDS.values()
        if kind.id in found and found[kind.id]["text"]
    )  # fmt: skip


def entries_of(board: Board, name: str) -> list[dict[str, str]]:
    """Return every text that is kept of a model, newest first, without records that are not texts."""
    return _parsed(companions.read(board, name, COMPANION))


def _parsed(data: bytes | None) -> list[dict[str, str]]:
    try:
        found = json_text.parse(data or b"[]")
    except ValueError:
        return []
    return [each for each in found if _is_entry(each)] if isinstance(found, list) else []


def _is_entry(each: Any) -> bool:
    names = ("part", "text", "version", "by", "when")
    return isinstance(each, dict) and all(isinstance(each.get(name), str) for name in names) and each["part"] in KINDS


def _stale(board: Board, version: ModelVersion, written_for: str) -> str:
    """Return the reason why a text that was written for another version may not hold."""
    if written_for == version.version:
        return ""
    try:
        before = board.version(version.name, written_for)
    except MlopsError:
        return "the version that it was written for is gone"
    if before.prototype and version.prototype and before.prototype.names != version.prototype.names:
        return "the columns changed since"
    if before.model_type != version.model_type:
        return f"it was written for a {before.model_type}"
    days = (version.created - before.created).days
    return f"it was written for a version that is {days} days older" if days > STALE_AFTER.days else ""
