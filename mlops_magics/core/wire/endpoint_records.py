"""An endpoint: what it serves, how it is now, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Value = str | int | float | bool | None
"""A value of a row."""


@dataclass(frozen=True, slots=True)
class FormColumn:
    """A column that a form asks for."""

    name: str
    kind: str
    categories: tuple[Value, ...] | None
    minimum: Value
    maximum: Value
    nullable: bool
    example: Value


@dataclass(frozen=True, slots=True)
class FormPrototype:
    """The columns of a form, and rows that fill it."""

    columns: tuple[FormColumn, ...]
    examples: tuple[dict[str, Value], ...]


@dataclass(frozen=True, slots=True)
class EndpointRecord:
    """What does not change while one version answers."""

    name: str
    version: str
    alias: str | None
    board: str
    url: str
    port: int
    pid: int
    started: str
    prototype: FormPrototype
    snippets: dict[str, str]
    versions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LoggedRequest:
    """A row of the prediction log."""

    time: str
    version: str
    prediction: Any
    latency_ms: float | None
    row: dict[str, Value]


@dataclass(frozen=True, slots=True)
class Live:
    """How an endpoint is now.

    Attributes
    ----------
    rate
        Requests per second since the look before.
    recent
        The last rows of the prediction log, newest first; None where none is kept.
    """

    state: str
    requests: int | None
    rows: int | None
    rate: float | None
    p50_ms: float | None
    p95_ms: float | None
    errors: int | None
    version: str
    uptime_seconds: float | None
    recent: tuple[LoggedRequest, ...] | None


@dataclass(frozen=True, slots=True)
class FormAnswer:
    """What an endpoint answered to one row.

    Attributes
    ----------
    probabilities
        Of each class, by its label; None for models that give none.
    """

    prediction: Any
    probabilities: dict[str, float] | None
    version: str | None
    latency_ms: float
    warnings: tuple[str, ...]
