"""The reader of truths and predictions into outcomes: the kind of task, labels by their meaning, and probabilities."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from mlops_magics.core.monitoring.reading.column_values import Column, as_categorical, label_of
from mlops_magics.core.monitoring.scoring import label_text, model_task, written_numbers
from mlops_magics.core.monitoring.scoring.label_text import LabelNames
from mlops_magics.core.monitoring.scoring.model_task import Kind, ModelTask
from mlops_magics.core.monitoring.scoring.outcomes import Asked, Chances, Outcomes, Predictions
from mlops_magics.errors import InvalidInput

FEW_CLASSES = 20
"""Distinct whole numbers up to which they are classes, where no model and no option decides."""
MANY = 0.2
"""Share of the rows of both sides from which labels of one side only are noted."""
ROUNDED = 0.01
"""Distance of a sum of rounded probabilities from 1."""
OF_SIGNS = {"1", "-1"}
"""The classes of outlier detectors, and of some classifiers, among which a truth of 0 and 1 has no place."""
NAMED = 5
"""Labels that a message names."""


def predictions_of(estimate: Column, chances: Chances | None, asked: Asked) -> Predictions:
    """Read predictions without truth.

    Raises
    ------
    InvalidInput
        The positive class is not one of the classes, or the predictions of a regression are words.
    """
    return build(None, estimate, chances, asked).predictions


def build(truth: Column | None, estimate: Column, chances: Chances | None, asked: Asked) -> Outcomes:
    """Read truths and predictions of one output.

    Parameters
    ----------
    truth, estimate
        ``(n_samples,)`` each.
    chances
        The probability of each class.

    Raises
    ------
    InvalidInput
        There are more or fewer truths than predictions, truth and predictions share no label, or the positive class is
        not one of the classes.
    """
    if truth is not None and len(truth) != len(estimate):
        raise InvalidInput(
            f"There are {len(truth)} truths for {len(estimate)} predictions. Give one per row, or join them by "
            f"request id."
        )
    if kind_of(truth, estimate, chances, asked) == "regression":
        return _of_numbers(truth, estimate)
    if chances is None and truth is not None and _is_probability(truth, estimate):
        return _of_probability(truth, estimate, asked)
    return _of_classes(truth, estimate, chances or {}, asked)


def kind_of(truth: Column | None, estimate: Column, chances: Chances | None, asked: Asked) -> Kind:
    """Return the kind of task.

    Given by the user, else recorded with the model, else: probabilities, words, booleans and categories are those of a
    classification. So are whole numbers of an integer type with at most 20 values in truth and predictions (classifiers
    return integers, regressors floats), zeros and ones, minus ones and ones, and values for which a metric of classes
    is requested. Numbers that are written as text are numbers where more than 20 values of which some are fractions
    occur, or a metric of numbers is requested.

    Parameters
    ----------
    truth, estimate
        The columns of truth and prediction.
    chances
        The probabilities, where they are known.
    asked
        The kind, classes and metrics that the user named.
    """
    if asked.kind is not None:
        return asked.kind
    if asked.task is not None:
        return asked.task.kind
    if chances or asked.positive is not None:
        return "classification"
    columns = [column for column in (truth, estimate) if column is not None]
    if any(column.coded for column in columns):
        requested = asked.metric_kind == "regression" and written_numbers.are_numbers(columns)
        return "regression" if requested or _are_written_numbers(truth, estimate) else "classification"
    if asked.metric_kind is not None:
        return asked.metric_kind
    if truth is not None and _is_probability(truth, estimate):
        return "classification"
    classes = all(_few_whole(column) for column in columns)
    return "classification" if classes and (estimate.integral or _of_two(columns)) else "regression"


def _of_numbers(truth: Column | None, estimate: Column) -> Outcomes:
    columns = [column for column in (truth, estimate) if column is not None]
    notes = tuple(note for column in columns for note in written_numbers.words_left_out(column))
    numbers = [written_numbers.numbers(column) for column in columns]
    predictions = Predictions(ModelTask("regression"), numbers[-1], native="number")
    return Outcomes(predictions, numbers[0], np.isfinite(numbers[0]) & np.isfinite(numbers[-1]), notes)


def _of_classes(truth: Column | None, estimate: Column, chances: Chances, asked: Asked) -> Outcomes:
    columns = [as_categorical(column) for column in (truth, estimate) if column is not None]
    known = asked.task.classes if asked.task is not None else ()
    occurring = [_occurring(column) for column in columns]
    answered = [label_of(key) for key in chances]
    names = LabelNames([known, *occurring[:1], *occurring[1:], answered])
    groups = [[names(label) for label in group] for group in (known, answered, *occurring)]
    if not asked.partitions:
        _check_shared(columns, groups[2:], groups[0] or groups[1])
    task = _task_of(groups, asked)
    unknown = dict.fromkeys(label for group in groups[1:] for label in group if label not in task.classes)
    labels = (*task.classes, *label_text.in_order(unknown))
    place = {label: code for code, label in enumerate(labels)}
    codes = [_codes(column, names, place) for column in columns]
    scores = _scores(labels, len(task.classes), label_text.matched(chances, names))
    native = next((column.native for column in columns if column.native != "empty"), "string")
    predictions = Predictions(task, codes[-1], labels, scores, native)
    notes = () if asked.partitions else _notes(known, unknown) or _apart(labels, codes)
    return Outcomes(predictions, codes[0], (codes[0] >= 0) & (codes[-1] >= 0), notes)


def _occurring(column: Column) -> list[str]:
    return [label for label, count in zip(column.labels, column.counts().tolist()) if count]


def _task_of(groups: Sequence[Sequence[str]], asked: Asked) -> ModelTask:
    """Return the task: the recorded one, else that of the labels, where 0 comes with 1 and false with true."""
    if asked.task is not None and asked.task.classes:
        return asked.task.with_positive(asked.positive)
    labels = list(dict.fromkeys(label for group in groups for label in group))
    keys = {label_text.canonical(label) for label in labels}
    if labels and keys < {"0", "1"}:
        words = {label_text.canonical(label): label for label in labels}
        spelled = {"0": "False", "1": "True"} if labels[0] in ("True", "False") else {"0": "0", "1": "1"}
        labels = [words.get(key, spelled[key]) for key in ("0", "1")]
    return model_task.of_classes(labels, asked.positive)


def _check_shared(columns: Sequence[Column], labels: Sequence[Sequence[str]], classes: Sequence[str]) -> None:
    """Refuse truths and predictions without a common label, because a score of 0 would be about their spelling.

    If the classes are known and hold labels of both, all predictions are wrong, and 0 is true.
    """
    if len(columns) < 2 or not all(labels):
        return
    if set(classes) == OF_SIGNS and "0" in labels[0]:
        raise InvalidInput(
            "The model answers 1 and -1, and the truth has 0. Map the truth to these: truth.map({0: -1, 1: 1}) where 1 "
            "is the same class in both, truth.map({0: 1, 1: -1}) where 1 is an outlier, which is -1 for the model."
        )
    if set(labels[0]) & set(labels[1]):
        return
    keys = {label_text.canonical(label) for group in labels for label in group}
    if keys <= {"0", "1"} or (set(labels[0]) & set(classes) and set(labels[1]) & set(classes)):
        return
    shown = [", ".join(map(repr, group[:NAMED])) for group in labels]
    raise InvalidInput(
        f"Truth and predictions have no label in common: the truth has {shown[0]}, the predictions have {shown[1]}. "
        f"Map one to the other first, such as truth.map({{…}})."
    )


def _codes(column: Column, names: LabelNames, place: Mapping[str, int]) -> npt.NDArray[np.int64]:
    # -1, the code of a missing value, reads the last entry
    lookup = np.array([*(place.get(names(label), -1) for label in column.labels), -1], dtype=np.int64)
    return np.asarray(lookup[column.values])


def _scores(labels: Sequence[str], classes: int, chances: Mapping[str, Column]) -> npt.NDArray[np.float64] | None:
    """Return the probabilities in the order of the labels. Of two classes the missing one is the rest."""
    if not chances:
        return None
    held = {label: column.values for label, column in chances.items()}
    absent = [label for label in labels[:classes] if label not in held]
    if classes == 2 and len(absent) == 1 and len(held) == 1:
        held[absent[0]] = 1.0 - next(iter(held.values()))
    elif absent and not _sum_to_one(held.values()):
        return None
    rows = len(next(iter(held.values())))
    nothing = np.zeros(rows)  # a label that the model does not know
    return np.column_stack([held.get(label, nothing) for label in labels])


def _sum_to_one(columns: Iterable[npt.NDArray[Any]]) -> bool:
    """Return whether the probabilities of some classes leave nothing for another one."""
    total = np.sum(list(columns), axis=0)
    total = total[np.isfinite(total)]
    return len(total) > 0 and bool(np.allclose(total, 1, atol=ROUNDED))


def _notes(known: Sequence[str], unknown: Mapping[str, Any]) -> tuple[str, ...]:
    if not known or not unknown:
        return ()
    shown = ", ".join(map(repr, list(unknown)[:NAMED]))
    return (f"{shown}: not among the classes of the model ({', '.join(known[:NAMED])})",)


def _apart(labels: Sequence[str], codes: Sequence[npt.NDArray[np.int64]]) -> tuple[str, ...]:
    """Return a note on labels of many rows that only the truth, or only the predictions have, such as 0 and -1."""
    counts = [np.bincount(side[side >= 0], minlength=len(labels)) for side in codes]
    alone = [counts[0] * (counts[-1] == 0), counts[-1] * (counts[0] == 0)]
    if any(own.sum() <= MANY * max(int(side.sum()), 1) for own, side in zip(alone, (counts[0], counts[-1]))):
        return ()
    truth, estimate = (", ".join(repr(labels[code]) for code in np.flatnonzero(own)[:NAMED]) for own in alone)
    return (
        f"the predictions never have {truth}, and the truth never has {estimate}: if they are the same class, map one "
        f"to the other first",
    )


def _of_probability(truth: Column, estimate: Column, asked: Asked) -> Outcomes:
    """Read a probability as both: the score of the positive class, and the class at one half."""
    found = _of_classes(truth, as_categorical(truth), {}, asked)
    task = found.predictions.task
    if task.positive is None or len(found.labels) > 2:
        raise InvalidInput(
            f"{estimate.name!r} holds probabilities, and it is not known of which class: name it with positive=…."
        )
    chance = estimate.values
    guess = np.where(np.isnan(chance), -1, chance >= 0.5).astype(np.int64)
    known = (found.truth >= 0) & (guess >= 0)
    scores = np.column_stack([1.0 - chance, chance])
    predictions = replace(found.predictions, estimate=guess, scores=scores)
    return replace(found, predictions=predictions, known=known)


def _is_probability(truth: Column, estimate: Column) -> bool:
    """Return whether the predictions are fractions between 0 and 1 and the truths have two labels."""
    if estimate.coded or estimate.kind != "numeric":
        return False
    guesses = estimate.values[np.isfinite(estimate.values)]
    between = len(guesses) > 0 and bool(((guesses >= 0) & (guesses <= 1)).all())
    # zeros and ones alone are labels
    if not between or bool((guesses == np.round(guesses)).all()):
        return False
    if truth.coded:
        return len(_occurring(truth)) <= 2
    return bool(np.isin(truth.values[np.isfinite(truth.values)], (0.0, 1.0)).all())


def _are_written_numbers(truth: Column | None, estimate: Column) -> bool:
    """Return whether truth or prediction are numbers that are written as text, with too many fractions for classes."""
    if truth is None or _is_probability(truth, estimate):
        return False
    if not written_numbers.are_numbers((truth, estimate)):
        return False
    values = np.concatenate([written_numbers.numbers(column) for column in (truth, estimate)])
    values = values[np.isfinite(values)]
    return len(np.unique(values)) > FEW_CLASSES and bool((values != np.round(values)).any())


def _few_whole(column: Column) -> bool:
    present = column.values[np.isfinite(column.values)]
    return bool((present == np.round(present)).all()) and len(np.unique(present)) <= FEW_CLASSES


def _of_two(columns: Sequence[Column]) -> bool:
    """Return whether all numbers are zeros and ones, or all of them minus one and one."""
    values = np.concatenate([column.values[np.isfinite(column.values)] for column in columns])
    return bool(np.isin(values, (0.0, 1.0)).all() or np.isin(values, (-1.0, 1.0)).all())
