"""Feature profiles and covariances as JSON that any language reads."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from mlops_magics.core.monitoring.profiling.covariance import Covariance
from mlops_magics.core.monitoring.profiling.feature_profile import FeatureProfile
from mlops_magics.core.monitoring.profiling.samples import CategorySample, Moments, NumericSample


def of_feature(feature: FeatureProfile) -> dict[str, Any]:
    """Return a feature as a JSON-safe mapping."""
    entry: dict[str, Any] = {"name": feature.name, "kind": feature.kind, "native": feature.native}
    if feature.parts:
        entry["parts"] = {name: of_feature(part) for name, part in feature.parts.items()}
    if feature.zone:
        entry["zone"] = feature.zone
    if feature.origin:
        entry["origin"] = str(feature.origin)  # text, because readers of JSON make floats of numbers
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


def read_feature(entry: Mapping[str, Any]) -> FeatureProfile:
    """Read the mapping of `of_feature`."""
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
    taken_apart = {name: read_feature(part) for name, part in entry.get("parts", {}).items()}
    zone = entry.get("zone", "")
    origin = int(entry.get("origin", 0))
    return FeatureProfile(entry["name"], entry["kind"], entry["native"], sample, taken_apart, zone, origin)


def of_covariance(covariance: Covariance | None) -> dict[str, Any] | None:
    """Return a covariance as a JSON-safe mapping: of the symmetric matrix each row up to the diagonal."""
    if covariance is None or not np.isfinite(covariance.scatter).all():
        return None
    lower = [row[: k + 1].tolist() for k, row in enumerate(covariance.scatter)]
    return {"names": list(covariance.names), "n": covariance.n, "mean": covariance.mean.tolist(), "scatter": lower}


def read_covariance(entry: Mapping[str, Any] | None) -> Covariance | None:
    """Read the mapping of `of_covariance`."""
    if entry is None:
        return None
    scatter = np.zeros((len(entry["names"]),) * 2)
    for k, row in enumerate(entry["scatter"]):
        scatter[k, : k + 1] = scatter[: k + 1, k] = row
    return Covariance(int(entry["n"]), np.array(entry["mean"]), scatter, tuple(entry["names"]))


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None
