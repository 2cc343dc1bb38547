"""joblib: arrays come back as joblib itself returns them, compressed files of other writers are read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest

from mlops_magics.core.versioning import Board, Facts
from mlops_magics.core.versioning.formats.joblib_format import JoblibFormat

LARGE_ARRAYS: dict[str, Callable[[], Any]] = {
    "plain": lambda: np.random.default_rng(0).integers(0, 255, 30_000_001, dtype=np.uint8),
    "columns first": lambda: np.asfortranarray(np.random.default_rng(0).random((2_000, 1_500))),
    "records": lambda: np.zeros(700_000, dtype=[("left", "<i8"), ("gini", "<f8"), ("flag", "?")]),
    "times": lambda: np.arange(3_000_000).astype("datetime64[s]").reshape(3, -1),
    "other byte order": lambda: np.arange(3_000_000, dtype=">f8"),
    "objects": lambda: np.array([{"a": 1}, None] * 10, dtype=object),
}


@pytest.mark.parametrize("kind", LARGE_ARRAYS)
def test_large_arrays_come_back_as_they_were(board: Board, kind: str) -> None:
    """Values, dtype, order and rights are those that joblib gives it from the file itself."""
    stored = {"before": np.arange(5), "large": LARGE_ARRAYS[kind](), "between": "text", "last": np.ones(2_000_000)}
    version = board.publish(stored, "large", Facts(format="joblib"))
    loaded = board.load(version)
    expected = joblib.load(Path(board.url) / "large" / version.version / version.file)

    assert loaded.keys() == stored.keys()
    for name in ("before", "large", "last"):
        np.testing.assert_array_equal(loaded[name], stored[name])
        assert loaded[name].dtype == expected[name].dtype
        assert str(loaded[name].flags) == str(expected[name].flags)
    assert loaded["between"] == "text"


def test_a_compressed_file_of_another_writer_is_read(board: Board) -> None:
    """joblib tells compressed files by their first bytes."""
    version = board.publish({"values": np.arange(3)}, "small", Facts(format="joblib"))
    path = Path(board.url) / "small" / version.version / version.file
    joblib.dump({"values": np.arange(3)}, path, compress=3)

    with path.open("rb") as stream:
        assert JoblibFormat().read(stream)["values"].tolist() == [0, 1, 2]
