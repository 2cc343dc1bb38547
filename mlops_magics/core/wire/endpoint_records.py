"""The records of an endpoint: its version, its state, and its answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from mlops_magics.core.wire.version_records import VersionMark

Value = str | int | float | bool | None
"""A value of a row."""


@dataclass(frozen=True, slots=True)
class FormColumn:
    """A column of a form.

    Attributes
    ----------
    counts
        Rows of the training data: of each category, or in equal parts from ``minimum`` to ``maximum``.
    known
        Of a text, the values of the training data where they are few: they are offered, and others may be written.
    """

    name: str
    kind: str
    categories: tuple[Value, ...] | None
    minimum: Value
    maximum: Value
    nullable: bool
    example: Value
    counts: tuple[int, ...]
    known: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FormPrototype:
    """The columns of a form, and rows that fill it."""

    columns: tuple[FormColumn, ...]
    examples: tuple[dict[str, Value], ...]


@dataclass(frozen=True, slots=True)
class EndpointRecord:
    """The facts of an endpoint that stay while one version answers.

    Attributes
    ----------
    versions
        The newest versions of the model, for a swap or a trial.
    """

    name: str
    version: str
    number: int
    alias: str | None
    board: str
    label: str
    url: str
    started: str
    prototype: FormPrototype
    snippets: dict[str, str]
    versions: tuple[VersionMark, ...]


@dataclass(frozen=True, slots=True)
class LoggedRequest:
    """A row of the prediction log. ``probability`` is that of the predicted class."""

    time: str
    version: str
    prediction: Any
    probability: float | None
    latency_ms: float | None
    row: dict[str, Value]


@dataclass(frozen=True, slots=True)
class Answering:
    """A version at an endpoint: it answers, a share of the requests (canary), or only listens (shadow).

    Attributes
    ----------
    failed
        The requests that it was asked and could not answer.
    """

    version: str
    number: int
    created: str | None
    aliases: tuple[str, ...]
    mode: Literal["answers", "canary", "shadow", "before"]
    share: float
    requests: int
    failed: int
    p50_ms: float | None
    p95_ms: float | None


@dataclass(frozen=True, slots=True)
class Live:
    """The present state of an endpoint.

    Attributes
    ----------
    rate
        Requests per second since the look before.
    errors, refused, failed
        Requests without an answer: refused before a version was asked, or because their rows do not fit (HTTP 4xx), and
        those that the endpoint could not answer (5xx).
    answering
        The version that answers, what is tried out, and what answered before.
    recent
        The last rows of the prediction log, newest first, or None where none is kept.
    last_lines
        The end of its log, where it died.
    """

    state: str
    requests: int | None
    rows: int | None
    rate: float | None
    p50_ms: float | None
    p95_ms: float | None
    errors: int | None
    refused: int | None
    failed: int | None
    uptime_seconds: float | None
    answering: tuple[Answering, ...]
    recent: tuple[LoggedRequest, ...] | None
    last_lines: tuple[str, ...]
    trouble: str | None


@dataclass(frozen=True, slots=True)
class FormAnswer:
    """The answer of an endpoint to one row.

    Attributes
    ----------
    probabilities
        Of each class, by its label, or None for models that give none.
    """

    prediction: Any
    probabilities: dict[str, float] | None
    version: str | None
    latency_ms: float
    warnings: tuple[str, ...]


EXAMPLES = {"endpoint": EndpointRecord, "live": Live}
"""The records that have an example of their own, by its name."""
