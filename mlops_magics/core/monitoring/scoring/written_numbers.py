"""Numbers that are written as text, and the words among them."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from mlops_magics.core.monitoring.reading.column_values import Column
from mlops_magics.core.monitoring.scoring import label_text
from mlops_magics.core.phrases import counted
from mlops_magics.errors import InvalidInput


def words_left_out(column: Column) -> tuple[str, ...]:
    """Return a note on the words among the numbers of a regression: one client's typing error is not all truths'.

    Raises
    ------
    InvalidInput
        More than half of the values are words.
    """
    words = _words(column)
    if not words:
        return ()
    left, first = sum(words.values()), next(iter(words))
    if left > column.counts().sum() / 2:
        raise InvalidInput(
            f"{column.name!r} holds the word {first!r}, and a regression needs numbers. For classes: "
            f"kind='classification'."
        )
    verbs = ("is not a number", "It is") if left == 1 else ("are not numbers", "They are")
    return (f"{counted(left, 'value')} of {column.name!r} {verbs[0]} (such as {first!r}). {verbs[1]} left out",)


def _words(column: Column) -> dict[str, int]:
    """Return the labels of a column that are not numbers, with their rows."""
    held = zip(column.labels, column.counts().tolist()) if column.coded else ()
    return {label: count for label, count in held if count and not is_number(label)}


def numbers(column: Column) -> npt.NDArray[np.float64]:
    """Return numbers, those that are written as text too, with NaN for words."""
    if not column.coded:
        return np.asarray(column.values, dtype=np.float64)
    values = [float(label_text.canonical(label)) if is_number(label) else np.nan for label in column.labels]
    # -1, the code of a missing value, reads the NaN at the end
    return np.asarray(np.array([*values, np.nan])[column.values])


def is_number(label: str) -> bool:
    """Return whether a label is a number."""
    try:
        float(label_text.canonical(label))
    except ValueError:
        return False
    return True


def are_numbers(columns: Iterable[Column]) -> bool:
    """Return whether all labels of columns are numbers that are written as text."""
    return not any(map(_words, columns))
