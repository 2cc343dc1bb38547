"""The choice of a lane: the fastest whose answers equal the model's own on the example rows and on harder ones."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mlops_magics.core.deploying.lanes.array import array_lane
from mlops_magics.core.deploying.lanes.lane import Lane, OwnLane, seconds_for, values_of
from mlops_magics.core.deploying.layout import Layout, Table

RELATIVE_TOLERANCE = 1e-12
"""Of floats: BLAS itself differs by this much between batch sizes. Labels are compared bit for bit."""

logger = logging.getLogger(__name__)

CANDIDATES: tuple[Callable[[Any, str, Layout], Lane | None], ...] = (array_lane,)
"""The fastest first."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The lane that was taken, why, and how long it takes for one row (seconds; 0 where there was no row to try)."""

    lane: Lane
    reason: str
    seconds: float


def choose(model: Any, method: str, layout: Layout, trial: Table | None, *, exact: bool = False) -> Choice:
    """Take the first faster lane that is proven on ``trial``, else the model's own.

    Parameters
    ----------
    trial
        Rows to prove equality on; without any nothing can be proven.
    exact
        Take no faster lane.
    """
    own = OwnLane(model, method)
    if trial is None:
        return Choice(own, "no example rows to prove a faster way on", 0.0)
    single = first_row(trial)
    if not exact:
        for candidate in CANDIDATES:
            lane = candidate(model, method, layout)
            if lane is not None and equal(own, lane, (trial, single)):
                return Choice(lane, f"equal to the frame on {trial.n_rows} rows", seconds_for(lane, single))
    return Choice(
        own, "exact answers were asked for" if exact else "no faster way is proven equal", _seconds(own, single)
    )


def first_row(table: Table) -> Table:
    """Return the first row alone."""
    if table.matrix is not None:
        return Table(table.layout, None, table.matrix[:1])
    return Table(table.layout, [column[:1] for column in table.columns])


def equal(own: Lane, other: Lane, tables: Sequence[Table]) -> bool:
    """Tell whether two lanes answer alike: labels bit for bit, floats to `RELATIVE_TOLERANCE`, no new warning."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            expected = [values_of(own(table)) for table in tables]
            warnings.simplefilter("error")
            found = [values_of(other(table)) for table in tables]
    except Exception as error:  # a faster way that fails is simply not taken, whatever the library raised
        logger.info("the %s lane is not taken: %s", other.name, error)
        return False
    return all(_alike(a, b) for a, b in zip(expected, found))


def _alike(expected: Any, found: Any) -> bool:
    one, other = np.asarray(expected), np.asarray(found)
    if one.shape != other.shape or one.dtype.kind != other.dtype.kind:
        return False
    if one.dtype.kind == "f":
        return bool(np.allclose(one, other, rtol=RELATIVE_TOLERANCE, atol=1e-15, equal_nan=True))
    return bool(np.array_equal(one, other))


def _seconds(lane: Lane, table: Table) -> float:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return seconds_for(lane, table)
    except Exception as error:  # the example row may be the one that the model cannot answer; a request will say so
        logger.info("the example row has no answer: %s", error)
        return 0.0
