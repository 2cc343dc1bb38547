"""The comparison of two versions: their differences, and how much is the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Meaning = Literal["good", "alert", "info"]


@dataclass(frozen=True, slots=True)
class ComparedSide:
    """One of the two versions."""

    name: str
    version: str
    number: int
    created: str
    author: str | None
    description: str | None
    aliases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MetricChange:
    """A metric of both: `better` is the direction of the metric, `verdict` what the change means."""

    name: str
    better: Literal[-1, 0, 1]
    a: float | None
    b: float | None
    verdict: Literal["better", "worse", "same", "changed"]


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """A fact that differs. A side that lacks it is None.

    Attributes
    ----------
    note
        The kind of difference, if it has a name.
    step
        The step that a parameter is part of, where only one version has that step, else empty.
    """

    name: str
    a: Any
    b: Any
    note: str
    step: str = ""


@dataclass(frozen=True, slots=True)
class SameRow:
    """A fact that is the same."""

    name: str
    value: Any


@dataclass(frozen=True, slots=True)
class FactSection:
    """Facts of one kind."""

    differ: tuple[ChangeRow, ...]
    same: tuple[SameRow, ...]


@dataclass(frozen=True, slots=True)
class FeatureChange:
    """A feature that differs.

    Attributes
    ----------
    what
        In a word or two, such as ``Added`` or ``Shifted``.
    detail
        The numbers behind it.
    reference, current
        Counts of its training data in the same bars, or empty where they cannot be compared.
    """

    feature: str
    kind: str
    what: str
    detail: str
    reference: tuple[int, ...]
    current: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class CodeRow:
    """A line of the code side by side. `skipped` counts equal lines that are left out here."""

    a: str | None
    b: str | None
    number_a: int | None
    number_b: int | None
    skipped: int


@dataclass(frozen=True, slots=True)
class AnsweredRow:
    """A row that the two versions answer differently."""

    row: int
    a: Any
    b: Any
    features: dict[str, Any]


@dataclass(frozen=True, slots=True)
class AnswersCompared:
    """The rows with different answers. ``largest`` is None for labels."""

    rows: int
    differing: int
    largest: float | None
    examples: tuple[AnsweredRow, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Everything about two versions that differs, the most important first."""

    a: ComparedSide
    b: ComparedSide
    sentence: str
    paragraph: str
    meaning: Meaning
    metrics: tuple[MetricChange, ...]
    answers: AnswersCompared | None
    parameters: FactSection
    features: tuple[FeatureChange, ...]
    same_features: tuple[str, ...]
    code: tuple[CodeRow, ...]
    packages: FactSection
    facts: FactSection
    hashes: FactSection
    notes: tuple[str, ...]


EXAMPLES = {"compare": Comparison}
"""The records that have an example of their own, by its name."""
