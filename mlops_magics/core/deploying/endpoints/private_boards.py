"""Versions of a board that only this process can see, copied to where the endpoint's processes can read them."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from mlops_magics.core import state
from mlops_magics.core.deploying.endpoints import processes
from mlops_magics.core.deploying.endpoints.paths import board_key, checked

SHIPPED = "shipped"
PRIVATE_SCHEME = "memory://"
"""Of boards that end with the process that made them."""


def reachable(board: str) -> str:
    """Return the board from which an endpoint reads what lies on this one."""
    return str(_folder(board)) if board.startswith(PRIVATE_SCHEME) else board


def ship(board: str, name: str, version: str) -> None:
    """Copy a version's files, byte for byte, unless its board can be opened from everywhere."""
    if not board.startswith(PRIVATE_SCHEME):
        return
    from mlops_magics.core.versioning import ModelName, VersionName, open_board

    source, folder = open_board(board), state.directory(SHIPPED, board_key(board), checked(name))
    target, draft = folder / checked(version), folder / f".{version}.{os.getpid()}"
    if target.exists():
        return
    draft.mkdir(mode=state.PRIVATE_FOLDER)
    pin = ModelName(name), VersionName(version)
    for file in source.store.files(*pin):
        with source.store.open(*pin, file) as stored, processes.open_private(draft / file) as copied:
            shutil.copyfileobj(stored, copied)
    draft.replace(target)
    if source.trusted:
        open_board(_folder(board)).trust()


def discard(board: str, name: str) -> None:
    """Remove what was copied of a model."""
    if board.startswith(PRIVATE_SCHEME):
        shutil.rmtree(_folder(board) / checked(name), ignore_errors=True)


def _folder(board: str) -> Path:
    return state.directory(SHIPPED, board_key(board))
