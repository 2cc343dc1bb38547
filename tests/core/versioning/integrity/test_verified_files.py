"""Every corruption of a model file is refused before anything is deserialised."""

from __future__ import annotations

from pathlib import Path

import pytest
from sklearn.preprocessing import Normalizer

from mlops_magics.core.versioning import Board, Facts
from mlops_magics.errors import IntegrityError


@pytest.mark.parametrize("format", ["joblib", "skops"])
def test_every_single_byte_corruption_is_refused_before_anything_is_deserialised(board: Board, format: str) -> None:
    """Each byte of the model file, flipped in turn, and every truncation: IntegrityError."""
    version = board.publish(Normalizer(), "line", Facts(format=format))
    path = Path(board.url) / "line" / version.version / version.file
    whole = path.read_bytes()

    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :])
        with pytest.raises(IntegrityError):
            board.load(version)
    for size in range(0, len(whole), 50):
        path.write_bytes(whole[:size])
        with pytest.raises(IntegrityError):
            board.load(version)
    path.write_bytes(whole)
    assert board.load(version) is not None
