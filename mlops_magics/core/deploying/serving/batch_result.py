"""Asking the model once for several questions, and dealing its values out again."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from mlops_magics.core.deploying.contract.http_error import UNPROCESSABLE, Refusal, problem
from mlops_magics.errors import MlopsError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from mlops_magics.core.deploying.contract.http_messages import Answer
    from mlops_magics.core.deploying.serving.loaded_model import Serving
    from mlops_magics.core.deploying.serving.prediction_request import Question
    from mlops_magics.core.deploying.validation.layout import Table

LONGEST_WARNING = 1000
LONGEST_REASON = 200

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Outcome:
    """What the model said to the questions of one batch, all of one version and method."""

    questions: Sequence[Question]
    table: Table
    values: Any
    outside: npt.NDArray[np.bool_] | None
    """The values outside the training range, ``(n_rows, n_columns)``."""

    def answers(self) -> Iterator[tuple[Question, Answer]]:
        """Yield each question with its written answer, in order."""
        start = 0
        for question in self.questions:
            end = start + question.n_rows
            yield question, question.answer(self.values[start:end], self._warnings(start, end))
            start = end

    def latencies(self) -> list[float]:
        """Return milliseconds from the end of each request to now."""
        now = time.perf_counter()
        return [1000 * (now - question.started) for question in self.questions]

    def _warnings(self, start: int, end: int) -> str:
        if self.outside is None or not self.outside[start:end].any():
            return ""
        told = "; ".join(self.questions[0].serving.check.warnings(self.outside[start:end]))
        return quote(told, safe=" :;,.[]()+-_=/'")[:LONGEST_WARNING]


def ask_all(
    serving: Serving, method: str, batch: Sequence[Question]
) -> tuple[list[Outcome], list[tuple[Question, Exception]]]:
    """Ask once for all; when that fails, ask for each, so that an error stays with the request that caused it."""
    if not batch:
        return [], []
    try:
        return [_asked(serving, method, batch)], []
    except Exception as error:  # whatever a model raises belongs to its request
        if len(batch) == 1:
            return [], [(batch[0], _told(error))]
    outcomes, errors = [], []
    for question in batch:
        found, failed = ask_all(serving, method, [question])
        outcomes += found
        errors += failed
    return outcomes, errors


def _asked(serving: Serving, method: str, batch: Sequence[Question]) -> Outcome:
    table = serving.gathered([question.part for question in batch])
    values = serving.ask(method, table)
    if len(values) != table.n_rows:
        raise Refusal(500, f"The model gave {len(values)} answers for {table.n_rows} rows.")
    return Outcome(batch, table, values, serving.check.outside(table))


def _told(error: Exception) -> Exception:
    """Turn the model's refusal of values that the prototype admits into a 422; log and keep all else."""
    if isinstance(error, MlopsError):
        return error
    logger.error("the model failed", exc_info=error)
    if isinstance(error, ValueError | TypeError):
        reason = (str(error).splitlines() or [""])[0][:LONGEST_REASON]
        return Refusal(
            UNPROCESSABLE, f"The model cannot take these values: {reason}", [problem((), "model_refused", reason)]
        )
    return error
