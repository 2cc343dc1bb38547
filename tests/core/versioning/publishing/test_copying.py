"""Copying keeps hash and lineage."""

from __future__ import annotations

import uuid
from typing import Any

from mlops_magics.core.versioning import Board, Facts, open_board


def test_copying_keeps_hash_and_lineage(board: Board, model: Any) -> None:
    """From board to board byte for byte; the copy tells where it came from."""
    version = board.publish(model, "line", Facts(profile=b"{}", metrics={"r2": 0.5}, tags=("eu",)))
    target = open_board(f"memory://{uuid.uuid4().hex}")
    copied = board.copy(version, target, name="shared-line")

    assert copied.hash == version.hash
    assert (copied.metrics, copied.tags, copied.lineage) == (version.metrics, version.tags, version.lineage)
    assert target.version("shared-line").stamps["copied_from"] == f"{board.url}:{version.ref}"
    assert target.read_file(copied, "profile.json") == b"{}"
    assert target.load("shared-line").coef_.tolist() == model.coef_.tolist()
