"""Counts by a query engine through Ibis: DuckDB, Spark, BigQuery, … run the same expression and give the same
integers."""

from __future__ import annotations

from typing import Any

import numpy as np

from mlops_magics.core.monitoring.reference_profile import FeatureProfile, ReferenceProfile
from mlops_magics.core.monitoring.samples import CategorySample, Moments, NumericSample
from mlops_magics.errors import DataMismatch, MissingDependency

MOST_EDGES = (
    128  # a CASE with more branches is more than Spark compiles; KS is then within 1/128, far below its practical floor
)
UNNAMED = "\x00other"
HOUR = "\x00hour of "


def counts(table: Any, reference: ReferenceProfile) -> Any:
    """Return the Ibis expression of all counts: columns ``feature``, ``bin`` (or category), ``rows``; one row per bin
    that occurs.

    Parameters
    ----------
    table
        An Ibis table of any backend.
    reference
        Whose bins and features are counted.

    Raises
    ------
    DataMismatch
        A feature of the reference is not in the table.
    """
    try:
        import ibis
    except ImportError as missing:
        raise MissingDependency(
            "Counting inside a database needs Ibis. To fix it: `pip install 'mlops-magics[engines]'`."
        ) from missing
    absent = [name for name in reference.features if name not in table.columns]
    if absent:
        raise DataMismatch(f"The table has no column {absent[0]!r} that the reference has.")
    parts = [_of_feature(table, feature) for feature in reference.features.values()]
    parts += [_of_hours(table, feature) for feature in reference.features.values() if "hour" in feature.parts]
    return ibis.union(*parts) if len(parts) > 1 else parts[0]


def profile_of(table: Any, reference: ReferenceProfile) -> ReferenceProfile:
    """Run the expression, and return what it counted as a profile at the reference's (thinned) edges."""
    counted = counts(table, reference).execute()
    features = {}
    for name, feature in reference.features.items():
        rows = counted[counted["feature"] == name]
        found = {
            None if value != value or value is None else str(value): int(n)
            for value, n in zip(rows["bin"], rows["rows"])
        }
        hours = {"hour": _hours(counted, feature.parts["hour"])} if "hour" in feature.parts else {}
        features[name] = FeatureProfile(name, feature.kind, feature.native, _sample(feature, found), hours)
    total = sum(int(n) for n in counted[counted["feature"] == next(iter(reference.features))]["rows"])
    return ReferenceProfile(features, total)


def edges_of(sample: NumericSample) -> Any:
    """Return every so-many-th edge of a profile, the last one included."""
    step = -(-len(sample.values) // MOST_EDGES)
    return sample.values[::-1][::step][::-1]


def _of_feature(table: Any, feature: FeatureProfile) -> Any:
    import ibis

    column = table[feature.name]
    if feature.kind == "text":  # of which a profile keeps the number alone
        value = ibis.ifelse(column.isnull(), ibis.null("string"), "text")
    elif isinstance(feature.sample, CategorySample):
        value = column.cast("string")
        if feature.native == "boolean":  # engines spell them differently
            value = ibis.cases((column.isnull(), ibis.null("string")), (column, "True"), else_="False")
        if feature.sample.other:  # identifiers: those that the profile has no name for are one number there, too
            value = ibis.ifelse(value.isnull() | value.isin(feature.sample.labels), value, UNNAMED)
    else:
        edges = edges_of(feature.sample)
        number = (column.epoch_seconds() if feature.kind == "datetime" else column).cast("float64")
        branches = [(number.isnan() | number.isinf(), ibis.null("int64"))] + [
            (number <= float(edge), k) for k, edge in enumerate(edges)
        ]
        value = ibis.cases(*branches, else_=len(edges)).cast("string")
        value = ibis.ifelse(number.isnull(), ibis.null("string"), value)
    return (
        table.select(feature=ibis.literal(feature.name), bin=value)
        .group_by(["feature", "bin"])
        .agg(rows=lambda grouped: grouped.count())
    )


def _of_hours(table: Any, feature: FeatureProfile) -> Any:
    """Count the hours of the day of a feature of times."""
    import ibis

    return (
        table.select(feature=ibis.literal(HOUR + feature.name), bin=table[feature.name].hour().cast("string"))
        .group_by(["feature", "bin"])
        .agg(rows=lambda grouped: grouped.count())
    )


def _hours(counted: Any, hour: FeatureProfile) -> FeatureProfile:
    rows = counted[counted["feature"] == HOUR + hour.name]
    found = {
        f"{int(value):02d}": int(n)
        for value, n in zip(rows["bin"], rows["rows"])
        if value is not None and value == value
    }
    sample = CategorySample(tuple(found), np.array(list(found.values()), dtype=np.int64))
    return FeatureProfile(hour.name, hour.kind, hour.native, sample)


def _sample(feature: FeatureProfile, found: dict[str | None, int]) -> CategorySample | NumericSample:
    missing = found.pop(None, 0)
    if isinstance(feature.sample, CategorySample):
        other = sum(found.values()) if feature.kind == "text" else found.pop(UNNAMED, 0)
        labels = tuple(sorted(label for label in found if label is not None)) if feature.kind != "text" else ()
        return CategorySample(labels, np.array([found[label] for label in labels], dtype=np.int64), missing, other)
    edges = edges_of(feature.sample)
    per_bin = np.array([found.get(str(k), 0) for k in range(len(edges) + 1)], dtype=np.int64)
    if per_bin[-1]:
        edges = np.append(edges, np.nextafter(edges[-1], np.inf))
    else:
        per_bin = per_bin[:-1]
    return NumericSample(edges, _moments_of(edges, per_bin), missing, 0, np.cumsum(per_bin))


def _moments_of(edges: Any, per_bin: Any) -> Moments:
    """Return moments as precise as the bins."""
    n = int(per_bin.sum())
    if not n:
        return Moments(0, float("nan"), 0.0, float("nan"), float("nan"))
    mean = float(np.dot(edges, per_bin)) / n
    held = np.flatnonzero(per_bin)
    return Moments(n, mean, float(np.dot((edges - mean) ** 2, per_bin)), float(edges[held[0]]), float(edges[held[-1]]))
