"""A model card as its view reads it: texts of people, performance, columns, and the facts of the version."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from mlops_magics.core.wire.version_records import ServedBy, VersionMark


@dataclass(frozen=True, slots=True)
class CardText:
    """A part of the card that a person writes.

    Attributes
    ----------
    asked
        The question to a person.
    needed
        Whether a card without it is not complete.
    written_for
        The version that it was written for; None where nothing is written.
    stale
        Why it may not hold for this version, or no text.
    """

    id: str
    title: str
    asked: str
    needed: bool
    text: str
    by: str
    when: str
    written_for: VersionMark | None
    stale: str


@dataclass(frozen=True, slots=True)
class CardScore:
    """A metric as a whole or of a segment, with its interval where one is known."""

    segment: str
    metric: str
    better: Literal[-1, 0, 1]
    score: float | None
    lower: float | None
    upper: float | None
    rows: int | None
    source: str


@dataclass(frozen=True, slots=True)
class CardColumn:
    """A column that the model reads. ``bins`` are the counts of its training values, where they were kept."""

    name: str
    kind: Literal["number", "category"]
    dtype: str
    values: str
    nullable: bool
    bins: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class DriftCount:
    """The features that drifted at the last check, and when that was."""

    drifted: int
    features: int
    created: str


@dataclass(frozen=True, slots=True)
class Card:
    """The card of one version.

    Attributes
    ----------
    texts
        All parts that people write, written or not.
    rows
        Training rows; None where no profile was kept.
    facts
        Named facts, the empty ones left out.
    endpoint, drift
        What serves the model now, and the last check of it; None for neither.
    code
        The lines that load it.
    markdown
        The whole card as Markdown.
    """

    name: str
    label: str
    version: VersionMark
    aliases: tuple[str, ...]
    description: str | None
    texts: tuple[CardText, ...]
    scores: tuple[CardScore, ...]
    segments: tuple[CardScore, ...]
    columns: tuple[CardColumn, ...]
    more_columns: int
    rows: int | None
    facts: dict[str, str]
    endpoint: ServedBy | None
    drift: DriftCount | None
    history: tuple[str, ...]
    code: str
    markdown: str


EXAMPLES = {"card": Card}
"""The records that have an example of their own, by its name."""
