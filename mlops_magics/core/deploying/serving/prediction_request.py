"""One request on its way to the model: which version answers it, which rows, and how the answer is written."""

from __future__ import annotations

import itertools
import logging
import os
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from mlops_magics.core.deploying.contract.http_messages import Answer, error_answer

if TYPE_CHECKING:
    from mlops_magics.core.deploying.serving.loaded_model import Serving
    from mlops_magics.core.deploying.validation.layout import Table

    Part = list[tuple[Any, ...]] | Table
    Render = Callable[["Question", Any], Answer]

_SAFE = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:")
LONGEST_REQUEST_ID = 128

logger = logging.getLogger(__name__)


class Question:
    """What the batcher gathers.

    Attributes
    ----------
    part
        Typed rows, or a checked table.
    size
        About how many bytes the rows take.
    render
        Writes the model's values for these rows as an answer.
    deliver
        Takes the answer; called once, in the event loop.
    wanted
        Whether anybody still waits for the answer; the model is not asked for a client that has gone.
    """

    __slots__ = ("deliver", "method", "n_rows", "part", "render", "request_id", "serving", "size", "started", "wanted")

    def __init__(self, serving: Serving, method: str, part: Part, render: Render, request_id: str) -> None:
        self.serving = serving
        self.method = method
        self.part = part
        self.n_rows = len(part) if isinstance(part, list) else part.n_rows
        self.size = self.n_rows * serving.layout.row_bytes
        self.render = render
        self.request_id = request_id
        self.started = time.perf_counter()
        self.deliver: Callable[[Answer], None] = _nobody
        self.wanted: Callable[[], bool] = _always

    def answer(self, values: Any, warnings: str) -> Answer:
        """Write the values, with the version, the id and the warnings as headers."""
        try:
            answer = self.render(self, values)
        except Exception as error:  # what one client wants, or a value that JSON cannot say, is no fault of the others
            logger.warning("an answer could not be written", exc_info=error)
            answer = error_answer(error)
        answer.headers += [("X-Model-Version", self.serving.version.version), ("X-Request-Id", self.request_id)]
        if warnings:
            answer.headers.append(("X-Warning", warnings))
        return answer


def _nobody(answer: Answer) -> None:
    """Drop the answer of a client that has gone."""


def _always() -> bool:
    return True


class RequestIds:
    """Makes short ids that no two workers and no two starts share; takes a client's own where it is harmless."""

    def __init__(self) -> None:
        self._prefix = f"{int(time.time()):x}-{os.getpid():x}-{os.urandom(3).hex()}-"
        self._next = itertools.count(1).__next__

    def __call__(self, asked: str = "") -> str:
        """Return the id that was asked for, or a new one."""
        if asked and len(asked) <= LONGEST_REQUEST_ID and _SAFE.issuperset(asked):
            return asked
        return f"{self._prefix}{self._next():x}"
