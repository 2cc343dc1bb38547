"""Annotations change facts of a version without storing its model again."""

from __future__ import annotations

from pathlib import Path

from mlops_magics.core.versioning import Board


def test_metadata_change_without_a_new_upload_and_the_history_keeps_them(board: Board, pinned: list[str]) -> None:
    """Description, tags, metrics and fields of a version move; its bytes and its folder do not."""
    before = sorted(Path(board.url, "line").rglob("*"))
    board.annotate(
        f"line@{pinned[2]}", description="kept", tags=["eu"], metrics={"accuracy": 0.95}, metadata={"owner": "me"}
    )
    found = board.version("line")

    assert (found.description, found.tags, found.metrics, found.metadata) == (
        "kept",
        ("eu",),
        {"accuracy": 0.95},
        {"owner": "me"},
    )
    assert sorted(Path(board.url, "line").rglob("*")) == before
    assert list(board.models("accuracy>0.9 tag:eu owner=me")["name"]) == ["line"]
    assert board.versions("line")["description"].iloc[0] == "kept"
    assert "annotate" in set(board.history("line")["event"])
