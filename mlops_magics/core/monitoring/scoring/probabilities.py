"""The probability of each class, from columns of the table or of the log, an array, a frame, or a mapping."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from mlops_magics.core import log_columns
from mlops_magics.core.monitoring.reading import tables
from mlops_magics.core.monitoring.reading.column_values import Column, as_categorical, label_of
from mlops_magics.core.monitoring.reading.tables import Table
from mlops_magics.core.monitoring.scoring import label_text, model_task
from mlops_magics.core.monitoring.scoring.label_text import LabelNames
from mlops_magics.core.monitoring.scoring.outcomes import Asked, Chances
from mlops_magics.errors import InvalidInput

PROBABILITY_WORDS = frozenset({"p", "prob", "probs", "proba", "probability", "probabilities", "class", "chance"})
"""Words of a column's name after which a digit is a class."""


def column_named(table: Table, given: Any, role: str) -> Column:
    """Return a column by name, or values as a column.

    Raises
    ------
    InvalidInput
        The column does not exist.
    """
    given = tables.name_of(table, given)
    if not isinstance(given, str):
        return tables.column_of(role, given)
    if given not in table.names:
        raise InvalidInput(f"No column {given!r} of the {role} exists. Columns: {', '.join(table.names[:12])}.")
    return table.column(given)


def check_columns(table: Table, given: Any) -> None:
    """Raise `InvalidInput` for the name of a column of probabilities that the rows do not have.

    Raises
    ------
    InvalidInput
    """
    named = tables.name_of(table, given) if not isinstance(given, Mapping) else list(given.values())
    for each in [named] if isinstance(named, str) else named if isinstance(named, list) else []:
        if isinstance(each, str) and each not in table.names:
            column_named(table, each, "probability")


def chances_of(table: Table, given: Any, asked: Asked, answers: Sequence[Column]) -> Chances | None:
    """Return the probability of each class.

    Parameters
    ----------
    given
        ``None`` for the columns of the prediction log, the name of a column with the probability of the positive class,
        a mapping of labels (of any type) to columns or values, a frame with a column for each class, names of such
        columns, or an array: ``(n_samples,)`` of the positive class, ``(n_samples, n_classes)`` in the order of the
        classes.
    answers
        Truths and predictions, from which the classes are read where no model names them.

    Raises
    ------
    InvalidInput
        The class of a column is not known, one column is given for more than two classes, or values are not numbers.
    """
    if given is None:
        prefix = log_columns.PROBABILITY
        held = {name.removeprefix(prefix): table.column(name) for name in table.names if name.startswith(prefix)}
        return held or None
    given = list(given) if isinstance(given, Iterator) else tables.name_of(table, given)
    if (
        isinstance(given, (list, tuple))
        and given
        and all(isinstance(each, str) and each in table.names for each in given)
    ):
        given = {name: name for name in given}
    if isinstance(given, Mapping):
        named = {label: column_named(table, values, "probability") for label, values in given.items()}
        return _by_class(_of_every_row(named, answers), asked, answers)
    if hasattr(given, "columns") and not isinstance(given, str):
        frame = tables.read(given)
        labels = list(getattr(given, "column_names", given.columns))
        named = {label: frame.column(name) for label, name in zip(labels, frame.names)}
        return _by_class(_of_every_row(named, answers), asked, answers)
    return _of_every_row(_of_values(table, given, asked, answers), answers)


def _of_values(table: Table, given: Any, asked: Asked, answers: Sequence[Column]) -> Chances:
    """Read a column by name, or an array."""
    if isinstance(given, str):
        return _of_one(column_named(table, given, "probability"), asked, answers)
    try:
        values = np.asarray(given, dtype=np.float64)
    except (TypeError, ValueError) as fault:
        raise InvalidInput(
            f"These probabilities are not numbers ({fault}): give a column's name, a mapping of labels to columns, or "
            f"an array (n_samples, n_classes)."
        ) from fault
    if values.ndim == 2 and values.shape[1] > 1:
        return _of_matrix(values, asked, answers)
    name = getattr(given, "name", None)  # of a Series
    return _of_one(
        tables.column_of(name if isinstance(name, str) else "probabilities", np.ravel(values)), asked, answers
    )


def _of_every_row(chances: Chances, answers: Sequence[Column]) -> Chances:
    rows = {len(column) for column in answers}
    for column in chances.values():
        if rows and len(column) not in rows:
            raise InvalidInput(f"There are {len(column)} probabilities for {min(rows)} rows; give one per row.")
    return chances


def _by_class(chances: Chances, asked: Asked, answers: Sequence[Column]) -> Chances | None:
    """Return the probabilities by class, also where a column's name only ends with it: ``proba_yes`` and ``proba_no``.

    Raises
    ------
    InvalidInput
        No column is named as a class.
    """
    classes = _classes(asked, answers)
    names = LabelNames([classes])
    if not chances or not classes or any(names(label) in classes for label in chances):
        return chances or None
    if len(chances) == len(classes) and [label_of(label) for label in chances] == [str(k) for k in range(len(chances))]:
        return dict(zip(_in_columns(asked, classes), chances.values()))
    ends = {label: _class_at_the_end(label_of(label), names, classes) for label in chances}
    if all(ends.values()) and len(set(ends.values())) == len(ends):
        return {ends[label]: column for label, column in chances.items()}
    shown, first = ", ".join(map(repr, list(chances)[:5])), next(iter(chances))
    raise InvalidInput(
        f"The columns of probabilities are {shown}, and the classes are {', '.join(classes[:5])}: name the class of "
        f"each, probabilities={{{classes[0]!r}: {first!r}, …}}."
    )


def _in_columns(asked: Asked, classes: Sequence[str]) -> list[str]:
    """Return the classes in the order of a model's columns: its own, or sorted as scikit-learn sorts them."""
    own = asked.task is not None and asked.task.classes
    return list(classes) if own or len(classes) != 2 else label_text.in_order(classes)


def _class_at_the_end(name: str, names: LabelNames, classes: Sequence[str]) -> str:
    """Return the class that ends a name after a mark that separates words, the longest one, or an empty text."""
    ends = (names(name[mark.end() :]) for mark in re.finditer(r"[\W_]", name))
    return next((each for each in ends if each in classes), "")


def _of_one(chance: Column, asked: Asked, answers: Sequence[Column]) -> Chances:
    """Return the probability of the positive class of two, or of the only label that occurred."""
    classes = _classes(asked, answers)
    if len(classes) > 2:
        raise InvalidInput(
            f"{chance.name!r} is the probability of one class of two, and there are {len(classes)} "
            f"({', '.join(classes[:5])}): name a column for each, probabilities={{{classes[0]!r}: …}}."
        )
    task = asked.task if asked.task is not None and asked.task.classes else model_task.of_classes(classes)
    named = _class_in_its_name(chance.name, classes)
    if named:
        return {named: chance}
    if asked.positive is not None:
        return {label_of(asked.positive): chance}
    if task.positive is None and len(classes) == 2:
        raise InvalidInput(
            f"{chance.name!r} is the probability of one of the classes {classes[0]!r} and {classes[1]!r}: name "
            f"it, positive={classes[1]!r}."
        )
    return {task.positive if task.positive is not None else classes[0] if classes else "1": chance}


def _class_in_its_name(name: str, classes: Sequence[str]) -> str:
    """Return the class that the name of a column says, or an empty text: ``no``, ``p_no``, ``proba_0``.

    A digit after another word, such as ``model_0``, may count something else.
    """
    names = LabelNames([classes])
    if names(name) in classes:
        return names(name)
    found = _class_at_the_end(name, names, classes)
    words = re.split(r"[\W_]+", name.casefold())
    return found if not words[-1].isdigit() or {*words[:-1]} & PROBABILITY_WORDS else ""


def _of_matrix(values: Any, asked: Asked, answers: Sequence[Column]) -> Chances:
    classes = _in_columns(asked, _classes(asked, answers))
    if values.shape[1] != len(classes):
        raise InvalidInput(
            f"There are {values.shape[1]} columns of probabilities for {len(classes)} classes "
            f"({', '.join(classes[:5])}): name the class of each, probabilities={{label: values}}."
        )
    return {label: tables.column_of("probability", values[:, place]) for place, label in enumerate(classes)}


def _classes(asked: Asked, answers: Sequence[Column]) -> list[str]:
    """Return the classes of a model, else the labels of truths and predictions. 0 comes with 1."""
    if asked.task is not None and asked.task.classes:
        return list(asked.task.classes)
    coded = [as_categorical(column) for column in answers]
    held = [[label for label, n in zip(column.labels, column.counts().tolist()) if n] for column in coded]
    names = LabelNames(held)
    found = label_text.in_order(dict.fromkeys(names(label) for group in held for label in group))
    keys = {label_text.canonical(label) for label in found}
    if found and keys < {"0", "1"}:
        return ["False", "True"] if found[0] in ("True", "False") else ["0", "1"]
    return found
