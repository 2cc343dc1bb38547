"""Held-out rows that no run sees: split off before it begins, by time, by group, or at random with a seed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from mlops_magics.core import phrases
from mlops_magics.core.retraining.champion_challenger.promotion_rule import FEWEST_ROWS
from mlops_magics.errors import InvalidInput, NotFound

if TYPE_CHECKING:
    import pandas as pd

SHARE = 0.2
"""Share of the new rows."""
FEWEST_CLASSES = 2
Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class HoldOut:
    """The method by which rows are held out.

    Attributes
    ----------
    share
        A share between 0 and 1, or a number of rows from 1 on.
    time
        The column whose last values are held out. No rows of one moment are on both sides.
    group
        The column whose values stay together.
    seed
        Of the choice at random, where neither a time nor a group is given.
    """

    share: float = SHARE
    time: str | None = None
    group: str | None = None
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Cut:
    """Positions of the rows on both sides, in the order of the frame, and the method of their choice."""

    training: Rows
    held_out: Rows
    text: str


def cut(frame: pd.DataFrame, how: HoldOut) -> Cut:
    """Hold rows out.

    Raises
    ------
    InvalidInput, NotFound
        The share is not valid, a column does not exist, or one side would be empty.
    """
    count = _count(len(frame), how.share)
    for name in (how.time, how.group):
        if name is not None and name not in frame.columns:
            raise NotFound("column", name, [str(each) for each in frame.columns])
    if how.group is not None:
        held, text = _by_group(frame[how.group], count, how.seed), f"whole groups of {how.group}"
    elif how.time is not None:
        held, text = _by_time(frame[how.time], count), f"the last by {how.time}"
    else:
        held = np.sort(np.random.default_rng(how.seed).permutation(len(frame))[:count])
        text = f"chosen at random, seed {how.seed}"
    training = np.setdiff1d(np.arange(len(frame)), held)
    if not len(training) or not len(held):
        other = "another --hold-out" if how.group is None else "a --group of more values"
        raise InvalidInput(
            f"Of {len(frame):,} rows, {len(held):,} would be held out and {len(training):,} would be left to learn "
            f"from. Give more rows, or {other}."
        )
    return Cut(training, held, f"{len(held):,} of {len(frame):,} rows, {text}")


def check_held_out(truth: Any, fewest: int = FEWEST_ROWS) -> None:
    """Refuse held-out rows that cannot decide anything.

    Raises
    ------
    InvalidInput
        There are too few of them, or only one class among them.
    """
    import pandas as pd

    values = pd.Series(truth)
    if len(values) < fewest:
        raise InvalidInput(
            f"{phrases.counted(len(values), 'row')} with truth would be held out, and at least {fewest} are needed to "
            "compare the models. Give more rows, or a larger --hold-out."
        )
    if values.nunique() < FEWEST_CLASSES:
        only = values.iloc[0]
        plain = only.item() if hasattr(only, "item") else only
        raise InvalidInput(
            f"The truth of every held-out row is {plain!r}, so the models cannot be compared. Give more rows, or hold "
            "them out by another column."
        )


def _count(rows: int, share: float) -> int:
    if not share > 0:
        raise InvalidInput(f"--hold-out is a share such as 0.2 or a number of rows such as 500, not {share}.")
    return min(int(share), rows) if share >= 1 else int(np.ceil(rows * share))


def _by_time(values: Any, count: int) -> Rows:
    """Return the rows from the moment on at which the last ``count`` rows begin. Rows without a time are not held."""
    import pandas as pd

    try:
        # as UTC: offsets differ within a column, as before and after a change of the clocks
        moments = values if pd.api.types.is_numeric_dtype(values) else pd.to_datetime(values, utc=True)
    except (ValueError, TypeError) as fault:
        raise InvalidInput(f"The column {values.name!r} does not hold times: {str(fault)[:120]}") from fault
    ordered = moments.dropna().sort_values(kind="stable")
    if len(ordered) < count or not count:
        raise InvalidInput(f"Only {len(ordered):,} rows have a time in {values.name!r}, and {count:,} are held out.")
    # by the value and not by the place: rows of one moment are all held out, or some of them would be learned from
    first = ordered.iloc[-count]
    return np.flatnonzero((moments >= first).to_numpy())


def _by_group(values: Any, count: int, seed: int) -> Rows:
    """Return whole groups, in an order by the seed, until enough rows are held out."""
    import pandas as pd

    # rows without a group are a group of their own: the sentinel -1 would be refused by bincount
    codes, labels = pd.factorize(values, use_na_sentinel=False)
    sizes = np.bincount(codes, minlength=len(labels))
    order = np.random.default_rng(seed).permutation(len(labels))
    needed = int(np.searchsorted(np.cumsum(sizes[order]), count)) + 1
    return np.flatnonzero(np.isin(codes, order[:needed]))
