"""Where a version comes from: the commit that was checked out."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from mlops_magics.core.versioning.describing import lineage


def test_the_commit_and_its_dirt_are_recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A notebook in a repository; outside of one both are unknown."""
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    monkeypatch.chdir(tmp_path)
    assert (lineage.record().git_commit, lineage.record().git_dirty) == (None, None)

    def git(*words: str) -> str:
        options = ["-c", "user.name=me", "-c", "user.email=me@example.org"]
        return subprocess.run(["git", *options, *words], check=True, capture_output=True, text=True).stdout.strip()

    git("init", "-q")
    (tmp_path / "train.py").write_text("pass\n")
    git("add", ".")
    git("commit", "-qm", "first")
    assert (lineage.record().git_commit, lineage.record().git_dirty) == (git("rev-parse", "HEAD"), False)
    (tmp_path / "train.py").write_text("more\n")
    assert lineage.record().git_dirty is True
