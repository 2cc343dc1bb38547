"""The YAML head of a model card, as Hugging Face's hub reads it."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from mlops_magics.core.cards.card_facts import CardFacts
    from mlops_magics.core.cards.card_parts import CardPart
    from mlops_magics.core.versioning import ModelVersion

LIBRARIES = {
    "sklearn": "sklearn",
    "xgboost": "xgboost",
    "lightgbm": "lightgbm",
    "catboost": "catboost",
    "keras": "keras",
    "torch": "pytorch",
    "spacy": "spacy",
    "statsmodels": "statsmodels",
}
"""The hub's name of a library, by the module of the model."""
REGRESSION = frozenset({"rmse", "mae", "r2", "mape", "neg_root_mean_squared_error", "max_error"})
"""Metrics that only numbers have."""


def yaml_of(version: ModelVersion, parts: Sequence[CardPart], facts: CardFacts) -> str:
    """Return the head as YAML."""
    text: str = yaml.safe_dump(metadata(version, parts, facts), sort_keys=False, allow_unicode=True, width=10**6)
    return text


def metadata(version: ModelVersion, parts: Sequence[CardPart], facts: CardFacts) -> dict[str, Any]:
    """Return the head as plain values."""
    task = "tabular-regression" if _is_regression(version, facts) else "tabular-classification"
    licence = next((part.text for part in parts if part.kind.id == "licence"), "")
    scores = {name: float(score) for name, score in version.metrics.items() if math.isfinite(score)}
    found: dict[str, Any] = {
        "license": _licence(licence) or None,
        "library_name": _library(version),
        "pipeline_tag": task,
        "tags": ["tabular", "mlops-magics", *version.tags],
        "metrics": list(scores),
    }
    if scores:
        result = {
            "task": {"type": task},
            "dataset": {"name": f"data of the pin of {version.name}", "type": "tabular"},
            "metrics": [{"type": name, "name": name, "value": score} for name, score in scores.items()],
        }
        found["model-index"] = [{"name": version.name, "results": [result]}]
    return {name: value for name, value in found.items() if value not in (None, [], "")}


def _is_regression(version: ModelVersion, facts: CardFacts) -> bool:
    if facts.task:
        return facts.task.startswith("regression")
    return bool(REGRESSION & set(version.metrics))


def _licence(text: str) -> str:
    """Return a licence as the hub spells it: its words in lower case, with dashes. A longer text is "other"."""
    word = re.sub(r"\s+", "-", text.strip().lower())
    return word if len(word) <= 20 else "other" if word else ""


def _library(version: ModelVersion) -> str | None:
    module = str(version.stamps.get("module") or version.format)
    packages = version.lineage.packages
    for name, called in LIBRARIES.items():
        if module.startswith(name) or (name if name != "sklearn" else "scikit-learn") in packages:
            return called
    return None
