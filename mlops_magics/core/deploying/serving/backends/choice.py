"""The choice of a backend: the fastest whose answers equal the model's own on the example rows and on harder ones."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mlops_magics.core.deploying.contract.model_options import ServingOptions
from mlops_magics.core.deploying.serving.backends.array import array_backend
from mlops_magics.core.deploying.serving.backends.backend import Backend, NativeBackend, seconds_for, values_of
from mlops_magics.core.deploying.serving.backends.forest import forest_backend
from mlops_magics.core.deploying.serving.backends.linear import linear_backend
from mlops_magics.core.deploying.serving.backends.onnx import onnx_backend
from mlops_magics.core.deploying.validation.layout import Layout, Table
from mlops_magics.errors import MissingDependency

RELATIVE_TOLERANCE = 1e-12
"""Of floats: BLAS itself differs by this much between batch sizes. Labels are compared bit for bit."""
FEW_ROWS = 16
"""A backend is also proven on so many rows at a time, since with a few it may take another path."""

logger = logging.getLogger(__name__)

CANDIDATES: tuple[Callable[[Any, str, Layout], Backend | None], ...] = (forest_backend, linear_backend, array_backend)
"""The fastest first."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The backend that was taken, and the reason.

    Attributes
    ----------
    single
        The first row that the model answers, if it answers any.
    seconds
        The backend's time for that row, 0 where it was not measured.
    """

    backend: Backend
    reason: str
    single: Table | None
    seconds: float = 0.0

    def timed(self) -> Choice:
        """Return the choice with the time of the backend, measured now."""
        return self if self.single is None else replace(self, seconds=_seconds(self.backend, self.single))


def choose(model: Any, method: str, layout: Layout, trial: Table | None, options: ServingOptions) -> Choice:
    """Take the first faster backend that is proven on ``trial``, else the model's own.

    Parameters
    ----------
    model
        The fitted model.
    method
        Its method: ``predict``.
    layout
        Its columns.
    trial
        Rows to prove equality on. Without any nothing can be proven.
    options
        Exact answers, or an engine, where they were requested.
    """
    own = NativeBackend(model, method)
    table = answerable(own, trial) if trial is not None else None
    if table is None:
        return Choice(own, "no example rows to prove a faster way on", None)
    single = first_row(table)
    if options.engine == "onnx":
        return _onnx(own, model, method, layout, table)
    if options.exact:
        return Choice(own, "exact answers were requested", single)
    tables = (table, *pieces(table), single)
    for candidate in CANDIDATES:
        try:
            backend = candidate(model, method, layout)
        except Exception as error:  # whatever attributes a model has: a faster way is never a condition
            logger.info("a faster way for %s is not taken: %s", type(model).__name__, error)
            continue
        if backend is not None and equal(own, backend, tables):
            return Choice(backend, f"equal to the model's own way on {table.n_rows} rows", single)
    return Choice(own, "no faster way is proven equal", single)


def _onnx(own: NativeBackend, model: Any, method: str, layout: Layout, table: Table) -> Choice:
    """Take ONNX when it was requested, and report how far its single precision is from the model's own answers."""
    single = first_row(table)
    try:
        backend = onnx_backend(model, method, layout)
        difference = largest_difference(own, backend, table)
    except MissingDependency:
        raise
    except Exception as error:  # many models have no conversion, and each library reports it in its own way
        return Choice(own, f"no ONNX for this model ({type(error).__name__})", single)
    if difference is None:
        return Choice(own, "ONNX gives other labels for the example rows", single)
    return Choice(backend, f"requested; largest difference {difference:.2g} on {table.n_rows} rows", single)


def largest_difference(own: Backend, other: Backend, table: Table) -> float | None:
    """Return the largest absolute difference of two backends' numbers, or ``None`` where labels differ."""
    expected, found = np.asarray(values_of(own(table))), np.asarray(values_of(other(table)))
    if expected.shape != found.shape:
        return None
    if expected.dtype.kind == "f":
        return float(np.abs(expected - found).max())
    return 0.0 if np.array_equal(expected, found) else None


def answerable(own: Backend, trial: Table) -> Table | None:
    """Return the rows that the model can answer, found by halves: each call of a wide pipeline takes long."""
    if _answers(own, trial):
        return trial
    if trial.n_rows == 1:
        return None
    middle = trial.n_rows // 2
    halves = (answerable(own, half) for half in (trial.rows(0, middle), trial.rows(middle, trial.n_rows)))
    kept = [half for half in halves if half is not None]
    return Table.concatenate(kept) if kept else None


def _answers(backend: Backend, table: Table) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            backend(table)
    except Exception:  # the model refuses a value that the prototype admits
        return False
    return True


def first_row(table: Table) -> Table:
    """Return the first row alone."""
    return table.rows(0, 1)


def pieces(table: Table) -> list[Table]:
    """Return the rows a few at a time."""
    return [table.rows(start, min(start + FEW_ROWS, table.n_rows)) for start in range(0, table.n_rows, FEW_ROWS)]


def equal(own: Backend, other: Backend, tables: Sequence[Table]) -> bool:
    """Return whether two backends answer alike: labels bit for bit, floats to `RELATIVE_TOLERANCE`, no new warning."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            expected = [values_of(own(table)) for table in tables]
            warnings.simplefilter("error")
            found = [values_of(other(table)) for table in tables]
    except Exception as error:  # a faster way that fails is simply not taken, whatever the library raised
        logger.info("the %s backend is not taken: %s", other.name, error)
        return False
    return all(alike(a, b) for a, b in zip(expected, found))


def alike(expected: Any, found: Any) -> bool:
    """Return whether two answers are equal: labels bit for bit, floats to `RELATIVE_TOLERANCE`."""
    if isinstance(expected, list | dict):
        pairs = (
            zip(expected, found)
            if isinstance(expected, list)
            else ((expected[key], found.get(key)) for key in expected)
        )
        return type(expected) is type(found) and len(expected) == len(found) and all(alike(*pair) for pair in pairs)
    one, other = np.asarray(expected), np.asarray(found)
    if one.shape != other.shape or one.dtype.kind != other.dtype.kind:
        return False
    if one.dtype.kind == "f":
        return bool(np.allclose(one, other, rtol=RELATIVE_TOLERANCE, atol=1e-15, equal_nan=True))
    return bool(np.array_equal(one, other))


def _seconds(backend: Backend, table: Table) -> float:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return seconds_for(backend, table)
    except Exception as error:  # a request will report that the model cannot answer this row
        logger.info("the example row has no answer: %s", error)
        return 0.0
