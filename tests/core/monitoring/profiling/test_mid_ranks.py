"""Mid-ranks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import rankdata

from mlops_magics.core.monitoring.profiling.mid_ranks import mid_ranks


@settings(deadline=None)
@given(st.lists(st.floats(allow_nan=False) | st.integers(-3, 3).map(float), max_size=40))
def test_mid_ranks_are_those_of_scipy(values: list[float]) -> None:
    """Equal values share the mean of their ranks, to the last digit of scipy's, infinities and both zeros included."""
    assert mid_ranks(np.array(values, dtype=float)).tolist() == rankdata(np.array(values, dtype=float)).tolist()


@pytest.mark.parametrize("values", [np.zeros(7), np.arange(5)[::-1], np.array([True, False, True])], ids=str)
def test_mid_ranks_of_other_types_and_of_one_value(values: Any) -> None:
    """Integers, booleans and a constant have mid-ranks as well."""
    assert mid_ranks(values).tolist() == rankdata(values).tolist()
