"""Bars of whole numbers hold whole numbers: an axis of ages has no 18.4, and no bar is empty by its width."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mlops_magics.core.monitoring.profiling import samples
from mlops_magics.core.monitoring.profiling.feature_profile import FeatureProfile
from mlops_magics.core.monitoring.reporting import histograms

DIGITS = np.resize(np.arange(10), 400)


def bars_of(reference: Any, current: Any) -> histograms.Distribution:
    """Return the bars of one feature in one period."""
    then, now = samples.sort_numbers(np.asarray(reference, float)), samples.sort_numbers(np.asarray(current, float))
    found = histograms._of_samples(FeatureProfile("x", "number", "float64", then), [now], now)
    assert sum(found.reference) == then.n
    assert sum(found.current[0]) == now.n
    return found


def test_each_whole_number_has_a_bar() -> None:
    """Few whole numbers have a bar each, as many rows as there are of it."""
    found = bars_of(DIGITS, DIGITS + 1)

    assert found.bars == ("≤ 0", *map(str, range(1, 10)), "> 9")
    assert found.reference == (40,) * 10 + (0,)
    assert found.current[0] == (0,) + (40,) * 10


@pytest.mark.parametrize("reference", [np.arange(18, 90), np.arange(-300, 301, 7), [0, 1], [5, 5], [1, 1, 1, 1, 900]])
def test_bars_of_whole_numbers_are_labelled_by_whole_numbers(reference: Any) -> None:
    """Edges are whole, ascending, and no label has a fraction."""
    found = bars_of(np.resize(reference, 500), reference)

    assert all(edge == int(edge) for edge in found.edges)
    assert list(found.edges) == sorted(set(found.edges))
    assert "." not in "".join(found.bars)


@pytest.mark.parametrize(
    ("reference", "current"), [(DIGITS / 2, DIGITS), (DIGITS, DIGITS + 0.25), (DIGITS, [0, 2.5, 3.1, 9])]
)
def test_fractions_on_either_side_keep_the_exact_edges(reference: Any, current: Any) -> None:
    """A bar is labelled by whole numbers only where then and now have nothing else."""
    assert any("." in label for label in bars_of(reference, current).bars)
