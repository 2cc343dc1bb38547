"""An alert: one reason to act."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Subject = Literal["drift", "performance"]
SUBJECTS: tuple[Subject, ...] = ("drift", "performance")


@dataclass(frozen=True, slots=True)
class Alert:
    """One reason to act: what, in which period and segment, how much, against which limit."""

    subject: Subject
    name: str
    period: str
    score: float
    limit: float
    message: str
    segment: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return a JSON-safe mapping."""
        told = {key: getattr(self, key) for key in ("subject", "name", "period", "message", "segment")}
        return told | {
            key: value if math.isfinite(value) else None
            for key, value in (("score", self.score), ("limit", self.limit))
        }

    @classmethod
    def from_json(cls, entry: Mapping[str, Any]) -> Alert:
        """Read the mapping of `to_json`."""
        score, limit = (math.nan if entry[key] is None else float(entry[key]) for key in ("score", "limit"))
        return cls(
            entry["subject"], entry["name"], entry["period"], score, limit, entry["message"], entry.get("segment", "")
        )
