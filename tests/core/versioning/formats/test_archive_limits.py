"""Archives: what would unpack to too much, or is not what its directory says, is refused before it is unpacked."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import numpy as np
import pytest

from mlops_magics.core.versioning.formats import archive_limits
from mlops_magics.errors import SerializationError


def _archive(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> io.BytesIO:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    packed.seek(0)
    return packed


def _array(values: Any, length: int | None = None) -> bytes:
    stream = io.BytesIO()
    np.save(stream, values)
    data = stream.getvalue()
    return data if length is None else data.replace(f"({len(values)},)".encode(), f"({length},)".encode())


ZEROS = bytes(archive_limits.MOST_UNPACKED + 1)


def test_a_bomb_is_refused() -> None:
    """T18: A small file with a member of zeros beyond the limit."""
    with pytest.raises(SerializationError, match="would become"):
        archive_limits.check(_archive({"schema.json": b"{}", "a.npy": ZEROS}))


def test_a_bomb_in_the_schema_is_refused() -> None:
    """The schema has a limit of its own: its objects take more memory than its text."""
    with pytest.raises(SerializationError, match="its schema is missing or too large"):
        archive_limits.check(_archive({"schema.json": b" " * (archive_limits.MOST_SCHEMA + 1)}))


def test_a_bomb_inside_an_archive_inside_is_refused() -> None:
    """T18: A sparse matrix of skops' own is an archive in the archive."""
    inner = _archive({"data.npy": ZEROS}).getvalue()

    with pytest.raises(SerializationError, match=r"would become|larger than the file"):
        archive_limits.check(_archive({"schema.json": b"{}", "1.npz": inner}))


@pytest.mark.parametrize("nested", [False, True])
def test_an_array_that_is_shorter_than_it_says_is_refused(nested: bool) -> None:
    """numpy would make room for the whole of it first."""
    short = {"a.npy": _array(np.zeros(10), length=10**12)}
    members = {"m.npz": _archive(short).getvalue()} if nested else short

    with pytest.raises(SerializationError, match="an array has another length"):
        archive_limits.check(_archive({"schema.json": b"{}", **members}))


def test_an_array_of_objects_is_refused() -> None:
    """Its bytes would be a pickle."""
    values = io.BytesIO()
    np.save(values, np.array([{}], dtype=object), allow_pickle=True)

    with pytest.raises(SerializationError, match="an array has another length"):
        archive_limits.check(_archive({"schema.json": b"{}", "a.npy": values.getvalue()}))


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_member_that_occurs_twice_is_refused() -> None:
    """One of them could be checked and the other one read."""
    packed = _archive({"schema.json": b"{}"})
    with zipfile.ZipFile(packed, "a") as archive:
        archive.writestr("schema.json", b"{ }")

    with pytest.raises(SerializationError, match="a member occurs twice"):
        archive_limits.check(packed)


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"no archive at all", bytes(100)])
def test_what_is_no_archive_is_refused(data: bytes) -> None:
    """The error is ours."""
    with pytest.raises(SerializationError, match="not a valid archive"):
        archive_limits.check(io.BytesIO(data))


def test_a_method_that_needs_much_memory_is_refused() -> None:
    """Only what skops writes is read: stored and deflated members."""
    with pytest.raises(SerializationError, match="compressed in an unusual way"):
        archive_limits.check(_archive({"schema.json": b"{}"}, zipfile.ZIP_LZMA))


def test_the_stream_is_at_its_start_afterwards() -> None:
    """The reader reads it from there."""
    packed = _archive({"schema.json": b"{}", "a.npy": _array(np.arange(3))})
    archive_limits.check(packed)

    assert packed.tell() == 0
