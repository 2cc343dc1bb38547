"""How a reference profile is written: JSON that any language reads."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from mlops_magics.core.monitoring.profiling.covariance import Covariance
from mlops_magics.core.monitoring.profiling.profiler import FORMAT, FeatureProfile, ReferenceProfile
from mlops_magics.core.monitoring.profiling.samples import CategorySample, Moments, NumericSample
from mlops_magics.errors import InvalidInput


def to_json(profile: ReferenceProfile) -> dict[str, Any]:
    """Return a JSON-safe mapping; floats are written in full, so that reading gives the same profile."""
    return {
        "format": FORMAT,
        "rows": profile.rows,
        "features": [_feature(feature) for feature in profile.features.values()],
        "target": _feature(profile.target) if profile.target else None,
        "prediction": _feature(profile.prediction) if profile.prediction else None,
        "facts": dict(profile.facts),
        "covariance": _together(profile.covariance),
    }


def from_json(data: bytes) -> ReferenceProfile:
    """Read bytes back, or say in one line that they are no profile."""
    try:
        return of_document(json.loads(data))
    except (KeyError, TypeError, UnicodeDecodeError, json.JSONDecodeError) as fault:
        raise InvalidInput(
            f"These bytes are no reference profile ({type(fault).__name__}); pin the model again with its training "
            f"data."
        ) from fault


def of_document(document: Mapping[str, Any]) -> ReferenceProfile:
    """Read what `to_json` gave."""
    if document["format"] != FORMAT:
        raise InvalidInput(
            f"A profile of format {document['format']!r} needs another version of mlops_magics; this one reads "
            f"{FORMAT!r}."
        )
    features = [_read_feature(entry) for entry in document["features"]]
    return ReferenceProfile(
        {feature.name: feature for feature in features},
        int(document["rows"]),
        _read_feature(document["target"]) if document["target"] else None,
        _read_feature(document["prediction"]) if document["prediction"] else None,
        dict(document.get("facts", {})),
        _read_together(document.get("covariance")),
    )


def _feature(feature: FeatureProfile) -> dict[str, Any]:
    entry: dict[str, Any] = {"name": feature.name, "kind": feature.kind, "native": feature.native}
    if feature.parts:
        entry["parts"] = {name: _feature(part) for name, part in feature.parts.items()}
    sample = feature.sample
    if isinstance(sample, CategorySample):
        return entry | {
            "labels": list(sample.labels),
            "counts": sample.counts.tolist(),
            "missing": sample.missing,
            "other": sample.other,
        }
    moments = sample.moments
    cumulative = sample.cumulative if sample.cumulative is not None else np.arange(1, len(sample.values) + 1)
    return entry | {
        "edges": sample.values.tolist(),
        "counts": np.diff(cumulative, prepend=0).tolist(),
        "missing": sample.missing,
        "infinite": sample.infinite,
        "moments": [
            _number(value) for value in (moments.n, moments.mean, moments.squares, moments.minimum, moments.maximum)
        ],
    }


def _read_feature(entry: Mapping[str, Any]) -> FeatureProfile:
    counts = np.array(entry["counts"], dtype=np.int64)
    sample: CategorySample | NumericSample
    if "labels" in entry:
        sample = CategorySample(tuple(entry["labels"]), counts, entry["missing"], entry["other"])
    else:
        n, mean, squares, minimum, maximum = (float("nan") if value is None else value for value in entry["moments"])
        moments = Moments(int(n), mean, squares, minimum, maximum)
        sample = NumericSample(
            np.array(entry["edges"], dtype=np.float64), moments, entry["missing"], entry["infinite"], np.cumsum(counts)
        )
    taken_apart = {name: _read_feature(part) for name, part in entry.get("parts", {}).items()}
    return FeatureProfile(entry["name"], entry["kind"], entry["native"], sample, taken_apart)


def _together(covariance: Covariance | None) -> dict[str, Any] | None:
    """Write how features go together: the matrix is symmetric, so each of its rows up to the diagonal."""
    if covariance is None or not np.isfinite(covariance.scatter).all():
        return None
    lower = [row[: k + 1].tolist() for k, row in enumerate(covariance.scatter)]
    return {"names": list(covariance.names), "n": covariance.n, "mean": covariance.mean.tolist(), "scatter": lower}


def _read_together(entry: Mapping[str, Any] | None) -> Covariance | None:
    if entry is None:
        return None
    scatter = np.zeros((len(entry["names"]),) * 2)
    for k, row in enumerate(entry["scatter"]):
        scatter[k, : k + 1] = scatter[: k + 1, k] = row
    return Covariance(int(entry["n"]), np.array(entry["mean"]), scatter, tuple(entry["names"]))


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None
