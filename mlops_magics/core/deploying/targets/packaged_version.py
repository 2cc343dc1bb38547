"""The version that a package holds, by its hash: copied from a folder board, or named on a board with a URL."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mlops_magics.core.versioning import ModelName, VersionName, open_board
from mlops_magics.core.versioning.describing.data_txt import FILE
from mlops_magics.core.versioning.integrity import consent, signatures
from mlops_magics.core.versioning.publishing.facts import PROFILE
from mlops_magics.errors import IntegrityError, InvalidInput, NotTrusted

if TYPE_CHECKING:
    from mlops_magics.core.versioning import Board, ModelVersion


@dataclass(frozen=True, slots=True)
class PackagedVersion:
    """A version as a container finds it.

    Attributes
    ----------
    ref
        ``name@version`` on the board that the container opens.
    sha256
        Of the model file.
    board
        The URL of the board, which the container reaches with credentials of its own.
    copied
        Whether the package has a board of its own, with this version alone.
    """

    version: ModelVersion
    ref: str
    sha256: str
    board: str
    copied: bool


def check(board: Board, version: ModelVersion) -> str:
    """Return the sha256 of a version that can be packaged.

    Raises
    ------
    InvalidInput
        When the version has no prototype, so that no request could be checked.
    NotTrusted
        When reading it would run code that this user does not trust: a container or a worker asks nobody.
    IntegrityError
        When the board's policy requires a signature that is missing.
    """
    from mlops_magics.core.versioning.formats import registry

    if version.prototype is None:
        raise InvalidInput(
            f"{version.ref} has no prototype, so that no request can be checked. Pin it with its training data: "
            f"`%pin_model {version.name} MODEL --data X`."
        )
    signatures.check(board.store, board.log, version)
    if not registry.read_without_trust(version.format) and not board.trusts(version):
        raise NotTrusted(
            f"{version.ref} runs code when it is read, on whichever machine that is. "
            f"Look at it first, then trust it: `%trust {version.ref}`."
        )
    return consent.sha256_of(board.store, version)


def take(board: Board, version: ModelVersion, folder: Path) -> PackagedVersion:
    """Return a version for a package. One of a folder board is copied to ``folder/board``.

    Only the model, its metadata and its reference profile are copied, and not the data kept for retraining.

    Raises
    ------
    InvalidInput, NotTrusted, IntegrityError
        As `check`.
    """
    sha256 = check(board, version)
    if is_reached_by_url(board.url):
        return PackagedVersion(version, version.ref, sha256, board.url, copied=False)
    name, called = ModelName(version.name), VersionName(version.version)
    target = folder / "board" / name / called
    target.mkdir(parents=True)
    for file in {FILE, version.file, PROFILE} & set(board.store.files_of(name, called)):
        with board.store.open(name, called, file) as stored, (target / file).open("xb") as written:
            shutil.copyfileobj(stored, written)
    copied = open_board(folder / "board", create=False).version(version.ref)
    # after the copy: the files could have changed between the check and here
    if consent.sha256_of(board.store, copied) != sha256 or _sha256(target / version.file) != sha256:
        raise IntegrityError(f"{version.ref} changed while it was copied. Nothing was packaged.")
    return PackagedVersion(version, version.ref, sha256, board.url, copied=True)


def named(board: Board, version: ModelVersion, folder: Path) -> PackagedVersion:
    """Return a version for a package that does not hold it."""
    return PackagedVersion(version, version.ref, version.hash.removeprefix("sha256:"), board.url, copied=False)


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def is_reached_by_url(url: str) -> bool:
    """Return whether another machine reaches a board by its URL."""
    scheme, mark, _ = url.partition("://")
    return bool(mark) and scheme not in ("file", "memory", "local")
