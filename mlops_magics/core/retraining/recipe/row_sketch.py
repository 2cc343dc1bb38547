"""A sketch of the training rows: enough to count how many of other rows were among them, without keeping a row.

The k rows with the smallest hashes are remembered (bottom-k sampling; Cohen and Kaplan 2007, "Summarizing data using
bottom-k sketches"). Of other rows, those whose hash is below the largest remembered one are a sample of them, and the
share of the sample that is remembered estimates the share of all. Each sketch has a salt of its own.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mlops_magics.errors import InvalidInput

FILE = "training-rows.sketch"
"""The side file of a version that holds the sketch."""
KEPT = 4096
"""Hashes: 32 kB."""
HEAD = b"mlops-magics-rows/1 "
SALT = 16
"""Characters."""
Hashes = npt.NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Overlap:
    """The number of some rows that were among the training rows.

    Attributes
    ----------
    sampled, found
        The rows of the sample, and those of them that are among the training rows.
    rows
        All rows that were looked up.
    """

    sampled: int
    found: int
    rows: int

    @property
    def share(self) -> float | None:
        """The estimated share, or None where no row was sampled."""
        return self.found / self.sampled if self.sampled else None


def sketch(rows: Any) -> bytes:
    """Return the sketch of training rows.

    Parameters
    ----------
    rows
        ``(n_samples, n_features)``.
    """
    salt = secrets.token_hex(SALT // 2)
    # unique first: bottom-k samples distinct rows, and a row that is there a thousand times counts once
    found = np.unique(_hashes(rows, None, salt))[:KEPT]
    return HEAD + salt.encode() + b"\n" + found.astype("<u8").tobytes()


def overlap(kept: bytes, rows: Any, columns: list[str] | None = None) -> Overlap:
    """Return how many of other rows are among the sketched ones.

    Parameters
    ----------
    columns
        The features in the order of training, or None for rows without names.

    Raises
    ------
    InvalidInput
        Not a sketch.
    """
    start = len(HEAD) + SALT + 1
    if not kept.startswith(HEAD) or len(kept) < start or (len(kept) - start) % 8:
        raise InvalidInput("The sketch of the training rows is not valid.")
    salt = kept[len(HEAD) : start - 1].decode("ascii", "replace")
    known = np.frombuffer(kept[start:], dtype="<u8").astype(np.uint64)
    asked = _hashes(rows, columns, salt)
    # with fewer rows than are kept all of them are known, so every other row is judged
    limit = known[-1] if len(known) >= KEPT else np.iinfo(np.uint64).max
    sample = asked[asked <= limit]
    return Overlap(len(sample), int(np.isin(sample, known).sum()), len(asked))


def _hashes(rows: Any, columns: list[str] | None, salt: str) -> Hashes:
    """Hash rows by value: numbers as floats and all else as text, so that a file of them hashes as they do."""
    import pandas as pd

    from mlops_magics.core.versioning.describing.prototype import frame_of

    frame = frame_of(rows)
    frame = frame[columns] if columns is not None and set(columns) <= set(frame.columns) else frame
    parts = {str(place): _comparable(frame.iloc[:, place]) for place in range(frame.shape[1])}
    hashes = pd.util.hash_pandas_object(pd.DataFrame(parts), index=False, hash_key=salt, categorize=False)
    return np.asarray(hashes, dtype=np.uint64)


def _comparable(column: Any) -> Any:
    import pandas as pd

    number = pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_complex_dtype(column)
    if pd.api.types.is_bool_dtype(column) or not number:
        return _texts(column).where(column.notna(), "")
    # a file may give 1 where the frame had 1.0; both are the same row
    return column.astype("float64")


def _texts(column: Any) -> Any:
    """Return a column as texts. pandas reads bytes as UTF-8, and refuses those that are not."""
    try:
        return column.astype("str")
    except UnicodeDecodeError:
        return column.map(lambda each: each.decode(errors="backslashreplace") if isinstance(each, bytes) else str(each))
