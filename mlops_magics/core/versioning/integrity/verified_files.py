"""Reading a version's files so that no byte reaches a reader before it was verified."""

from __future__ import annotations

import hashlib
import io
import os
from typing import Any, BinaryIO

import xxhash

from mlops_magics.core.versioning.describing.model_version import ModelVersion, StoredFile
from mlops_magics.core.versioning.integrity.verified_stream import VerifiedStream
from mlops_magics.core.versioning.names import ModelName, VersionName
from mlops_magics.core.versioning.stores.store import Store
from mlops_magics.errors import IntegrityError, NotFound

CHUNK = 1024 * 1024
SMALL = 64 * 1024
"""What is read ahead for many short reads; a longer read goes past this buffer, without a copy."""


def read_file(store: Store, version: ModelVersion, file: str) -> bytes:
    """Return a file of a version, verified.

    Raises
    ------
    NotFound
        When the version lists no such file.
    IntegrityError
        When the bytes are not what was written.
    """
    stored = version.stored(file)
    if stored is None:
        raise NotFound("file", f"{version.ref}/{file}", [each.name for each in version.files])
    data = store.read(_name(version), _version(version), file)
    if len(data) != stored.size or hashlib.sha256(data).hexdigest() != stored.sha256:
        raise _damaged(version, file)
    return data


def open_blocks(store: Store, version: ModelVersion) -> BinaryIO:
    """Return the model file as a stream to be read once, each block verified before it is handed on.

    A small file, or one without block hashes, is verified as a whole first.
    """
    stored = version.stored(version.file)
    if stored is None or len(stored.blocks) < 2:
        return open_model(store, version)
    stream = store.open(_name(version), _version(version), version.file)
    if os.fstat(stream.fileno()).st_size != stored.size:
        stream.close()
        raise _damaged(version, version.file)
    verified = VerifiedStream(stream, stored, lambda: _damaged(version, version.file))
    return io.BufferedReader(verified, SMALL)


def open_model(store: Store, version: ModelVersion) -> BinaryIO:
    """Return the verified model file, open at its start.

    Raises
    ------
    IntegrityError
        When its bytes are not what was written.
    """
    if not version.file:
        raise NotFound("model file", version.ref, hint="It is a pin of several files; read them with pins.")
    stream = store.open(_name(version), _version(version), version.file)
    try:
        if not _intact(stream, version.hash, version.stored(version.file)):
            raise _damaged(version, version.file)
        stream.seek(0)
    except BaseException:
        stream.close()
        raise
    return stream


def _intact(stream: BinaryIO, expected: str, stored: StoredFile | None) -> bool:
    algorithm, _, wanted = expected.partition(":")
    digest: Any = hashlib.sha256() if algorithm == "sha256" else xxhash.xxh64()
    buffer = memoryview(bytearray(CHUNK))
    size = 0
    while read := stream.readinto(buffer):  # type: ignore[attr-defined]
        digest.update(buffer[:read])
        size += read
    return digest.hexdigest() == wanted and (stored is None or size == stored.size)


def _name(version: ModelVersion) -> ModelName:
    return ModelName(version.name)


def _version(version: ModelVersion) -> VersionName:
    return VersionName(version.version)


def _damaged(version: ModelVersion, file: str) -> IntegrityError:
    return IntegrityError(
        f"{file} of {version.ref} is not what was written: its hash differs, and nothing of it was read. "
        f"Take another version (`%versions {version.name}`), or run `%verify`."
    )
