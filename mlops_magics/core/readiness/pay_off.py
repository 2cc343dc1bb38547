"""The pay-off of the practice so far: the quantity of models, and the velocity with which they change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mlops_magics.core import phrases
from mlops_magics.core.readiness.team_evidence import TeamEvidence

MANY_MODELS, FAST_UPDATES = 5, 4.0
"""Models, and updates in a month, of which either is enough for the practice to pay off."""
SOME_MODELS, SOME_UPDATES = 3, 1.0
"""Models, and updates in a month, of which either is enough for it to begin to pay off."""
RULE = (
    f"It pays off from {MANY_MODELS} models or {FAST_UPDATES:g} updates a month on, and begins to from {SOME_MODELS} "
    f"models or {SOME_UPDATES:g} update a month on."
)


@dataclass(frozen=True, slots=True)
class PayOff:
    """The counts from which the verdict follows.

    Attributes
    ----------
    verdict
        ``yes``, ``soon`` or ``not yet``.
    updates_per_month
        Versions beyond the first of each model.
    """

    verdict: str
    sentence: str
    models: int
    versions: int
    people: int
    endpoints: int
    requests: int
    versions_per_month: float
    updates_per_month: float

    @classmethod
    def of(cls, evidence: TeamEvidence) -> PayOff:
        """Decide from the evidence."""
        models, updates = len(evidence.models), evidence.updates / evidence.months
        verdict = (
            "yes"
            if models >= MANY_MODELS or updates >= FAST_UPDATES
            else "soon"
            if models >= SOME_MODELS or updates >= SOME_UPDATES
            else "not yet"
        )
        return cls(
            verdict,
            SENTENCES[verdict if models else "no models"].format(
                models=phrases.counted(models, "model"), updates=_monthly(updates)
            ),
            models,
            evidence.versions,
            len(evidence.people),
            len(evidence.those(lambda each: each.endpoint)),
            sum(each.requests for each in evidence.models),
            round(evidence.versions / evidence.months, 2),
            round(updates, 2),
        )

    def to_json(self) -> dict[str, Any]:
        """Return the record as JSON values."""
        names = (
            "verdict", "sentence", "models", "versions", "people", "endpoints", "requests", "versions_per_month",
            "updates_per_month",
        )  # fmt: skip
        return {**{name: getattr(self, name) for name in names}, "rule": RULE}


SENTENCES = {
    "yes": "{models} with {updates}: the practice pays off. Work by hand on each of them costs more.",
    "soon": "{models} with {updates}: the practice begins to pay off. Pin and monitor all models, and "
    "automate the one that changes most.",
    "no models": "There are no models yet: one-off processes do. Pin the first one, and look again.",
    "not yet": "{models} with {updates}: one-off processes do. Pin what you have, and look again when "
    "there are more models or they change more often.",
}
"""Text of each verdict."""


def _monthly(updates: float) -> str:
    number = f"{updates:.1f}".removesuffix(".0")
    return f"{number} update{'' if number == '1' else 's'} a month"
