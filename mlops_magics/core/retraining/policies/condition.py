"""Conditions of a policy: drift, a loss of performance, a limit of a metric, a number of new rows."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from mlops_magics.errors import InvalidInput

if TYPE_CHECKING:
    from mlops_magics.core.monitoring import MonitorReport

Kind = Literal["drift", "performance", "metric", "rows"]
ROWS = "rows"
_LIMIT = re.compile(r"(?P<name>[A-Za-z_]\w*)\s*(?P<side><=|>=|<|>)\s*(?P<limit>[-+]?[\d.]+(?:[eE][-+]?\d+)?)")
_SIDES: dict[str, Callable[[float, float], bool]] = {
    "<": lambda value, limit: value < limit,
    "<=": lambda value, limit: value <= limit,
    ">": lambda value, limit: value > limit,
    ">=": lambda value, limit: value >= limit,
}


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition.

    Attributes
    ----------
    kind
        ``metric`` compares a measured or estimated metric, ``rows`` the new rows with truth.
    """

    kind: Kind
    text: str
    metric: str = ""
    side: str = ""
    limit: float = 0.0

    @classmethod
    def parse(cls, text: str) -> Condition:
        """Read ``drift``, ``performance``, ``accuracy<0.9`` or ``rows>=5000``.

        Raises
        ------
        InvalidInput
        """
        word = text.strip()
        if word in ("drift", "performance"):
            return cls(word, word)  # type: ignore[arg-type]
        found = _LIMIT.fullmatch(word)
        if found is None:
            raise InvalidInput(f"--when takes drift, performance, 'accuracy<0.9' or 'rows>=5000', not {text!r}.")
        name, limit = found["name"], float(found["limit"])
        if name == ROWS and found["side"] not in (">", ">="):
            raise InvalidInput(f"New rows only grow: write 'rows>={limit:g}'.")
        return cls("rows" if name == ROWS else "metric", word, name, found["side"], limit)

    def holds_for_rows(self, rows: int) -> bool:
        """Return whether a number of new rows meets the condition."""
        return _SIDES[self.side](rows, self.limit)

    def reason(self, report: MonitorReport) -> str | None:
        """Return the reason why a report meets the condition, or None where it does not."""
        if self.kind in ("drift", "performance"):
            alerts = [each for each in report.alerts if each.subject == self.kind]
            return str(alerts[0].message) if alerts else None
        score = self._score(report.performance)
        if score is None or not _SIDES[self.side](score[1], self.limit):
            return None
        period, value, kind = score
        return f"{self.metric} {value:.3g} in {period} ({kind}), and the policy is {self.text}"

    def _score(self, performance: Any) -> tuple[str, float, str] | None:
        """Return the last period in which the metric is known: measured before estimated."""
        rows = performance[performance["metric"] == self.metric].dropna(subset=["score"])
        for kind in ("measured", "estimated"):
            # measured first: an estimate is only a stand-in while the truth has not arrived
            found = rows[rows["kind"] == kind]
            if len(found):
                last = found.iloc[-1]
                return str(last["period"]), float(last["score"]), kind
        return None
