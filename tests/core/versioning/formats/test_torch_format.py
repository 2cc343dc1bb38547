"""The format of PyTorch, in a process of its own."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.core.versioning.formats import networks

ROOT = Path(__file__).parents[4]


def test_a_network_of_pytorch_comes_back_with_its_state(tmp_path: Path) -> None:
    """State, mode, own classes and proof; code in a stranger's archive does not run."""
    packages = Path(os.environ.get("MLOPS_MAGICS_TEST_VENVS") or ROOT / ".venv-peers") / "torch"
    if not (packages / "torch").is_dir():
        pytest.skip("no CPU wheel of PyTorch is at hand for pip (`make torch` takes one), and PyPI's weighs gigabytes")
    networks.run(networks.torch_comes_back, str(tmp_path / "board"), str(packages))
