"""Packages of a small model: without a resolver, and without a registry."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mlops_magics.core.deploying.targets import requirements_lock, target
from mlops_magics.core.deploying.targets.package_record import Package
from mlops_magics.core.versioning import Board
from tests.core.deploying.conftest import Pinned, publish_line

BASE = "python@sha256:" + "0" * 64
"""A base image whose digest nobody has to be asked for."""

Packaging = Callable[..., Package]


@pytest.fixture
def trusted_line(board: Board) -> Pinned:
    """A model of one's own class, on a trusted board."""
    pinned = publish_line(board)
    board.trust()
    return pinned


@pytest.fixture
def packaging(trusted_line: Pinned, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Packaging:
    """Write a package of the line for a target."""
    monkeypatch.setattr(requirements_lock, "_uv", lambda: None)

    def write(to: str, **settings: Any) -> Package:
        image = {"base": BASE} if "base" in {each.name for each in target.target(to).settings} else {}
        given = {**image, **settings}
        return target.package(trusted_line.board, trusted_line.version, to, tmp_path / "package", given)

    return write


def instructions(dockerfile: str) -> list[tuple[str, str]]:
    """Return the instructions of a Dockerfile; every one is on a line of its own."""
    lines = [line for line in dockerfile.splitlines() if line]
    return [(word, rest) for word, _, rest in (line.partition(" ") for line in lines)]
