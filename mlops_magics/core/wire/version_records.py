"""Models and versions as their tables list them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One version of a model."""

    version: str
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
class Versions:
    """The versions of one model, newest first."""

    name: str
    board: str
    versions: tuple[VersionRow, ...]


@dataclass(frozen=True, slots=True)
class ModelRow:
    """A model by its newest version."""

    name: str
    version: str
    created: str
    aliases: tuple[str, ...]
    metrics: dict[str, float | None]
    versions: int
    description: str | None


@dataclass(frozen=True, slots=True)
class Models:
    """The models of a board, the most recently changed first."""

    board: str
    models: tuple[ModelRow, ...]


@dataclass(frozen=True, slots=True)
class Message:
    """What Python did, in one sentence."""

    message: str


@dataclass(frozen=True, slots=True)
class Moved:
    """An alias that moved: rolling that alias back undoes it."""

    message: str
    alias: str
