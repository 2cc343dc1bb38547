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


LONGEST_LICENCE = 60
"""Characters of the name of a licence that the hub does not know."""
LICENCES = frozenset(
    """apache-2.0 mit openrail bigscience-openrail-m creativeml-openrail-m bigcode-openrail-m afl-3.0 artistic-2.0
    bsl-1.0 bsd bsd-2-clause bsd-3-clause bsd-3-clause-clear c-uda cc cc0-1.0 cc-by-2.0 cc-by-2.5 cc-by-3.0 cc-by-4.0
    cc-by-sa-3.0 cc-by-sa-4.0 cc-by-nc-2.0 cc-by-nc-3.0 cc-by-nc-4.0 cc-by-nd-4.0 cc-by-nc-nd-3.0 cc-by-nc-nd-4.0
    cc-by-nc-sa-2.0 cc-by-nc-sa-3.0 cc-by-nc-sa-4.0 cdla-sharing-1.0 cdla-permissive-1.0 cdla-permissive-2.0 wtfpl
    ecl-2.0 epl-1.0 epl-2.0 etalab-2.0 eupl-1.1 eupl-1.2 agpl-3.0 gfdl gpl gpl-2.0 gpl-3.0 lgpl lgpl-2.1 lgpl-3.0 isc
    lppl-1.3c ms-pl mpl-2.0 odc-by odbl openrail++ osl-3.0 postgresql ofl-1.1 ncsa unlicense zlib pddl unknown
    other""".split()
)
"""The licences that the hub knows. Any other one is "other", and its name is a second field."""


def yaml_of(version: ModelVersion, parts: Sequence[CardPart], facts: CardFacts) -> str:
    """Return the head as YAML. A reader of Markdown that does not know it finds no markup in it either."""
    found = metadata(version, parts, facts)
    text: str = yaml.dump(found, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10**6)
    return text.replace("<", "\\x3C")


class _Dumper(yaml.SafeDumper):
    """A dumper that quotes each text with markup, so that its signs can be escaped."""


def _text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"' if "<" in text else None)


_Dumper.add_representer(str, _text)


def metadata(version: ModelVersion, parts: Sequence[CardPart], facts: CardFacts) -> dict[str, Any]:
    """Return the head as plain values."""
    task = "tabular-regression" if _is_regression(version, facts) else "tabular-classification"
    licence = next((part.text for part in parts if part.kind.id == "licence"), "")
    scores = {name: float(score) for name, score in version.metrics.items() if math.isfinite(score)}
    found: dict[str, Any] = {
        **_licence(licence),
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


def _licence(text: str) -> dict[str, str]:
    """Return a licence as the hub spells it: its words in lower case, with dashes."""
    word = re.sub(r"[\s_]+", "-", text.strip().lower())
    if word in LICENCES or not word:
        return {"license": word}
    name = re.sub(r"[^a-z0-9.+-]", "", word)[:LONGEST_LICENCE]
    return {"license": "other", "license_name": name}


def _library(version: ModelVersion) -> str | None:
    module = str(version.stamps.get("module") or version.format)
    packages = version.lineage.packages
    for name, called in LIBRARIES.items():
        if module.startswith(name) or (name if name != "sklearn" else "scikit-learn") in packages:
            return called
    return None
