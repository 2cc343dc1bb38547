"""Verified reads of a version's files: a reader gets only the bytes whose hash was verified."""

from __future__ import annotations

import hashlib
import io
import os
import tempfile
from typing import Any, BinaryIO, cast

import xxhash

from mlops_magics.core import progress
from mlops_magics.core.versioning.describing.model_version import ModelVersion
from mlops_magics.core.versioning.names import ModelName, VersionName
from mlops_magics.core.versioning.stores.store import Store
from mlops_magics.errors import IntegrityError, NotFound

CHUNK = 4 * 1024 * 1024
"""Bytes that are read and hashed at a time."""

LARGEST_FOREIGN = 64 * 1024 * 1024 * 1024
"""The most bytes of another writer's model file, whose metadata hold no reliable size."""

SLACK = 1_000_000
"""Bytes by which the size that another writer states may be wrong, beside a factor of two."""

IN_MEMORY = 1024 * 1024 * 1024
"""Bytes of a model file up to which it is read in memory. A larger one is read from a private file."""


def read_file(store: Store, version: ModelVersion, file: str) -> bytes:
    """Return a side file of a version, verified.

    Raises
    ------
    NotFound
        When the version lists no such file.
    IntegrityError
        When the bytes are not those that were written.
    """
    stored = version.stored(file)
    if stored is None:
        raise NotFound("file", f"{version.ref}/{file}", [each.name for each in version.files])
    with _open(store, version, file) as stream:
        data = stream.read(stored.size + 1)
    if len(data) != stored.size or hashlib.sha256(data).hexdigest() != stored.sha256:
        raise _damaged(version, file)
    return data


def open_model(store: Store, version: ModelVersion) -> BinaryIO:
    """Return the verified model file, open at its start. No other process can change its bytes.

    Raises
    ------
    NotFound
        When the version has no model file, or it is gone.
    IntegrityError
        When its bytes are not those that were written.
    """
    stream, size = _sized(store, version)
    try:
        stream = _private(stream, size) if store.shared else stream
        if not _intact(stream, version):
            raise _damaged(version, version.file)
        stream.seek(0)
    except BaseException:
        stream.close()
        raise
    return stream


def check_model(store: Store, version: ModelVersion) -> None:
    """Read the model file once and compare its hash, without the copy that a reader of its bytes needs.

    Raises
    ------
    NotFound, IntegrityError
        As `open_model`.
    """
    stream, _ = _sized(store, version)
    with stream:
        if not _intact(stream, version):
            raise _damaged(version, version.file)


def _sized(store: Store, version: ModelVersion) -> tuple[BinaryIO, int]:
    """Return the model file, open at its start, and its size, where the metadata agree with the size."""
    if not version.file:
        raise NotFound("model file", version.ref, hint="It is a pin of several files. Read them with pins.")
    stream, stored = _open(store, version, version.file), version.stored(version.file)
    try:
        size = stream.seek(0, os.SEEK_END)
        stream.seek(0)
        if stored is None and not version.size and size > IN_MEMORY:
            raise IntegrityError(
                f"{version.file} of {version.ref} has {size:,} bytes, and its metadata hold no size. It was not read."
            )
        foreign = version.size and size > 2 * version.size + SLACK
        if foreign if stored is None else size != stored.size:
            raise _damaged(version, version.file)
    except BaseException:
        stream.close()
        raise
    return stream, size


def sha256(store: Store, version: ModelVersion) -> str:
    """Return the sha256 of the model file, whose own hash is verified on the way.

    Raises
    ------
    NotFound, IntegrityError
        As `open_model`.
    """
    with open_model(store, version) as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()  # type: ignore[arg-type]


def _private(stream: BinaryIO, size: int) -> BinaryIO:
    """Return a copy of a file that no other process can change, and close the file."""
    with stream:
        if size <= IN_MEMORY:
            return io.BytesIO(stream.read(size))
        copy = cast(BinaryIO, tempfile.TemporaryFile(prefix="mlops-magics-"))  # noqa: SIM115 - it is what is returned
        try:
            for start in range(0, size, CHUNK):
                copy.write(stream.read(min(CHUNK, size - start)))
            copy.seek(0)
        except BaseException:
            copy.close()
            raise
        return copy


def _intact(stream: BinaryIO, version: ModelVersion) -> bool:
    algorithm, _, wanted = version.hash.partition(":")
    digest: Any = hashlib.sha256() if algorithm == "sha256" else xxhash.xxh64()
    size = 0
    while data := stream.read(CHUNK):
        size += len(data)
        digest.update(data)
        progress.report(f"reading {version.file}", size, version.size, progress.BYTES)
    return bool(digest.hexdigest() == wanted)


def _open(store: Store, version: ModelVersion, file: str) -> BinaryIO:
    stored = version.stored(file)
    limit = stored.size if stored is not None else LARGEST_FOREIGN
    return store.open(ModelName(version.name), VersionName(version.version), file, limit)


def _damaged(version: ModelVersion, file: str) -> IntegrityError:
    return IntegrityError(
        f"{file} of {version.ref} is not what was written: its hash differs, and nothing of it was read. "
        f"Take another version (`%versions {version.name}`), or run `%verify`."
    )
