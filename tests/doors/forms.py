"""Forms of training input, each with the kinds of values that it is tried with."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import scipy.sparse as sp

from tests.doors.columns import COLUMNS, objects

NOT_IN_FORM = {
    "polars": (
        "period",
        "interval",
        "complex",
        "UUID",
        "ids",
        "beyond",
        "Sparse",
        "array",
        "float16",
        "halffloat",
        "category",
        "set",
        "str, int, bool",
        "address",
        "network",
        "fraction",
        "path",
        "offsets",
        "zoned times",
        "objects: datetime, ",
        "time, zoned",
        "Period",
        "Interval",
        "objects: complex",
        "bytearray",
        "frozenset",
        "dict of int",
        "some keys",
        "decimal256",
    ),
}
"""Kinds that a library of frames does not have."""
FIELDS = [("n", "i2"), ("share", "f4"), ("text", "U5")]


class Fingerprint:
    """A model that answers what it is given: the form, label, dtype and value of everything in a row, as a text."""

    def predict(self, rows: Any) -> list[str]:
        """Return one text for each row."""
        return fingerprints(rows)


def fingerprints(rows: Any) -> list[str]:
    """Return what a model can see of each row."""
    if isinstance(rows, pd.DataFrame):
        columns = [_of_series(rows.iloc[:, place]) for place in range(rows.shape[1])]
        return [" | ".join(cells) for cells in zip(*columns)]
    if isinstance(rows, pd.Series):
        return [f"series {cell}" for cell in _of_series(rows)]
    if isinstance(rows, np.ndarray) and rows.dtype.names:
        kinds = [
            (name, dtype.kind, dtype.itemsize if dtype.kind != "U" else 0)
            for name, (dtype, _) in rows.dtype.fields.items()
        ]
        return [f"{type(rows).__name__} {kinds} {_cell(row)}" for row in rows.tolist()]
    if isinstance(rows, np.ndarray):
        kind = rows.dtype.kind if rows.dtype.kind in "US" else rows.dtype
        return [f"array {kind} {rows.shape[1:]} {_cells(row)}" for row in rows]
    if isinstance(rows, pl.DataFrame):
        return [f"polars {dict(rows.schema)} {row}" for row in rows.rows()]
    if isinstance(rows, pl.Series):
        return [f"polars {rows.name} {rows.dtype} {value!r}" for value in rows.to_list()]
    if type(rows) is dict:  # the matrix by keys is one too
        return [f"{ {name: _cells(values[place]) for name, values in rows.items()} }" for place in range(_length(rows))]
    if hasattr(rows, "toarray"):
        dense = rows.toarray()
        return [f"{type(rows).__name__} {rows.dtype} {row.tolist()}" for row in dense]
    return [f"{type(rows).__name__} {_cell(value)}" for value in rows]


def _length(rows: dict[str, Any]) -> int:
    return len(next(iter(rows.values())))


def _of_series(values: pd.Series) -> list[str]:
    dtype = values.dtype
    kind = str(dtype)
    if isinstance(dtype, pd.CategoricalDtype):
        kind = f"category {dtype.categories.dtype} {[_cell(each) for each in dtype.categories]} {dtype.ordered}"
    return [f"{values.name!r} {kind} {_cell(value)}" for value in values]


def _cells(row: Any) -> str:
    return str([_cell(value) for value in np.ravel(row).tolist()]) if isinstance(row, np.ndarray) else _cell(row)


def _cell(value: Any) -> str:
    if isinstance(value, list | tuple | np.ndarray):
        return f"{type(value).__name__}{[_cell(each) for each in value]}"
    if isinstance(value, set | frozenset):  # equal ones are written in any order
        return f"{type(value).__name__}{sorted(map(_cell, value))}"
    if isinstance(value, dict):
        return str({name: _cell(each) for name, each in value.items()})
    if isinstance(value, Decimal):  # Arrow's decimals have one scale for a whole column
        return f"Decimal {value.normalize()}"
    if isinstance(value, complex):  # zero has two signs
        return f"{type(value).__name__} {complex(value.real + 0.0, value.imag + 0.0)!r}"
    return f"{type(value).__name__} {value!r}"


def forms() -> Iterator[tuple[str, str, Any]]:
    """Yield the form, the kind of its values, and training data of six rows."""
    for kind, column in COLUMNS.items():
        values = column()
        yield "frame", kind, pd.DataFrame({"before": np.arange(6.0), "tried": values})
        yield "Series", kind, values.rename("tried")
        if kind in {"float64", "int64", "objects: list of float", "category: str"}:
            yield "Series without a name", kind, values
        if values.dtype == object or kind in {"float64", "int64", "bool", "str"}:
            yield "list", kind, values.tolist()
            yield "array, 1 axis", kind, values.to_numpy(dtype=None if values.dtype != "str" else "U")
        if not any(word in kind for word in NOT_IN_FORM["polars"]):
            frame = pl.from_pandas(pd.DataFrame({"before": np.arange(6.0), "tried": values}))
            yield "polars frame", kind, frame
            yield "polars Series", kind, frame["tried"]
    yield from _arrays()
    yield from _mappings()
    yield from _labels()


def _arrays() -> Iterator[tuple[str, str, Any]]:
    numbers = np.arange(24.0).reshape(6, 4) / 7
    for dtype in ("float64", "float32", "int64", "int8", "uint8", "bool"):
        yield "array, 2 axes", dtype, numbers.astype(dtype)
    yield "array, 2 axes", "str", np.array([["a", "b"], ["c", "d,e"]] * 3)
    yield "array, 2 axes", "objects", np.array([[1, "a", None], [2, "b", 1.5]] * 3, dtype=object)
    yield "array, 2 axes", "wide", np.arange(6.0 * 5000).reshape(6, 5000)
    for shape in ((2, 3), (4, 5, 3)):
        for dtype in ("float64", "float32", "uint8"):
            size = int(np.prod(shape))
            yield f"array, {1 + len(shape)} axes", dtype, np.arange(6 * size).reshape(6, *shape).astype(dtype)
    yield "list of lists", "float64", numbers.tolist()
    fields = np.array([(place, place / 7, "ab"[place % 2] * place) for place in range(6)], dtype=FIELDS)
    yield "array with fields", "ndarray", fields
    yield "array with fields", "recarray", fields.view(np.recarray)
    for make in (sp.csr_matrix, sp.csc_matrix, sp.csr_array, sp.coo_matrix, sp.dok_matrix, sp.bsr_matrix, sp.lil_array):
        for dtype in ("float64", "float32", "int64"):
            yield "sparse", f"{make.__name__} {dtype}", make((numbers * (numbers > 1)).astype(dtype))


def _mappings() -> Iterator[tuple[str, str, Any]]:
    yield "mapping", "1 axis", {"a": np.arange(6.0), "b": np.array(list("abcdef"))}
    yield "mapping", "several axes", {"a": np.arange(6.0), "image": np.arange(36.0).reshape(6, 2, 3)}
    yield "records", "all keys", [{"city": "a", "t": float(place)} for place in range(6)]
    yield "records", "some keys", [{"city": "a"}, {"city": "b", "t": 1.0}] * 3


def _labels() -> Iterator[tuple[str, str, Any]]:
    cells = np.arange(18.0).reshape(6, 3)
    yield "frame", "labels: integers", pd.DataFrame(cells, columns=[2, 0, 1])
    yield (
        "frame",
        "labels: tuples",
        pd.DataFrame(cells, columns=pd.MultiIndex.from_tuples([("a", 1), ("a", 2), ("b", 1)])),
    )
    yield "frame", "labels: dates", pd.DataFrame(cells, columns=pd.date_range("2024-01-01", periods=3))
    yield "frame", "labels: mixed", pd.DataFrame(cells, columns=["a", 1, None])
    yield "frame", "labels: repeated", pd.DataFrame(cells, columns=["a", "b", "a"])
    yield "frame", "labels: odd", pd.DataFrame(cells, columns=['say "hi"', "a.b", "ü ,;"])
    odd = {"a": np.arange(6.0), "": objects(*"abcdef"), "columns": np.arange(6)}
    yield "frame", "labels: empty and reserved", pd.DataFrame(odd)
