"""The reference profile: the distributions of each feature, the target and the prediction at training, without rows."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mlops_magics.core import json_text
from mlops_magics.core.monitoring.profiling import profile_json
from mlops_magics.core.monitoring.profiling.covariance import Covariance
from mlops_magics.core.monitoring.profiling.dependence import Dependence
from mlops_magics.core.monitoring.profiling.feature_profile import FeatureProfile, Features
from mlops_magics.errors import InvalidInput

FORMAT = "mlops-magics-profile/1"
"""The format that `ReferenceProfile.to_json` writes."""


@dataclass(frozen=True, slots=True)
class ReferenceProfile:
    """The distributions that a version was trained on, stored with it.

    Attributes
    ----------
    features
        One profile per feature, in the order of the training data.
    target, prediction
        The same for the truth and the model's answers, or ``None`` where they were not given.
    rows
        The number of profiled rows.
    facts
        Facts of the model from pin time: calibration, a model of the errors, segments, the task.
    covariance
        The covariance of the numeric features, over the rows in which each has a value.
    dependence
        The correlations of their normal scores, pair by pair.
    """

    features: Features
    rows: int
    target: FeatureProfile | None = None
    prediction: FeatureProfile | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    covariance: Covariance | None = None
    dependence: Dependence | None = None

    def to_json(self) -> dict[str, Any]:
        """Return a JSON-safe mapping, with floats in full, so that reading gives the same profile."""
        return {
            "format": FORMAT,
            "rows": self.rows,
            "features": [profile_json.of_feature(feature) for feature in self.features.values()],
            "target": profile_json.of_feature(self.target) if self.target else None,
            "prediction": profile_json.of_feature(self.prediction) if self.prediction else None,
            "facts": dict(self.facts),
            "covariance": profile_json.of_covariance(self.covariance),
            "dependence": None if self.dependence is None else self.dependence.to_json(),
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> ReferenceProfile:
        """Read the mapping of `to_json`.

        Raises
        ------
        InvalidInput
            Not a profile, or one of a newer format.
        """
        if not isinstance(document, Mapping) or "format" not in document:
            raise _not_valid("it names no format")
        if document["format"] != FORMAT:
            raise InvalidInput(
                f"A profile of format {document['format']!r} needs another version of mlops_magics. This one reads "
                f"{FORMAT!r}."
            )
        try:
            features = [profile_json.read_feature(entry) for entry in document["features"]]
            target, prediction = (
                profile_json.read_feature(document[role]) if document[role] else None
                for role in ("target", "prediction")
            )
            covariance = profile_json.read_covariance(document.get("covariance"))
            facts = dict(document.get("facts", {}))
            named = {each.name: each for each in features}
            pairs = Dependence.from_json(document.get("dependence"))
            return cls(named, int(document["rows"]), target, prediction, facts, covariance, pairs)
        except (KeyError, TypeError, ValueError) as fault:
            raise _not_valid(f"{type(fault).__name__}: {fault}") from fault

    def to_bytes(self) -> bytes:
        """Write as JSON: open, and readable without this package."""
        return json.dumps(self.to_json(), separators=(",", ":"), allow_nan=False).encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> ReferenceProfile:
        """Read the bytes of `to_bytes`.

        Raises
        ------
        InvalidInput
            Not a profile, or one of a newer format.
        """
        try:
            document = json_text.parse(data)
        except ValueError as fault:
            raise _not_valid(type(fault).__name__) from fault
        return cls.from_json(document)


def _not_valid(reason: str) -> InvalidInput:
    return InvalidInput(
        f"These bytes are not a valid reference profile ({reason}). Pin the model again with its training data."
    )
