"""One call of the model for a batch of requests, and the split of its values into their responses."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from mlops_magics.core.deploying.contract.http_error import UNPROCESSABLE, HttpError, problem
from mlops_magics.errors import MlopsError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from mlops_magics.core.deploying.contract.http_messages import Response
    from mlops_magics.core.deploying.serving.loaded_model import LoadedModel
    from mlops_magics.core.deploying.serving.prediction_request import PredictionRequest
    from mlops_magics.core.deploying.validation.layout import Table

LONGEST_WARNING = 1000
"""Characters of the header `X-Warning`."""
LONGEST_REASON = 200
"""Characters of a model's own error message in a response."""
FORMULA_ERROR = "error message returned by patsy is:"
"""The words of statsmodels before the error that patsy raised."""

OF_THE_SERVER = (MemoryError, OSError, ImportError, RecursionError)
"""Errors that no other values would avoid."""

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class BatchResult:
    """The model's values for the requests of one batch, all of one version and method."""

    requests: Sequence[PredictionRequest]
    table: Table
    values: Any
    outside: npt.NDArray[np.bool_] | None
    """The values outside the training range, ``(n_rows, n_columns)``."""

    def responses(self) -> Iterator[tuple[PredictionRequest, Response]]:
        """Yield each request with its response, in order."""
        start = 0
        for request in self.requests:
            end = start + request.n_rows
            yield request, request.response(self.values[start:end], self._warnings(request, start, end))
            start = end

    def latencies(self) -> list[float]:
        """Return milliseconds from the end of each request to now."""
        now = time.perf_counter()
        return [1000 * (now - request.started) for request in self.requests]

    def _warnings(self, request: PredictionRequest, start: int, end: int) -> str:
        outside = self.outside is not None and self.outside[start:end].any()
        if not outside and not request.notes:
            return ""
        ranges = request.loaded.check.warnings(self.outside[start:end]) if outside and self.outside is not None else []
        text = "; ".join([*request.notes, *ranges])
        return quote(text, safe=" :;,.[]()+-_=/'")[:LONGEST_WARNING]


def predict_all(
    loaded: LoadedModel, method: str, batch: Sequence[PredictionRequest]
) -> tuple[list[BatchResult], list[tuple[PredictionRequest, BaseException]]]:
    """Call the model once for all, or if that fails, once for each, so that an error stays with its request."""
    if not batch:
        return [], []
    try:
        return [_predict(loaded, method, batch)], []
    except BaseException as error:  # whatever a model raises is its request's. A panic of Rust is not an Exception
        if isinstance(error, KeyboardInterrupt | SystemExit | GeneratorExit):
            raise
        if len(batch) == 1:
            return [], [(batch[0], model_error(error, loaded, method))]
    results, errors = [], []
    for request in batch:
        found, failed = predict_all(loaded, method, [request])
        results += found
        errors += failed
    return results, errors


def _predict(loaded: LoadedModel, method: str, batch: Sequence[PredictionRequest]) -> BatchResult:
    table = loaded.check.table([request.part for request in batch])
    values = loaded.predict(method, table)
    if len(values) != table.n_rows:
        raise HttpError(500, f"The model returned {len(values)} values for {table.n_rows} rows.")
    return BatchResult(batch, table, values, loaded.check.outside(table))


def model_error(error: BaseException, loaded: LoadedModel, method: str) -> BaseException:
    """Return the model's refusal of values that fit the prototype as a 422. Log and return every other error.

    A ValueError or TypeError is a refusal. Any other error of the model's code (a KeyError, patsy's PatsyError) is one
    where the model answers its example row: then it is these values that it cannot take.
    """
    if isinstance(error, MlopsError):
        return error
    logger.error("the model failed", exc_info=error)
    refusal = isinstance(error, ValueError | TypeError)
    if not refusal and (isinstance(error, OF_THE_SERVER) or loaded.sample(method) is None):
        return error
    reason = _reason(error)
    text = reason if refusal else f"{type(error).__name__}: {reason}"
    return HttpError(UNPROCESSABLE, f"The model cannot take these values: {text}", [problem((), "model_refused", text)])


def _reason(error: BaseException) -> str:
    """Return the first line of an error. statsmodels puts a guess of its own before the error of a formula."""
    text = str(error)
    cause = text.partition(FORMULA_ERROR)[2] or text
    return next(iter(cause.strip().splitlines()), "")[:LONGEST_REASON]
