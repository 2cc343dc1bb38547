"""Small histograms for the eye: the same bins for reference and current, per period; never a row."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mlops_magics.core.monitoring.profiling import derived_features as texts
from mlops_magics.core.monitoring.profiling import samples
from mlops_magics.core.monitoring.profiling.profiler import FeatureProfile
from mlops_magics.core.monitoring.profiling.samples import CategorySample, NumericSample, Sample
from mlops_magics.core.monitoring.reading.column_values import Column, FloatArray, IntArray
from mlops_magics.core.monitoring.reading.periods import Period
from mlops_magics.core.monitoring.statistics import binning

BARS = 20
TAIL = 0.005  # of the reference on either side goes into the outermost bars: one outlier must not flatten the rest
CATEGORIES = 12
CROWDED = 0.1  # a median this near to the lower end of the bars (in shares of their width) leaves most of them empty
MANIFOLD = 50.0  # the upper end over the lower one, from which on bars may grow by a factor


@dataclass(frozen=True, slots=True)
class Distribution:
    """Counts of one feature in bars.

    Attributes
    ----------
    bars
        What each bar stands for: a range or a category; the last one may be "other".
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
    """

    feature: str
    kind: str
    bars: tuple[str, ...]
    reference: tuple[int, ...]
    current: tuple[tuple[int, ...], ...]
    missing: tuple[int, ...]
    new: tuple[str, ...] = ()
    scale: str = "linear"

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
        }

    @classmethod
    def from_json(cls, entry: dict[str, Any]) -> Distribution:
        """Read what `to_json` gave."""
        return cls(
            entry["feature"],
            entry["kind"],
            tuple(entry["bars"]),
            tuple(entry["reference"]),
            tuple(tuple(counts) for counts in entry["current"]),
            tuple(entry["missing"]),
            tuple(entry.get("new", ())),
            entry.get("scale", "linear"),
        )


def of_feature(reference: FeatureProfile, column: Column, windows: Sequence[Period]) -> Distribution | None:
    """Count one feature into bars that the reference sets; ``None`` when the two cannot be compared.

    Of a text the words are counted: no bar shows what somebody wrote.
    """
    if reference.kind == "text" and column.coded:
        reference, column = reference.parts["length"], texts.length(column)
    if not reference.sample.n or column.coded != isinstance(reference.sample, CategorySample):
        return None
    return _of_samples(reference, [samples.of_column(column.take(window.rows)) for window in windows])


def of_counts(reference: FeatureProfile, current: Sequence[FeatureProfile]) -> Distribution | None:
    """Return the same bars from what was counted in each period."""
    if reference.kind == "text":
        if any("length" not in each.parts for each in current):
            return None
        reference, current = reference.parts["length"], [each.parts["length"] for each in current]
    kind = type(reference.sample)
    if not reference.sample.n or any(type(each.sample) is not kind for each in current):
        return None
    return _of_samples(reference, [each.sample for each in current])


def _of_samples(reference: FeatureProfile, parts: Sequence[Sample]) -> Distribution:
    sample = reference.sample
    missing = (sample.total - sample.n, *(part.total - part.n for part in parts))
    scale = "linear"
    if isinstance(sample, NumericSample):
        edges, scale = display_edges(sample, reference.kind == "datetime")
        counts = [_bars(part, edges) for part in (sample, *parts) if isinstance(part, NumericSample)]
        bars: tuple[str, ...] = _ranges(edges, reference.kind == "datetime")
        new: tuple[str, ...] = ()
    else:
        bars, new, counts = _categories([part for part in (sample, *parts) if isinstance(part, CategorySample)])
    whole = [tuple(int(count) for count in row) for row in counts]
    return Distribution(reference.name, reference.kind, bars, whole[0], tuple(whole[1:]), missing, new, scale)


def display_edges(reference: NumericSample, moments: bool = False) -> tuple[FloatArray, str]:
    """Return the inner edges of bars between the reference's outer quantiles, and how they grow.

    ``linear``: all are equally wide. ``log``: each is wider than the one before by the same factor, where equal ones
    would show a positive, skewed feature in one or two bars.
    """
    low, middle, high = binning.quantiles(reference, np.array([TAIL, 0.5, 1 - TAIL]))
    if not high > low:
        return np.array([low - 0.5, low + 0.5]), "linear"
    crowded = middle - low < CROWDED * (high - low)
    if not moments and reference.moments.minimum > 0 and high > MANIFOLD * low and crowded:
        return np.geomspace(low, high, BARS - 1), "log"
    return binning.evenly(float(low), float(high), BARS - 1), "linear"


def _bars(sample: NumericSample, edges: FloatArray) -> IntArray:
    return binning.counts_up_to(sample, edges)


def _ranges(edges: FloatArray, moments: bool) -> tuple[str, ...]:
    if moments:
        told = [str(np.datetime64(int(edge), "s")).replace("T", " ")[:16] for edge in edges]
    else:
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
