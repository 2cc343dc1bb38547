"""Histograms for charts, with the same bars for reference and current data per period, and without rows."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mlops_magics.core import progress
from mlops_magics.core.monitoring.profiling.feature_profile import FeatureProfile, Features
from mlops_magics.core.monitoring.profiling.observed import Observed
from mlops_magics.core.monitoring.profiling.sample_facts import SampleFacts
from mlops_magics.core.monitoring.profiling.samples import CategorySample, NumericSample, Sample
from mlops_magics.core.monitoring.reading.column_values import FloatArray, IntArray
from mlops_magics.core.monitoring.statistics import binning

WIDEST_WHOLE = 2000.0
"""Width of all bars up to which those of whole numbers have whole edges: beyond it three digits are enough."""
LARGEST_WHOLE = 1e9
"""Size up to which a float's sum shows whether all values are whole."""
SUM_ERROR = 1e-13
"""Rounding error of a sum, as a share of the sum of sizes."""
CATEGORIES = 12
"""Categories that have a bar of their own."""


@dataclass(frozen=True, slots=True)
class Distribution:
    """Counts of one feature in bars.

    Attributes
    ----------
    bars
        The range or the category of each bar. The last one may be "other".
    reference
        ``(n_bars,)`` counts.
    current
        ``(n_periods, n_bars)`` counts.
    missing
        Missing or infinite values: in the reference, then per period.
    new
        Categories among the bars that the reference never saw.
    scale
        ``log`` where the bars of a skewed positive feature grow by a factor, else ``linear``.
    edges
        The inner edges of the bars of numbers: the first bar reaches below all of them, the last one above.
    facts
        Of numbers, the facts of the reference and of all current rows, empty where one of them has no value.
    """

    feature: str
    kind: str
    bars: tuple[str, ...]
    reference: tuple[int, ...]
    current: tuple[tuple[int, ...], ...]
    missing: tuple[int, ...]
    new: tuple[str, ...] = ()
    scale: str = "linear"
    edges: tuple[float, ...] = ()
    facts: tuple[SampleFacts, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return a JSON-safe mapping."""
        return {
            "feature": self.feature,
            "kind": self.kind,
            "bars": list(self.bars),
            "reference": list(self.reference),
            "current": [list(counts) for counts in self.current],
            "missing": list(self.missing),
            "new": list(self.new),
            "scale": self.scale,
            "edges": list(self.edges),
            "facts": [each.to_json() for each in self.facts],
        }

    @classmethod
    def from_json(cls, entry: dict[str, Any]) -> Distribution:
        """Read the mapping of `to_json`."""
        return cls(
            entry["feature"],
            entry["kind"],
            tuple(entry["bars"]),
            tuple(entry["reference"]),
            tuple(tuple(counts) for counts in entry["current"]),
            tuple(entry["missing"]),
            tuple(entry.get("new", ())),
            entry.get("scale", "linear"),
            tuple(entry.get("edges", ())),
            tuple(SampleFacts.from_json(each) for each in entry.get("facts", ())),
        )


def of_profiles(
    reference: FeatureProfile, current: Sequence[FeatureProfile], whole: FeatureProfile | None = None
) -> Distribution | None:
    """Count one feature in the reference's bars, period by period, or return ``None`` when the two cannot be compared.

    Of a text the number of words is counted: no bar shows a text.

    Parameters
    ----------
    whole
        The feature over all periods, of which facts are kept.
    """
    if reference.kind == "text":
        if any("length" not in each.parts for each in current):
            return None
        reference, current, whole = reference.parts["length"], [each.parts["length"] for each in current], None
    kind = type(reference.sample)
    if not reference.sample.n or any(type(each.sample) is not kind for each in current):
        return None
    return _of_samples(reference, [each.sample for each in current], None if whole is None else whole.sample)


def _of_samples(reference: FeatureProfile, parts: Sequence[Sample], whole: Sample | None) -> Distribution:
    sample = reference.sample
    missing = (sample.total - sample.n, *(part.total - part.n for part in parts))
    if not isinstance(sample, NumericSample):
        bars, new, counts = _categories([part for part in (sample, *parts) if isinstance(part, CategorySample)])
        first, *rest = [tuple(int(count) for count in row) for row in counts]
        return Distribution(reference.name, reference.kind, bars, first, tuple(rest), missing, new)
    moments = reference.kind == "datetime"
    edges, scale = binning.display_edges(sample, moments)
    numbers = [part for part in (sample, *parts) if isinstance(part, NumericSample)]
    whole_numbers = not moments and float(edges[-1] - edges[0]) < WIDEST_WHOLE and all(map(_is_whole, numbers))
    if whole_numbers:
        edges = _distinct(edges)
    counts = [binning.counts_up_to(part, edges) for part in numbers]
    if whole_numbers:
        edges = np.floor(edges)
    first, *rest = [tuple(int(count) for count in row) for row in counts]
    return Distribution(
        reference.name,
        reference.kind,
        _whole_ranges(edges) if whole_numbers else _ranges(edges, moments),
        first,
        tuple(rest),
        missing,
        scale=scale,
        edges=tuple(edges.tolist()),
        facts=_facts(sample, whole) if isinstance(whole, NumericSample) and not moments else (),
    )


def _facts(reference: NumericSample, whole: NumericSample) -> tuple[SampleFacts, ...]:
    then, now = SampleFacts.of(reference, reference), SampleFacts.of(whole, reference)
    return () if then is None or now is None else (then, now)


def _is_whole(sample: NumericSample) -> bool:
    """Return whether all values are whole numbers, as far as their ends and their sum show it: counts have no more."""
    found = sample.moments
    if not sample.n:
        return True
    total = found.mean * found.n
    ends = max(abs(found.minimum), abs(found.maximum))
    return (
        ends < LARGEST_WHOLE
        and all(float(value).is_integer() for value in (found.minimum, found.maximum))
        and abs(total - round(total)) <= SUM_ERROR * max(1.0, ends * found.n)
    )


def _distinct(edges: FloatArray) -> FloatArray:
    """Return the edges that part whole numbers: of several without one between them, the last."""
    below = np.floor(edges)
    return np.asarray(edges[np.append(below[1:] > below[:-1], True)], dtype=np.float64)


def _whole_ranges(edges: FloatArray) -> tuple[str, ...]:
    """Return the whole numbers of each bar; the edges are whole."""
    told = [int(edge) for edge in edges]
    inner = (str(high) if high == low + 1 else f"{low + 1} to {high}" for low, high in itertools.pairwise(told))
    return (f"≤ {told[0]}", *inner, f"> {told[-1]}")


def _ranges(edges: FloatArray, moments: bool) -> tuple[str, ...]:
    if moments:
        told = [str(np.datetime64(int(edge), "s")).replace("T", " ")[:16] for edge in edges]
    else:
        # never 0, whose logarithm is infinite
        widest, narrowest = max(np.abs(edges).max(), 1e-300), max(np.diff(edges).min(), 1e-300)
        digits = max(3, int(np.ceil(np.log10(widest) - np.log10(narrowest))) + 1)
        told = [f"{float(f'{edge:.3g}'):g}" for edge in edges]  # 3420, not 3.42e+03
        if len(set(told)) < len(told):
            told = [f"{edge:.{min(digits, 12)}g}" for edge in edges]
    return (f"≤ {told[0]}", *(f"{low} to {high}" for low, high in itertools.pairwise(told)), f"> {told[-1]}")


def _categories(parts: list[CategorySample]) -> tuple[tuple[str, ...], tuple[str, ...], list[IntArray]]:
    """Keep the categories that differ most or are most frequent, and the rest as one bar."""
    known = dict(zip(parts[0].labels, parts[0].counts.tolist()))
    seen: dict[str, int] = {}
    for part in parts[1:]:
        for label, count in zip(part.labels, part.counts.tolist()):
            seen[label] = seen.get(label, 0) + count
    n, m = max(parts[0].n, 1), max(sum(seen.values()), 1)
    ranked = sorted(
        known.keys() | seen.keys(), key=lambda label: (-max(known.get(label, 0) / n, seen.get(label, 0) / m), label)
    )
    kept = ranked[:CATEGORIES]
    # with a rest in the reference, a category may have been in it
    new = tuple(label for label in kept if label not in known and not parts[0].other)
    counts = []
    for part in parts:
        held = dict(zip(part.labels, part.counts.tolist()))
        named = [held.get(label, 0) for label in kept]
        counts.append(
            np.array(
                [*named, part.n - sum(named)] if len(ranked) > len(kept) or parts[0].other else named, dtype=np.int64
            )
        )
    return (*kept, "other")[: len(counts[0])], new, counts


def of_features(reference: Features, current: Observed) -> tuple[Distribution, ...]:
    """Count the features that both sides have in a few bars per period."""
    places = range(len(current.windows))
    names = [name for name in reference if name in current.names]
    whole = current.during(places) if places else {}
    found = [
        of_profiles(reference[name], [current.during([place])[name] for place in places], whole.get(name))
        for name in progress.each(names, "counting distributions", len(names), "features")
    ]
    return tuple(entry for entry in found if entry is not None)
