"""The two models of a comparison, with their predictions in one coding."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mlops_magics.core.answers import Answers
from mlops_magics.core.monitoring.reading import tables
from mlops_magics.core.monitoring.scoring import outcome_reader
from mlops_magics.core.monitoring.scoring.metric_rows import MetricRows
from mlops_magics.core.monitoring.scoring.model_task import Task
from mlops_magics.core.monitoring.scoring.outcomes import Asked, Outcomes
from mlops_magics.core.versioning import ModelVersion
from mlops_magics.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class Contestant:
    """A version with its model."""

    version: ModelVersion
    model: Any

    def rows(self, frame: Any) -> Any:
        """Return the features as the model takes them.

        Raises
        ------
        InvalidInput
            A feature is missing.
        """
        prototype = self.version.prototype
        if prototype is None:
            return frame
        missing = [name for name in prototype.names if name not in frame.columns]
        if missing:
            raise InvalidInput(f"The held-out rows lack {missing[0]!r}, which {self.version.ref} reads.")
        chosen = frame[list(prototype.names)]
        return chosen.to_numpy() if prototype.input_kind == "array" else chosen


@dataclass(frozen=True, slots=True)
class Sides:
    """Truths and the predictions of both models, in one coding.

    Attributes
    ----------
    rows
        Rows whose truth is known, ``(n_known,)``, as places in the held-out rows.
    champion, challenger
        Predictions of each.
    """

    task: Task
    truth: Any
    champion: MetricRows
    challenger: MetricRows
    rows: Any

    def reads(self, kind: str) -> tuple[Any, Any] | None:
        """Return the input of a metric from each model, or None where one of them has no probabilities."""
        sides = (self.champion, self.challenger)
        if kind != "scores":
            return sides[0].estimate, sides[1].estimate
        if any(each.scores is None for each in sides):
            return None
        both = [each.of_positive() if each.binary else each.scores for each in sides]
        return both[0], both[1]


def sides_of(answers: Sequence[Answers], truth: Any) -> Sides:
    """Code truths and predictions of both models alike: both outcomes are joined, coded, and split again."""
    count = len(answers[0].predicted)
    found = _outcomes(answers, truth, count)
    # the same rows for both: a row that one of them cannot be scored on has no partner
    known = np.flatnonzero(found.known[:count] & found.known[count:])
    cut = [MetricRows.of(found, known + start) for start in (0, count)]
    return Sides(found.task, cut[0].truth, cut[0], cut[1], known)


def _outcomes(answers: Sequence[Answers], truth: Any, count: int) -> Outcomes:
    import pandas as pd

    # joined before they are coded: each model alone may have met fewer classes, and would number them otherwise
    both_truth = tables.column_of("truth", pd.concat([pd.Series(truth).reset_index(drop=True)] * 2, ignore_index=True))
    guesses = [pd.Series(np.asarray(each.predicted).reshape(count, -1)[:, 0]) for each in answers]
    both_guess = tables.column_of("prediction", pd.concat(guesses, ignore_index=True))
    chances = [each.by_label for each in answers]
    probabilities = None
    if all(each is not None for each in chances):
        known = [each for each in chances if each is not None]
        labels = dict.fromkeys(label for each in known for label in each)
        probabilities = {
            label: tables.column_of("probability", np.concatenate([each.get(label, np.zeros(count)) for each in known]))
            for label in labels
        }
    regression = all(each.classifies is False for each in answers) and not both_truth.coded
    asked = Asked(kind="regression" if regression else None)
    return outcome_reader.build(both_truth, both_guess, None if regression else probabilities, asked)
