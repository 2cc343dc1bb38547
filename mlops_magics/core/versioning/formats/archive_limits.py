"""Limits of a zip archive, checked before anything in it is unpacked: sizes, names, and archives inside the archive."""

from __future__ import annotations

import io
import zipfile
from typing import BinaryIO

import numpy as np

from mlops_magics.core.versioning.formats.file_checks import require
from mlops_magics.errors import SerializationError

MOST_UNPACKED = 256 * 1024 * 1024
"""Bytes that any archive may unpack to."""
MOST_TIMES = 20
"""Times its own size that a larger archive may unpack to. Arrays of a model shrink to a quarter at best."""
MOST_MEMBERS = 100_000
MOST_SCHEMA = 64 * 1024 * 1024
"""Bytes of ``schema.json``, whose objects take twenty times the memory of their text."""
SCHEMA = "schema.json"
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


def check(stream: BinaryIO) -> None:
    """Check an archive by its directory and the headers of its arrays. Afterwards the stream is at its start.

    Raises
    ------
    SerializationError
        Where a limit is exceeded, a name occurs twice, or an array is shorter than in its header.
    """
    stream.seek(0, io.SEEK_END)
    size = stream.tell()
    with _opened(stream) as archive:
        members = archive.infolist()
        names = [member.filename for member in members]
        require(len(members) <= MOST_MEMBERS, f"it has {len(members)} members")
        # skops reads by name, and zipfile returns the last of two: another one than a check of the first would see
        require(len(set(names)) == len(names), "a member occurs twice")
        require(
            SCHEMA in names and archive.getinfo(SCHEMA).file_size <= MOST_SCHEMA, "its schema is missing or too large"
        )
        _check_sizes(members, size)
        for member in members:
            _check_member(archive, member, size)
    stream.seek(0)


def _check_sizes(members: list[zipfile.ZipInfo], size: int) -> None:
    require(all(member.compress_type in _METHODS for member in members), "a member is compressed in an unusual way")
    require(all(member.compress_size <= size for member in members), "a member is larger than the file")
    # these sizes are claims, but zipfile never unpacks more of a member than the directory claims
    unpacked = sum(member.file_size for member in members)
    allowed = max(MOST_UNPACKED, MOST_TIMES * size)
    require(unpacked <= allowed, f"its {size:,} bytes would become {unpacked:,} of at most {allowed:,}")


def _check_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, size: int) -> None:
    with archive.open(member) as stream:
        start = stream.read(6)
        if start.startswith(b"PK"):  # a sparse matrix of skops' own
            inner = io.BytesIO(start + stream.read())
            with _opened(inner) as nested:
                _check_sizes(nested.infolist(), size)
                for each in nested.infolist():
                    _check_member(nested, each, size)
        elif start == b"\x93NUMPY":
            _check_array(io.BytesIO(start + stream.read(_LONGEST_HEADER)), member.file_size)


def _check_array(stream: BinaryIO, size: int) -> None:
    """Check that an array is as long as in its header, because numpy makes room for the whole of it first."""
    version = np.lib.format.read_magic(stream)
    read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, _, dtype = read(stream, max_header_size=_LONGEST_HEADER)
    # Python's integers, because numpy's product of a hostile shape wraps around
    count = 1
    for length in shape:
        count *= length
    # numpy stores an array of objects as a pickle
    require(not dtype.hasobject and stream.tell() + count * dtype.itemsize == size, "an array has another length")


_LONGEST_HEADER = 10_000
"""Bytes, by numpy's own limit."""


def _opened(stream: BinaryIO) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(stream)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, UnicodeDecodeError) as error:
        raise SerializationError(f"The model file is not a valid archive: {error}.") from error
