"""The scores of a model on the held-out rows of its pin, with interval and rows. They are kept beside the metrics."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

STAMP = "measured"
"""The stamp that holds them, by metric."""


@dataclass(frozen=True, slots=True)
class MeasuredScore:
    """A score on ``rows`` rows, and the ends of its 95 % interval, which are None where it has none."""

    score: float
    lower: float | None
    upper: float | None
    rows: int

    @classmethod
    def of(cls, score: float, lower: float, upper: float, rows: int) -> MeasuredScore:
        """Return the record of a score.

        Parameters
        ----------
        score, rows
            The score, and the rows that it was computed on.
        lower, upper
            The ends of its 95 % interval. One that is not a number is none.
        """
        return cls(float(score), _end(lower), _end(upper), int(rows))

    def to_json(self) -> dict[str, Any]:
        """Return the record as JSON values."""
        return asdict(self)

    @classmethod
    def from_json(cls, record: Any) -> MeasuredScore | None:
        """Read the value of `to_json`, and None from anything else that a board may hold."""
        if not isinstance(record, Mapping):
            return None
        score, lower, upper = (_end(record.get(name)) for name in ("score", "lower", "upper"))
        rows = record.get("rows")
        if score is None or not isinstance(rows, int) or isinstance(rows, bool) or rows < 0:
            return None
        return cls(score, lower, upper, rows)


def _end(value: Any) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and abs(value) < math.inf else None
