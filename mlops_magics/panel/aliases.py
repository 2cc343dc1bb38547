"""Moving an alias, and taking the last move back."""

from __future__ import annotations

from typing import Any

from mlops_magics.core.versioning.names import ModelName
from mlops_magics.panel.shelf import Shelf


def promote(
    shelf: Shelf, board: str, name: str, alias: str, version: str, note: str | None = None, force: bool = False
) -> dict[str, Any]:
    """Let the alias name the version."""
    with shelf.board(board) as opened:
        return {"move": opened.promote(f"{ModelName(name)}@{version}", alias, note=note, force=force).to_json()}


def rollback(shelf: Shelf, board: str, name: str, alias: str, note: str | None = None) -> dict[str, Any]:
    """Take the alias's last move back."""
    with shelf.board(board) as opened:
        return {"move": opened.rollback(ModelName(name), alias, note=note).to_json()}
