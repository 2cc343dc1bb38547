"""Bytes as people read them."""

from __future__ import annotations

import pytest

from mlops_magics.core.sizes import readable_size


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (0, "0 B"),
        (5, "5 B"),
        (999, "999 B"),
        (999.6, "1 kB"),
        (1_000, "1 kB"),
        (12_345, "12.3 kB"),
        (999_999, "1 MB"),
        (3e8, "300 MB"),
        (1.5e15, "1.5e+03 TB"),
    ],
)
def test_a_size_has_three_digits_and_the_largest_unit(size: float, words: str) -> None:
    """Rounding never leaves a thousand of a unit where the next one exists."""
    assert readable_size(size) == words
