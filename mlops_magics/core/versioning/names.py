"""The names that a board accepts, as value types whose instances are safe path components."""

from __future__ import annotations

import re
from collections.abc import Collection, Container
from dataclasses import dataclass
from datetime import UTC, datetime

from mlops_magics.errors import InvalidName

LOG_PIN = "mlops-magics-log"
"""The ordinary-looking pin that holds the event log, staging and trash of a board."""

TRASH_PIN = "mlops-magics-trash"
"""The pin that holds deleted versions where a board cannot keep them inside the log's."""

NEWEST = "latest"
"""The selector that means the newest version, even with a champion."""

CHAMPION = "champion"
"""The alias that a bare name means, where it is set."""
CHALLENGER = "challenger"
"""The usual alias of a version that is tried out."""
TRIED_OUT = "tried out at the endpoint"
"""Beginning of the note on the promotion of a version that answered a part of the requests before."""

LONGEST_NAME = 128
LONGEST_ALIAS = 64
SHORTEST_MISSPELT = 5
"""Letters of the shortest word that is checked: shorter words that differ in one letter are often both meant."""
STAMP = "%Y%m%dT%H%M%SZ"

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*", re.ASCII)
_NUMBER = re.compile(r"v([1-9]\d{0,8})", re.ASCII)
_STAMP = re.compile(r"\d{8}T\d{6}Z", re.ASCII)
_VERSION = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{5}", re.ASCII)
_TIMED = re.compile(
    r"\d{4}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3])[0-5]\d[0-5]\dZ-[0-9a-f]{5}", re.ASCII
)
_TIMED_LINES = re.compile(f"^{_TIMED.pattern}$", re.ASCII | re.MULTILINE)
_DEVICES = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.ASCII | re.IGNORECASE)


class _Name(str):
    """A validated word. Subclasses define its use and its greatest length."""

    __slots__ = ()
    kind = "name"
    longest = LONGEST_NAME
    reserved: frozenset[str] = frozenset()

    def __new__(cls, text: str) -> _Name:
        if isinstance(text, cls):
            return text
        reason = cls.fault(text)
        if reason:
            raise InvalidName(
                f"{_shown(text)} is not a valid {cls.kind}: {reason}. "
                "Use letters, digits, '.', '_' and '-', as in 'penguins-2'."
            )
        return super().__new__(cls, text)

    @classmethod
    def fault(cls, text: object) -> str | None:
        """Return the fault of a word, or None."""
        if not isinstance(text, str):
            return f"it is {type(text).__name__}, not text"
        if not text:
            return "it is empty"
        if len(text) > cls.longest:
            return f"it has {len(text)} characters, and {cls.longest} are the most"
        if not _NAME.fullmatch(text):
            return "it starts with or holds a character that reads differently elsewhere"
        if text.endswith(".") or _DEVICES.fullmatch(text):
            return "some systems cannot store it"
        return "it is reserved" if text.casefold() in cls.reserved else None

    @classmethod
    def accepts(cls, text: object) -> bool:
        """Return whether the word could be such a name."""
        return cls.fault(text) is None


class ModelName(_Name):
    """The name of a model, which is a pin on the board."""

    __slots__ = ()
    kind = "name of a model"
    reserved = frozenset({LOG_PIN, TRASH_PIN, "_pins.yaml", "data.txt"})


class AliasName(_Name):
    """A movable name for a version, such as ``champion``."""

    __slots__ = ()
    kind = "alias"
    longest = LONGEST_ALIAS
    reserved = frozenset({NEWEST})

    @classmethod
    def fault(cls, text: object) -> str | None:
        """Return the fault of a word. An alias must not look like a version."""
        looks_like_version = isinstance(text, str) and _VERSION.fullmatch(text)
        return "it looks like a version" if looks_like_version else super().fault(text)


class FileName(_Name):
    """The bare name of a file inside a version's folder."""

    __slots__ = ()
    kind = "name of a file"
    reserved = frozenset({"data.txt"})


class VersionName(_Name):
    """The name of one version's folder: ours are ``20261123T133731Z-050cc``, other writers' may be any safe word."""

    __slots__ = ()
    kind = "version"

    @classmethod
    def of(cls, created: datetime, pin_hash: str) -> VersionName:
        """Compose the name as pins does: second of creation, first five digits of the hash."""
        return cls(f"{created.astimezone(UTC).strftime(STAMP)}-{pin_hash[:5]}")

    @property
    def created(self) -> datetime | None:
        """The second in the name, or None for another writer's free name."""
        return parse_stamp(self[:16]) if _VERSION.fullmatch(self) else None


def number_in(selector: str) -> int | None:
    """Return 12 for ``v12``, the number of a version among those of its model, or None for another selector."""
    match = _NUMBER.fullmatch(selector)
    return int(match[1]) if match else None


def is_number(selector: str) -> bool:
    """Return whether a selector is the number of a version, such as ``v12``."""
    return number_in(selector) is not None


def misspelt(word: str, known: str) -> bool:
    """Return whether a word is a known one of five letters or more with one letter more, less, changed or swapped.

    >>> misspelt("champoin", "champion"), misspelt("champion2", "champion"), misspelt("best", "test")
    (True, False, False)
    """
    if word == known or min(len(word), len(known)) < SHORTEST_MISSPELT or abs(len(word) - len(known)) > 1:
        return False
    start = next((place for place, (a, b) in enumerate(zip(word, known)) if a != b), min(len(word), len(known)))
    a, b = word[start:], known[start:]
    swapped = len(a) > 1 and (a[1::-1] + a[2:]) == b and a[:2].isalpha()
    changed = a[1:] == b[1:] and (a[:1] + b[:1]).isalpha()
    added = (a[1:] == b and a[:1].isalpha()) or (a == b[1:] and b[:1].isalpha())
    return swapped or changed or added


def parse_stamp(text: str) -> datetime | None:
    """Read ``20261123T133731Z`` as UTC. Return None for other texts."""
    if not _STAMP.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def timed(entries: Collection[str], proven: Container[str] = ()) -> list[str]:
    """Return the entries that are versions named by a time, in their order.

    A board may hold thousands. Entries in ``proven`` were found to be such names before. Where it is empty, one search
    over all of them takes a third of the time of a search for each.
    """
    lines = "\n".join(entries) if not proven else ""
    if lines and lines.count("\n") < len(entries):  # no entry contains a line break
        return _TIMED_LINES.findall(lines)
    return [entry for entry in entries if entry in proven or _TIMED.fullmatch(entry)]


@dataclass(frozen=True, slots=True)
class ModelRef:
    """A user's reference to a version: ``name``, ``name@alias`` or ``name@version``, each also after ``board:``.

    Examples
    --------
    >>> ModelRef.parse("shared:penguins@champion")
    ModelRef(board='shared', name='penguins', selector='champion')
    >>> str(ModelRef.parse("penguins"))
    'penguins'
    """

    board: str | None
    name: ModelName
    selector: str | None = None

    @classmethod
    def parse(cls, text: str | ModelRef) -> ModelRef:
        """Read a reference.

        Raises
        ------
        InvalidName
            When a part is not a valid name.
        """
        if isinstance(text, ModelRef):
            return text
        if not isinstance(text, str):
            raise InvalidName(f"A model is named by text such as 'penguins@champion', not by {type(text).__name__}.")
        board, colon, rest = text.rpartition(":")
        name, at, selector = rest.partition("@")
        if at and not name:
            raise InvalidName(
                f"{_shown(text)} lacks the model before its @: write it as in 'penguins{_shown(rest)[1:]}."
            )
        return cls(
            str(BoardLabel(board)) if colon else None,
            ModelName(name),
            str(VersionName(selector)) if at else None,
        )

    def __str__(self) -> str:
        board = f"{self.board}:" if self.board else ""
        return f"{board}{self.name}" + (f"@{self.selector}" if self.selector else "")


class BoardLabel(_Name):
    """The part of a reference before its colon."""

    __slots__ = ()
    kind = "label of a board"


def _shown(text: object, most: int = 60) -> str:
    written = repr(text)
    return written if len(written) <= most else f"{written[:most]}…"
