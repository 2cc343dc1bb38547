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


@pytest.mark.parametrize("stated", ["file_size: 3", "file_size: 0", ""])
def test_R12_a_huge_file_of_another_writer_is_named_before_it_is_read(board: Board, stated: str) -> None:
    """R12: whatever size its metadata hold; without one at most what fits in memory is read."""
    board.publish(Normalizer(), "line", Facts(format="joblib"))
    place = Path(board.url) / "other" / "20261123T133731Z-ef46d"
    place.mkdir(parents=True)
    (place / "data.txt").write_text(
        "api_version: 1\ncreated: 20261123T133731Z\nfile: other.joblib\npin_hash: ef46db3751d8e999\n"
        f"title: other\ntype: joblib\n{stated}\n"
    )
    with (place / "other.joblib").open("wb") as stream:
        stream.truncate(30_000_000_000)

    [finding] = board.verify().findings
    assert (finding.kind, finding.place) == ("broken", f"other/{place.name}")
