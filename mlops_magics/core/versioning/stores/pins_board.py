"""Board objects of the pins package, opened as the places that they represent."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mlops_magics.core.versioning.stores.connect import ConnectStore
from mlops_magics.core.versioning.stores.folder import FolderStore
from mlops_magics.core.versioning.stores.objects import ObjectStore
from mlops_magics.errors import InvalidInput

_SCHEMES = {"s3": "s3", "gs": "gs", "gcs": "gs", "abfs": "abfs", "memory": "memory"}


def store_of(board: Any) -> FolderStore | ObjectStore | ConnectStore:
    """Return the store behind a pins board.

    Raises
    ------
    InvalidInput
        For boards that are not places for files, such as a list of URLs.
    """
    fs = getattr(board.fs, "fs", board.fs)  # pins wraps those that it caches
    protocols = fs.protocol if isinstance(fs.protocol, tuple | list) else (fs.protocol,)
    if "file" in protocols:
        return FolderStore(Path(board.board))
    if "rsc" in protocols:
        return ConnectStore.of(fs)
    scheme = next((_SCHEMES[protocol] for protocol in protocols if protocol in _SCHEMES), None)
    if scheme is None:
        raise InvalidInput(
            f"A pins board on {protocols[0]!r} cannot be worked with: use a folder, s3, gcs, azure or Posit Connect."
        )
    fs.use_listings_cache = False
    if hasattr(fs, "dircache"):
        fs.dircache.use_listings_cache = False
        fs.dircache.clear()
    return ObjectStore(fs, str(board.board), f"{scheme}://{str(board.board).strip('/')}")
