"""The task of a model: classification with its classes and the positive one, or regression."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from mlops_magics.core.monitoring.reading.column_values import Column, as_categorical, label_of
from mlops_magics.core.monitoring.scoring.label_text import LabelNames, in_order, usual_positive
from mlops_magics.errors import InvalidInput

Kind = Literal["classification", "regression"]
Task = Literal["binary", "multiclass", "regression"]
KINDS: tuple[Kind, ...] = ("classification", "regression")
FACT = "task"
"""The fact of a reference profile that holds the task of its model."""
SINGLE_OUTPUT = 1


@dataclass(frozen=True, slots=True)
class ModelTask:
    """The kind of task of a model.

    Attributes
    ----------
    classes
        The labels of a classification in their order. Two of them are the negative and the positive one. Empty where
        they are not known.
    positive
        The positive class, or ``None`` for a regression, and where no rule names it.
    outputs
        The names of several outputs, empty for one.
    """

    kind: Kind
    classes: tuple[str, ...] = ()
    positive: str | None = None
    outputs: tuple[str, ...] = ()

    @property
    def task(self) -> Task:
        """The task as metrics distinguish it."""
        if self.kind == "regression":
            return "regression"
        return "binary" if len(self.classes) <= 2 else "multiclass"

    def to_json(self) -> dict[str, Any]:
        """Return a JSON-safe mapping."""
        return {
            "kind": self.kind,
            "classes": list(self.classes),
            "positive": self.positive,
            "outputs": list(self.outputs),
        }

    @classmethod
    def from_json(cls, entry: Mapping[str, Any] | None) -> ModelTask | None:
        """Read the mapping of `to_json`, or ``None`` for a version that was pinned without it."""
        if not entry or entry.get("kind") not in KINDS:
            return None
        classes, outputs = (tuple(map(str, entry.get(key) or ())) for key in ("classes", "outputs"))
        return cls(entry["kind"], classes, entry.get("positive"), outputs)

    def with_positive(self, positive: Any) -> ModelTask:
        """Return the task with another positive class.

        Raises
        ------
        InvalidInput
            The task is a regression, or the class is not one of its classes.
        """
        if positive is None:
            return self
        if self.kind == "regression":
            raise InvalidInput(f"A regression has no positive class: leave positive={positive!r} out.")
        named = LabelNames([self.classes])(positive)
        if self.classes and named not in self.classes:
            known = ", ".join(map(repr, self.classes))
            raise InvalidInput(f"{positive!r} is not one of the classes: {known}.")
        return replace(self, classes=_with_last(self.classes, named), positive=named)

    def in_words(self) -> str:
        """Return one line for a person: classification of no, yes (positive: yes)."""
        if self.kind == "regression" or not self.classes:
            return self.kind
        named = ", ".join(self.classes[:6]) + (f" and {len(self.classes) - 6} more" if len(self.classes) > 6 else "")
        return f"{self.kind} of {named}" + (f" (positive: {self.positive})" if self.positive is not None else "")


def of_classes(labels: Sequence[Any], positive: Any = None, *, ordered: bool = False) -> ModelTask:
    """Return the task of a classification.

    Parameters
    ----------
    labels
        The classes, of any type.
    positive
        The positive class, by default, of two classes, the one whose word is positive (``fraud`` against ``ok``), the
        larger of two numbers, or, of a model's classes, the second one.
    ordered
        Whether the order is a model's own (``classes_``).

    Raises
    ------
    InvalidInput
        The positive class is not one of the classes.
    """
    names = list(dict.fromkeys(label if isinstance(label, str) else label_of(label) for label in labels))
    classes = tuple(names if ordered else in_order(names))
    if positive is not None:
        return ModelTask("classification", classes).with_positive(positive)
    chosen = usual_positive(classes)
    if chosen is None and ordered and len(classes) == 2:
        chosen = classes[1]
    return ModelTask("classification", _with_last(classes, chosen), chosen)


def _with_last(classes: tuple[str, ...], positive: str | None) -> tuple[str, ...]:
    """Put the positive one of two classes last, where metrics of two classes read it."""
    if len(classes) != 2 or positive not in classes or classes[1] == positive:
        return classes
    return classes[1], classes[0]


def of_model(classes: Sequence[Any] | None, classifies: bool | None, truth: Column | None, positive: Any) -> ModelTask:
    """Return the task of a model when it is pinned.

    Parameters
    ----------
    classes
        The model's ``classes_``.
    classifies
        Whether it declares itself a classifier, or ``None`` where it declares nothing.
    truth
        The target of the training data.
    positive
        As in `of_classes`.

    Raises
    ------
    InvalidInput
        The positive class is not one of the classes.
    """
    if classes is not None:
        return of_classes(list(classes), positive, ordered=True)
    if classifies is None:
        classifies = positive is not None or (truth is not None and truth.coded)
    if not classifies:
        return ModelTask("regression").with_positive(positive)
    held = as_categorical(truth) if truth is not None else None
    labels = [label for label, count in zip(held.labels, held.counts()) if count] if held is not None else []
    return of_classes(labels, positive)
