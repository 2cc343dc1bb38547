"""Times far from all others, such as those of a clock that began in 1970: a report by day does not begin there."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

IntArray = npt.NDArray[np.int64]
MOST_EMPTY = 1_000
"""Periods without a row, beyond which few rows on one side of them are far from the others."""
MOST_SHARE = 0.05
"""Share of the rows that are few."""
LONGEST_GAP = 3_652 * 86_400_000_000
"""Microseconds of ten years. After a gap that is longer, and five times as long as all other rows span, the smaller
half of the rows is far from the larger."""
SPANS = 5
MOST_STEPS = 100
"""Gaps that are looked at, because each takes a pass over all times."""


def stretch(times: IntArray, rows: IntArray, length: int, most: int) -> tuple[int, int]:
    """Return the places of the first time that is not far from the others, and after the last one.

    Parameters
    ----------
    times, rows
        ``(n_times,)`` ascending and different times in microseconds, and how many rows each has.
    length
        Microseconds of a period.
    most
        The number of periods beyond which the times cannot be reported at all.
    """
    low, high, whole, gone = 0, len(times), int(rows.sum()), 0
    for _ in range(MOST_STEPS):
        if high - low < 2:
            break
        gaps = np.diff(times[low:high])
        cut = int(gaps.argmax()) + 1
        sides = (low, low + cut), (low + cut, high)
        counts = [int(rows[slice(*side)].sum()) for side in sides]
        kept = counts[1] > counts[0]
        gone += counts[not kept]
        span = int(times[sides[kept][1] - 1] - times[sides[kept][0]])
        too_long = (times[high - 1] - times[low]) // length >= most
        few = gone <= MOST_SHARE * whole or too_long
        gap = int(gaps[cut - 1])
        if 2 * gone >= whole or not ((few and gap > MOST_EMPTY * length) or gap > max(LONGEST_GAP, SPANS * span)):
            break
        low, high = sides[kept]
    return low, high
