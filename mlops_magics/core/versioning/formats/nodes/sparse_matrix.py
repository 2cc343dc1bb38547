"""Sparse matrices as their arrays. scipy reads indices without a check of bounds, so they are checked here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from mlops_magics.core.versioning.formats.file_checks import array, integer, require
from mlops_magics.core.versioning.formats.nodes.node import Encode, Node

_COMPRESSED = ("csr", "csc")
MOST_ROWS = 2**40


class SparseMatrixNode(Node):
    """Sparse matrices and arrays in a compressed or in the coordinate format."""

    kind: ClassVar[str] = "sparse matrix"

    def accepts(self, value: Any) -> bool:
        """Accept matrices of numbers in the formats csr, csc and coo with two dimensions."""
        return (
            type(value).__module__.startswith("scipy.sparse")
            and getattr(value, "format", None) in (*_COMPRESSED, "coo")
            and value.ndim == 2
            and not value.dtype.hasobject
        )

    def encode(self, value: Any, encode: Encode) -> dict[str, Any]:
        """Return the format, the shape and the arrays."""
        names = ("indices", "indptr") if value.format in _COMPRESSED else ("row", "col")
        arrays = {name: np.asarray(getattr(value, name)) for name in ("data", *names)}
        return {"class": type(value).__name__, "shape": [int(length) for length in value.shape], **arrays}

    def decode(self, content: Mapping[str, Any]) -> Any:
        """Return the matrix."""
        import scipy.sparse

        name = content["class"]
        require(
            name in {f"{format}_{kind}" for format in (*_COMPRESSED, "coo") for kind in ("matrix", "array")},
            f"{name!r:.40} is not a sparse matrix",
        )
        require(type(content["shape"]) is list and len(content["shape"]) == 2, "a matrix does not have two dimensions")
        shape = tuple(integer(length, "a length of a matrix", 0, MOST_ROWS) for length in content["shape"])
        data = content["data"]
        require(type(data) is np.ndarray and data.ndim == 1 and not data.dtype.hasobject, "the data are not numbers")
        kind = getattr(scipy.sparse, name)
        if name.startswith("coo"):
            places = [_indices(content[each]) for each in ("row", "col")]
            return checked(kind((data, (places[0], places[1])), shape=shape))
        major = shape[0] if name.startswith("csr") else shape[1]
        indptr = _indices(content["indptr"])
        require(len(indptr) == major + 1, "a matrix has another number of rows than its pointers")
        return checked(kind((data, _indices(content["indices"]), indptr), shape=shape))


def _indices(value: Any) -> Any:
    return array(value, "an index array", np.int32 if value.dtype == np.int32 else np.int64, 1)


def checked(value: Any) -> Any:
    """Return a sparse matrix whose indices are inside its shape.

    Raises
    ------
    SerializationError
    """
    require(getattr(value, "format", None) in (*_COMPRESSED, "coo"), "a sparse matrix has a format that is not read")
    if value.format == "coo":
        rows, columns = value.shape
        require(
            len(value.data) == len(value.row) == len(value.col)
            and (not value.nnz or (value.row.min() >= 0 and value.row.max() < rows))
            and (not value.nnz or (value.col.min() >= 0 and value.col.max() < columns)),
            "an index of a matrix is outside its shape",
        )
        return value
    major, minor = value.shape if value.format == "csr" else value.shape[::-1]
    indptr, indices = value.indptr, value.indices
    require(
        len(indptr) == major + 1
        and indptr[0] == 0
        and np.all(np.diff(indptr) >= 0)
        and indptr[-1] == len(indices) == len(value.data)
        and (not len(indices) or (indices.min() >= 0 and indices.max() < minor)),
        "an index of a matrix is outside its shape",
    )
    return value
