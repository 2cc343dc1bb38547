"""What a log says was written; what was changed afterwards is left out and named."""

from __future__ import annotations

import os
import warnings
from pathlib import Path

import pyarrow as pa
import pytest

from mlops_magics.core.deploying.prediction_log import log_segments

SCHEMA = pa.schema([("number", pa.float64()), ("text", pa.string()), ("when", pa.timestamp("us", "UTC"))])
BATCHES = [pa.record_batch([[1.5, None], ["a", f"é{turn}"], [turn, None]], schema=SCHEMA) for turn in range(3)]
ROWS = [batch.to_pylist() for batch in BATCHES]


def segment_of(folder: Path) -> Path:
    """Return a closed segment of three batches that nobody writes any more."""
    segment = log_segments.Segment(folder, SCHEMA)
    segment.append(BATCHES)
    segment.close()
    os.utime(segment.path, (0, 0))
    return segment.path


def read(path: Path) -> tuple[list[list[dict[str, object]]], list[str]]:
    """Return the rows of each batch that is read, and what was warned of."""
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        found = [batch.to_pylist() for batch in log_segments.batches(path)]
    return found, [str(each.message) for each in warned]


def test_R09_what_was_written_is_read(tmp_path: Path) -> None:
    """R9: without damage nothing is left out, and nothing is warned of."""
    assert read(segment_of(tmp_path)) == (ROWS, [])


def test_R09_no_flipped_bit_of_a_log_is_read_as_a_row(tmp_path: Path) -> None:
    """R9: a bit of every byte in turn: the rows that are read are rows that were written; the rest is named."""
    path = segment_of(tmp_path)
    whole = path.read_bytes()
    for place in range(len(whole)):
        damaged = bytearray(whole)
        damaged[place] ^= 1 << place % 8
        path.write_bytes(damaged)
        os.utime(path, (0, 0))
        found, warned = read(path)
        assert all(rows in ROWS for rows in found), place
        if found != ROWS:
            assert warned, place
            assert all(str(path) in text and "left out" in text for text in warned)


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9, 0.999])
def test_R20_a_torn_segment_is_read_up_to_the_tear(tmp_path: Path, share: float) -> None:
    """R20: an old one is named; of one that is being written, the rest is waited for."""
    path = segment_of(tmp_path)
    path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])
    fresh = read(path)
    os.utime(path, (0, 0))
    old = read(path)

    assert fresh[0] == old[0] == ROWS[: len(old[0])]
    assert fresh[1] == []
    assert share > 0.99 or len(old[1]) == 1


def test_R19_a_segment_without_checksums_is_read(tmp_path: Path) -> None:
    """R19: version 0.1 wrote none."""
    path = tmp_path / f"1{log_segments.SUFFIX}"
    with pa.ipc.new_stream(path, SCHEMA) as stream:
        for batch in BATCHES:
            stream.write_batch(batch)

    assert read(path) == (ROWS, [])


def test_R12_a_pipe_or_a_link_beside_the_segments_is_not_read(tmp_path: Path) -> None:
    """R12: only plain files are segments, so that a reader never waits for a writer that does not come."""
    path = segment_of(tmp_path)
    os.mkfifo(tmp_path / f"0{log_segments.SUFFIX}")
    (tmp_path / f"2{log_segments.SUFFIX}").symlink_to(path)

    assert log_segments.segments(tmp_path) == [path]
