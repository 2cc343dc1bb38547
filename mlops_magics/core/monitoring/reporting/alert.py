"""An alert: one reason to act on a report."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Subject = Literal["drift", "performance"]
SUBJECTS: tuple[Subject, ...] = ("drift", "performance")


@dataclass(frozen=True, slots=True)
class Alert:
    """One reason to act: its subject, period, segment, value and limit.

    Attributes
    ----------
    before
        The score of the first period, where a metric is compared with it.
    """

    subject: Subject
    name: str
    period: str
    score: float
    limit: float
    message: str
    segment: str = ""
    before: float = math.nan

    def to_json(self) -> dict[str, Any]:
        """Return a JSON-safe mapping."""
        told = {key: getattr(self, key) for key in ("subject", "name", "period", "message", "segment")}
        return told | {
            key: value if math.isfinite(value) else None
            for key, value in (("score", self.score), ("limit", self.limit), ("before", self.before))
        }

    @classmethod
    def from_json(cls, entry: Mapping[str, Any]) -> Alert:
        """Read the mapping of `to_json`."""
        score, limit, before = (
            math.nan if entry.get(key) is None else float(entry[key]) for key in ("score", "limit", "before")
        )
        words = entry["subject"], entry["name"], entry["period"], score, limit, entry["message"]
        return cls(*words, entry.get("segment", ""), before)
