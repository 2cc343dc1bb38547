"""Copies of versions of in-memory boards in the state folder, where the endpoint's processes can read them."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from mlops_magics.core import state
from mlops_magics.core.deploying.endpoints import processes
from mlops_magics.core.deploying.endpoints.paths import safe_name
from mlops_magics.core.known_boards import key_of

SHIPPED = "shipped"
PRIVATE_SCHEME = "memory://"
"""Of boards that only the process that made them can read."""


def reachable(board: str) -> str:
    """Return the URL from which an endpoint's processes read a board."""
    return str(_folder(board)) if board.startswith(PRIVATE_SCHEME) else board


def materialise(board: str, name: str, version: str) -> None:
    """Copy a version's files, byte for byte, if only this process can read its board."""
    if not board.startswith(PRIVATE_SCHEME):
        return
    from mlops_magics.core.versioning import ModelName, VersionName, open_board

    source, folder = open_board(board), state.directory(SHIPPED, key_of(board), safe_name(name))
    target, draft = folder / safe_name(version), folder / f".{version}.{os.getpid()}"
    if target.exists():
        return
    draft.mkdir(mode=state.PRIVATE_FOLDER)
    pin = ModelName(name), VersionName(version)
    for file in source.store.files_of(*pin):
        with source.store.open(*pin, file) as stored, processes.open_private(draft / file) as copied:
            shutil.copyfileobj(stored, copied)
    # renamed at the end, so that an interrupted copy is not taken for the version
    draft.replace(target)
    if source.trusted:
        open_board(_folder(board)).trust()


def discard(board: str, name: str) -> None:
    """Remove the copies of a model."""
    if board.startswith(PRIVATE_SCHEME):
        shutil.rmtree(_folder(board) / safe_name(name), ignore_errors=True)


def _folder(board: str) -> Path:
    return state.directory(SHIPPED, key_of(board))
