"""The facts of a team for an assessment: plain facts about each model, about the boards, and about exported files."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

DAYS_PER_MONTH = 30.44
"""Average days of a month."""


@dataclass(frozen=True, slots=True)
class Link:
    """The place of a piece of evidence.

    Attributes
    ----------
    kind
        ``board``, ``version``, ``endpoint``, ``verdict``, ``limits``, ``card``, ``policy``, ``event`` or ``file``.
    target
        A reference such as ``penguins@v3``, a URL or a path.
    cell
        The magic that shows it.
    href
        An address that a browser opens, or empty where there is none.
    """

    kind: str
    target: str
    cell: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """A retraining that ended: its outcome, and the policy that started it, if one did."""

    outcome: str
    policy: str
    ended: dt.datetime


@dataclass(frozen=True, slots=True)
class ModelEvidence:
    """The facts of one model.

    Attributes
    ----------
    ref
        The reference by which cells name it: with the label of its board where that is not the current one.
    pins
        When each version was pinned, oldest first, in UTC.
    newest, number
        The reference of the newest version, and its number.
    lineage
        Those of ``source``, ``packages`` and ``data_fingerprint`` that the newest version has.
    features
        The number of columns that the newest version reads, or 0 where it is not known.
    runs_code
        Whether reading the newest version runs code in it.
    moves, rollbacks
        The number of times that the champion became another version, and of those that took a move back.
    endpoint
        The link of the running endpoint.
    requests
        Requests in the prediction log.
    verdicts
        When the model was monitored, newest first, in UTC.
    answered_by
        Versions that answered requests in the log, which keeps the latency of each request.
    trial
        The link of a canary or a shadow: at the endpoint now, or in the history.
    measured
        Whether a report on it has measured performance, with truth.
    """

    name: str
    board: str
    ref: str
    pins: tuple[dt.datetime, ...]
    authors: frozenset[str]
    newest: Link
    number: int = 0
    metrics: tuple[str, ...] = ()
    described: bool = False
    lineage: frozenset[str] = frozenset()
    features: int = 0
    profile: bool = False
    recipe: bool = False
    runs_code: bool = False
    signed: bool = False
    card: frozenset[str] = frozenset()
    champion: bool = False
    champion_is_newest: bool = False
    moves: int = 0
    rollbacks: int = 0
    endpoint: Link | None = None
    requests: int = 0
    answered_by: int = 0
    trial: Link | None = None
    policies: tuple[Link, ...] = ()
    drift_policy: bool = False
    runs: tuple[Run, ...] = ()
    verdicts: tuple[dt.datetime, ...] = ()
    measured: bool = False
    thresholds: bool = False

    @property
    def updates(self) -> int:
        """Versions beyond the first one."""
        return len(self.pins) - 1


@dataclass(frozen=True, slots=True)
class TeamEvidence:
    """The facts of a team at one moment.

    Attributes
    ----------
    looked
        The moment, in UTC.
    boards
        The boards that were read.
    unread
        The models that cannot be read, each with the reason. They are not counted.
    shared
        Whether one of them is in a store that several machines reach.
    exports
        Files of orchestrators that `%export` wrote.
    answers
        Answers of people, by the id of a test: ``yes``, ``partly`` or ``no``.
    """

    looked: dt.datetime
    boards: tuple[Link, ...]
    models: tuple[ModelEvidence, ...]
    unread: tuple[str, ...] = ()
    shared: bool = False
    exports: tuple[Link, ...] = ()
    answers: dict[str, dict[str, Any]] = field(default_factory=dict)

    def those(self, test: Callable[[ModelEvidence], object]) -> tuple[ModelEvidence, ...]:
        """Return the models for which a test holds."""
        return tuple(each for each in self.models if test(each))

    @property
    def people(self) -> frozenset[str]:
        """All people who pinned a version."""
        return frozenset().union(*(each.authors for each in self.models))

    @property
    def versions(self) -> int:
        """Versions of all models."""
        return sum(len(each.pins) for each in self.models)

    @property
    def updates(self) -> int:
        """Versions beyond the first of each model."""
        return sum(each.updates for each in self.models)

    @property
    def months(self) -> float:
        """Months from the first pin to now, at least one."""
        pins = [each.pins[0] for each in self.models if each.pins]
        if not pins:
            return 1.0
        return max(1.0, (self.looked - min(pins)) / dt.timedelta(days=DAYS_PER_MONTH))

    @property
    def first(self) -> ModelEvidence | None:
        """The model that was pinned last: the one that a next step names."""
        return max(self.models, key=lambda each: each.pins[-1], default=None)

    def with_answers(self, answers: dict[str, dict[str, Any]]) -> TeamEvidence:
        """Return the evidence with people's answers."""
        return dataclasses.replace(self, answers=answers)
