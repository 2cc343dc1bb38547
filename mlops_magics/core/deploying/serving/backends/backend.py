"""The interface of backends, and the one that calls the model itself."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from mlops_magics.core.deploying.serving.backends.single_job import with_single_job
from mlops_magics.core.deploying.validation.layout import Table
from mlops_magics.core.deploying.validation.model_input import model_input

_PLAIN = frozenset("?bBhHiIlLqQefdFDOSUMm")
"""Characters of the dtypes that are returned as they are: all but records and long double."""


class Backend(Protocol):
    """One way to call one method of a model."""

    name: str

    def __call__(self, table: Table) -> Any:
        """Return the model's own answer for these rows: an array, a frame, or a list of ``n_rows`` values."""
        ...


class NativeBackend:
    """Calls the model with rows in the form of its training input."""

    def __init__(self, model: Any, method: str) -> None:
        self.name = "frame"
        self._call = with_single_job(model, method)

    def __call__(self, table: Table) -> Any:
        return self._call(model_input(table))


def values_of(answer: Any) -> Any:
    """Return an answer as an array or list whose first axis is the rows, whatever the library returned.

    Several outputs (a tuple, a list of tables, a mapping) become one list, or one record by name, for each row.
    """
    if type(answer) is np.ndarray and answer.ndim and answer.dtype.char in _PLAIN:
        return answer
    if isinstance(answer, np.ndarray):
        return _of_array(answer)
    if isinstance(answer, tuple) or (isinstance(answer, list) and answer and all(map(_is_table, answer))):
        return _side_by_side([np.asarray(values_of(output)) for output in answer])
    if isinstance(answer, list):
        return answer
    if isinstance(answer, Iterator):
        return list(answer)
    if isinstance(answer, Mapping):
        columns = [values_of(output) for output in answer.values()]
        return [dict(zip(answer, row)) for row in zip(*map(_listed, columns))]
    for method in ("to_dicts", "to_pylist", "toarray"):  # polars, Arrow, scipy.sparse
        if hasattr(answer, method):
            return getattr(answer, method)()
    if hasattr(answer, "to_dict") and hasattr(answer, "columns"):
        return answer.to_dict(orient="records")
    # numpy has no null for integers, so they would become floats
    if type(answer).__module__.partition(".")[0] == "polars" and answer.null_count():
        return answer.to_list()
    return np.atleast_1d(np.asarray(answer))  # a single value may be the answer to a single row


def _of_array(answer: npt.NDArray[Any]) -> Any:
    """Return a record array as records, and an array with a mask as objects with None."""
    if answer.dtype.names is not None:
        return [dict(zip(answer.dtype.names, row)) for row in answer.tolist()]
    if isinstance(answer, np.ma.MaskedArray):
        values = answer.data.astype(object)
        values[np.ma.getmaskarray(answer)] = None
        return values if np.any(answer.mask) else np.asarray(answer)
    wide = {"f": "float64", "c": "complex128"}.get(answer.dtype.kind) if answer.dtype.itemsize > 8 else None
    if wide is not None and answer.dtype != wide:  # numpy's long double, which neither JSON nor Arrow can write
        return answer.astype(wide)
    return np.atleast_1d(np.asarray(answer))


def _is_table(output: Any) -> bool:
    return (isinstance(output, np.ndarray) and output.ndim > 1) or hasattr(output, "toarray")


def _side_by_side(outputs: list[npt.NDArray[Any]]) -> Any:
    """Put the outputs of each row side by side: an array where all are of one shape, else a list."""
    if len({(output.shape, output.dtype) for output in outputs}) == 1:
        return np.stack(outputs, axis=1)
    return [list(row) for row in zip(*map(_listed, outputs))]


def _listed(values: Any) -> Any:
    return values.tolist() if isinstance(values, np.ndarray) else values


def seconds_for(backend: Backend, table: Table, *, repeats: int = 3) -> float:
    """Return the shortest of a few times that the backend takes for this table, seconds."""
    taken = []
    for _ in range(repeats):
        started = time.perf_counter()
        backend(table)
        taken.append(time.perf_counter() - started)
    # the shortest, because everything else on the machine only adds to a time
    return min(taken)
