"""Models and versions as their tables list them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from mlops_magics.core.wire.verdict_record import VerdictRow


@dataclass(frozen=True, slots=True)
class MetricName:
    """A metric, and whether a higher (1) or a lower (-1) value is better, or 0 where that is not known."""

    name: str
    better: Literal[-1, 0, 1]


@dataclass(frozen=True, slots=True)
class VersionMark:
    """A version as people call it: its number (0 where it is not known), its id and its age."""

    version: str
    number: int
    created: str | None


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One version of a model."""

    version: str
    number: int
    created: str
    aliases: tuple[str, ...]
    metrics: dict[str, float | None]
    format: str
    size: int
    author: str | None
    description: str | None
    tags: tuple[str, ...]
    parent: str | None
    trusted: bool


@dataclass(frozen=True, slots=True)
class AliasTarget:
    """The version of an alias, and the one after a rollback, or None. A number is 0 where it is not known.

    Attributes
    ----------
    number, before_number
        The numbers of both versions among those of the model.
    """

    alias: str
    now: str
    before: str | None
    number: int = 0
    before_number: int = 0


@dataclass(frozen=True, slots=True)
class Versions:
    """The versions of one model, newest first. ``metrics`` are those that any of them has."""

    name: str
    board: str
    label: str
    metrics: tuple[MetricName, ...]
    versions: tuple[VersionRow, ...]
    aliases: tuple[AliasTarget, ...]


@dataclass(frozen=True, slots=True)
class ModelMetric:
    """The first metric of a model: the champion's (else the newest version's), and of its last versions in order."""

    name: str
    better: Literal[-1, 0, 1]
    value: float | None
    course: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class ServedBy:
    """The endpoint of a model."""

    state: str
    version: str
    url: str


@dataclass(frozen=True, slots=True)
class ModelRow:
    """A model: what is its champion, what serves, what drifts.

    Attributes
    ----------
    created
        When its newest version was made.
    alias_map
        Alias → version.
    """

    name: str
    version: str
    number: int
    created: str
    description: str | None
    metrics: dict[str, float | None]
    versions: int
    alias_map: dict[str, str]
    champion: VersionMark | None
    metric: ModelMetric | None
    endpoint: ServedBy | None
    verdict: VerdictRow | None


@dataclass(frozen=True, slots=True)
class Models:
    """The models of a board, the most recently changed first. `query` is what they fit, empty for all."""

    board: str
    label: str
    trusted: bool
    query: str
    models: tuple[ModelRow, ...]


@dataclass(frozen=True, slots=True)
class Moved:
    """An alias that moved. `event` is ``promote`` or ``rollback``, ``previous`` what it named before."""

    message: str
    alias: str
    version: str | None
    previous: str | None
    event: str


@dataclass(frozen=True, slots=True)
class Message:
    """The action of Python, in one sentence."""

    message: str


@dataclass(frozen=True, slots=True)
class Deleted:
    """A version in the trash: `place` brings it back."""

    message: str
    place: str


EXAMPLES = {"versions": Versions, "models": Models, "moved": Moved}
"""The records that have an example of their own, by its name."""
