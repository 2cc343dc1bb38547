"""Companions: plain pins of a model, such as `penguins.metrics`, for data that change while its versions do not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

import xxhash
import yaml

from mlops_magics.core.versioning.describing import data_txt
from mlops_magics.core.versioning.describing.data_txt import FILE
from mlops_magics.core.versioning.listing.companion_names import TYPES
from mlops_magics.core.versioning.names import STAMP, FileName, ModelName, VersionName
from mlops_magics.errors import Conflict, IntegrityError

if TYPE_CHECKING:
    from mlops_magics.core.versioning.board import Board

MOST_TRIES = 20
_XXH64 = 16
"""The digits of the hash that pins for Python keeps."""

LARGEST = 256_000_000
"""Bytes of a companion that are read: thresholds and verdicts have kB, and metrics of years some MB."""


class _Moved(Exception):
    """Another writer published a newer version in the meantime."""


def read(board: Board, name: str, what: str) -> bytes | None:
    """Return the newest contents of a companion, or ``None`` before the first."""
    newest = _newest(board, _pin(name, what))
    return None if newest is None else _contents(board, name, what, newest)


def update(
    board: Board, name: str, what: str, change: Callable[[bytes | None], bytes], description: str
) -> VersionName:
    """Write a new version made of the newest one. When another writer was faster, make it again of theirs.

    Parameters
    ----------
    change
        A function from the newest contents, ``None`` the first time, to the new ones.

    Raises
    ------
    Conflict
        Others were faster each time.
    BoardError
        The board cannot be written.
    """
    for _ in range(MOST_TRIES):
        before = _newest(board, _pin(name, what))
        data = change(None if before is None else _contents(board, name, what, before))
        try:
            return _write(board, name, what, data, description, before)
        except _Moved:
            continue
    raise Conflict(f"Others keep writing {_pin(name, what)}. Nothing was lost. Try again.")


def _write(board: Board, name: str, what: str, data: bytes, description: str, before: str | None) -> VersionName:
    pin, file = _pin(name, what), _file(name, what)
    with board.writing(), board.store.draft() as draft:
        digest = draft.add(file, data)

        def describe(created: datetime, called: VersionName, newest: str | None) -> bytes:
            if newest != before:
                raise _Moved
            document = {
                "api_version": 1,
                "created": created.strftime(STAMP),
                "description": description,
                "file": str(file),
                "file_size": digest.size,
                "pin_hash": digest.xxh64,
                "tags": None,
                "title": f"{pin}: {what} of the model {name}",
                "type": TYPES[what],
                "user": {},
            }
            return yaml.dump(document, Dumper=yaml.CSafeDumper, allow_unicode=True, width=10**9).encode()

        return board.store.commit(draft, pin, digest.xxh64, describe)


def _contents(board: Board, name: str, what: str, version: str) -> bytes:
    """Return the contents of one version of a companion, verified by the hash that pins keeps.

    The hash of R's pins is of another kind and is not checked.
    """
    pin, called = _pin(name, what), VersionName(version)
    where = f"{pin}@{called}"
    metadata = board.store.read(pin, called, FILE, data_txt.LARGEST)
    files, expected = data_txt.files_listed(metadata, where), data_txt.content_hash(metadata, where)
    if len(files) != 1:
        raise IntegrityError(f"{where} lists {len(files)} files instead of one. Run `%verify`.")
    [file] = files
    data = board.store.read(pin, called, file, LARGEST)
    if len(expected) == _XXH64 and xxhash.xxh64_hexdigest(data) != expected:
        raise IntegrityError(f"The file {file} of {where} was changed after it was written. Run `%verify`.")
    return data


def _newest(board: Board, pin: ModelName) -> str | None:
    versions = board.catalogue.versions(pin)
    return versions[-1] if versions else None


def _pin(name: str, what: str) -> ModelName:
    return ModelName(f"{ModelName(name)}.{what}")


def _file(name: str, what: str) -> FileName:
    return FileName(f"{_pin(name, what)}.{TYPES[what]}")
