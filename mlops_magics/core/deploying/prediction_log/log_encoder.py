"""Encoding of answered batches as Arrow record batches."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from mlops_magics.core.deploying.contract import value_columns
from mlops_magics.core.deploying.prediction_log import feature_columns
from mlops_magics.core.deploying.prediction_log.loop_scheduler import Work
from mlops_magics.core.deploying.validation.layout import Table
from mlops_magics.core.log_columns import LATENCY, PREDICTION, PROBABILITY, REQUEST_ID, ROW, TIMESTAMP, VERSION
from mlops_magics.core.versioning.describing import cell_values
from mlops_magics.errors import InvalidInput

if TYPE_CHECKING:
    from mlops_magics.core.deploying.validation.layout import Layout

TIME = pa.timestamp("us", tz="UTC")
POLICIES = ("keep", "hash", "drop")
MOST_VALUES_IN_LOOP = 40_000
"""A step takes half of the columns: 20,000 numbers in less than a millisecond, as many texts in three."""


@dataclass(frozen=True, slots=True)
class Entry:
    """The rows and answers of one call of the model, for one request or a whole batch."""

    time: float
    """Seconds since 1970, when it was answered."""
    request_ids: str
    """One line each: thousands of small strings would cost more in the garbage collector than joining them."""
    counts: Sequence[int]
    """Rows of each request."""
    latencies: npt.NDArray[np.float64]
    """Milliseconds of each request."""
    table: Table
    values: Any
    method: str


class LogEncoder:
    """Encodes the entries of one version under a privacy policy.

    Parameters
    ----------
    layout
        The columns of the model.
    version
        The version that answers.
    privacy
        By column name (or ``mlops.prediction``): ``keep`` (default), ``hash`` or ``drop``.
    classes
        The labels in the order of ``predict_proba``'s columns.
    """

    def __init__(self, layout: Layout, version: str, privacy: Mapping[str, str], classes: Sequence[Any] | None) -> None:
        unknown = {policy for policy in privacy.values() if policy not in POLICIES}
        if unknown:
            raise InvalidInput(f"Unknown privacy policy {sorted(unknown)[0]!r}. Known: {', '.join(POLICIES)}.")
        self.layout = layout
        self._version = version
        self._privacy = dict(privacy)
        self._classes = classes
        self._kept = [place for place, name in enumerate(layout.names) if privacy.get(name) != "drop"]
        self._hashes = "hash" in privacy.values()
        self._types: dict[str, pa.DataType] = {}
        """The types of the columns so far: a batch in which a column is all null keeps the type."""
        self._note = json.dumps({"version": version, "columns": self._dtypes()})

    def batch(self, entries: Sequence[Entry]) -> Work[pa.RecordBatch]:
        """Encode entries of one method, oldest first, in a generator that yields after each step."""
        arrays = self._facts(entries)
        yield
        arrays.update(self._answers(entries))
        yield
        columns = Table.concatenate([entry.table for entry in entries]).columns
        yield
        half = len(self._kept) // 2
        arrays.update(self._features(columns, self._kept[:half]))
        yield
        arrays.update(self._features(columns, self._kept[half:]))
        named = pa.RecordBatch.from_pydict({name: self._steady(name, values) for name, values in arrays.items()})
        return named.replace_schema_metadata({"mlops": self._note})

    def slow(self, entries: Sequence[Entry]) -> bool:
        """Return whether a step for these entries would block the event loop for too long."""
        values = len(self.layout.names) * sum(entry.table.n_rows for entry in entries)
        return self._hashes or values > MOST_VALUES_IN_LOOP

    def _features(self, columns: Any, places: Sequence[int]) -> dict[str, pa.Array]:
        known = self.layout.columns
        return {
            known[place].name: self._private(known[place].name, feature_columns.to_arrow(columns[place], known[place]))
            for place in places
        }

    def _facts(self, entries: Sequence[Entry]) -> dict[str, pa.Array]:
        sizes = [entry.table.n_rows for entry in entries]
        n_rows = sum(sizes)
        ids = pa.array("\n".join([entry.request_ids for entry in entries]).split("\n"))
        latencies = np.concatenate([entry.latencies for entry in entries])
        counts = np.fromiter(chain.from_iterable(entry.counts for entry in entries), "int64", len(ids))
        rows = np.zeros(n_rows, dtype="int64")
        # requests of one row each, the usual case, need neither the repeats nor the row numbers
        if (counts != 1).any():
            whose = np.repeat(np.arange(len(ids)), counts)
            rows = np.arange(n_rows) - np.repeat(np.cumsum(counts) - counts, counts)
            ids, latencies = ids.take(pa.array(whose)), latencies[whose]
        return {
            TIMESTAMP: pa.array(np.repeat([int(entry.time * 1e6) for entry in entries], sizes), TIME),
            REQUEST_ID: ids,
            ROW: pa.array(rows),
            VERSION: pa.repeat(self._version, n_rows),
            LATENCY: pa.array(latencies),
        }

    def _answers(self, entries: Sequence[Entry]) -> dict[str, pa.Array]:
        policy = self._privacy.get(PREDICTION, "keep")
        if policy == "drop":
            return {}
        values = np.concatenate([_array_of(entry.values) for entry in entries])
        if entries[0].method == "predict_proba" and self._classes is not None and values.ndim == 2:
            best = np.asarray(self._classes)[values.argmax(axis=1)]
            found = {PREDICTION: _of_answers(best)}
            found.update(
                {f"{PROBABILITY}{label}": pa.array(values[:, place]) for place, label in enumerate(self._classes)}
            )
            return found
        return {PREDICTION: self._private(PREDICTION, _of_answers(values))}

    def _private(self, name: str, values: pa.Array) -> pa.Array:
        if self._privacy.get(name) != "hash":
            return values
        return pa.array([None if value is None else _digest(value) for value in values.to_pylist()], pa.string())

    def _steady(self, name: str, values: pa.Array) -> pa.Array:
        """Return values of one type for all batches, or texts once the model answered in several types."""
        known = self._types.get(name, values.type)
        if pa.types.is_null(values.type):
            return values.cast(known)
        if values.type != known and not pa.types.is_null(known):
            values = _texts(values)
        self._types[name] = values.type
        return values

    def _dtypes(self) -> list[dict[str, Any]]:
        kept = [self.layout.columns[place] for place in self._kept]
        return [feature_columns.note(column) for column in kept if self._privacy.get(column.name) != "hash"]


def _digest(value: Any) -> str:
    return hashlib.sha256(repr(value).encode()).hexdigest()[:16]


def _array_of(values: Any) -> Any:
    """Return answers as an array of one axis, or of two. Lists of dicts and lists are kept as they are."""
    if isinstance(values, np.ndarray):
        return values
    return np.fromiter(values, dtype=object, count=len(values))


def _of_answers(values: npt.NDArray[Any]) -> pa.Array:
    if values.ndim > 1 and values.dtype.kind != "c":
        return pa.array(values.tolist())
    if values.dtype.kind in "US":
        return pa.array(values.tolist())
    if values.dtype.kind in "fiubMm":
        return pa.array(values, from_pandas=True)
    array = value_columns.to_arrow(values)[0]
    return _texts(array) if pa.types.is_decimal(array.type) else array  # its type has the digits of these values


def _texts(values: pa.Array) -> pa.Array:
    """Return values as texts, as JSON writes them."""
    written = [None if value is None else cell_values.write(value) for value in values.to_pylist()]
    return pa.array(
        [each if each is None or isinstance(each, str) else json.dumps(each) for each in written], pa.string()
    )
