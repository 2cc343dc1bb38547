"""What differs between two versions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One fact that differs; a side that lacks it is None."""

    name: str
    a: Any
    b: Any
    change: str | None


@dataclass(frozen=True, slots=True)
class Section:
    """The differences of one kind."""

    title: str
    rows: tuple[ChangeRow, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two versions, and what differs between them; ``code`` is a unified diff by lines."""

    a: str
    b: str
    sections: tuple[Section, ...]
    code: tuple[str, ...] | None
