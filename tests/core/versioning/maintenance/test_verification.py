"""`verify` names strays, orphans and broken versions, and repairs them."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlops_magics.core.versioning import Board
from mlops_magics.errors import IntegrityError


def test_verify_names_strays_orphans_and_broken_versions_and_repairs(board: Board, pinned: list[str]) -> None:
    """Everything that has no business here is named; a repair moves it to the trash, and readers go on."""
    root = Path(board.url)
    (root / ".DS_Store").write_bytes(b"x")
    (root / "README").write_text("hello")
    (root / "line" / "Thumbs.db").write_bytes(b"x")
    (root / "line" / "20990101T000000Z-abcde").mkdir()
    (root / "line" / "20990101T000000Z-abcde" / "line.joblib").write_bytes(b"half")
    (root / "line" / pinned[0] / "line.joblib").write_bytes(b"damaged")
    assert board.load(f"line@{pinned[1]}") == {"value": 1}
    with pytest.raises(IntegrityError):
        board.load(f"line@{pinned[0]}")

    found = {(finding.kind, finding.place) for finding in board.verify().findings}
    assert found == {
        ("stray", ".DS_Store"), ("stray", "README"), ("stray", "line/Thumbs.db"),
        ("orphan", "line/20990101T000000Z-abcde"), ("broken", f"line/{pinned[0]}"),
    }  # fmt: skip
    assert board.verify(repair=True).sound
    assert board.verify().findings == ()
    assert list(board.versions("line")["version"]) == [pinned[2], pinned[1]]
