"""Keras, PyTorch and spaCy: what they fitted comes back the same; each is asked in a process of its own."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.core.versioning import networks
from tests.core.versioning.other_people import start

ROOT = Path(__file__).parents[3]


def _run(task: Callable[..., None], *arguments: Any) -> None:
    person = start(task, *arguments)
    person.join(timeout=200)

    assert person.exitcode == 0, "see the traceback that its process printed"


def test_a_network_of_keras_comes_back_with_its_weights(tmp_path: Path) -> None:
    """It predicts the same; nothing of it is read from a board nobody trusts."""
    _run(networks.keras_comes_back, str(tmp_path / "board"))


def test_a_pipeline_of_spacy_comes_back_with_its_rules(tmp_path: Path) -> None:
    """What was found is found again; a pipeline that forgets is refused."""
    _run(networks.spacy_comes_back, str(tmp_path / "board"))


def test_a_network_of_pytorch_comes_back_with_its_state(tmp_path: Path) -> None:
    """State, mode, own classes and proof; code in a stranger's archive does not run."""
    packages = Path(os.environ.get("MLOPS_MAGICS_TEST_VENVS") or ROOT / ".venv-peers") / "torch"
    if not (packages / "torch").is_dir():
        pytest.skip("no CPU wheel of PyTorch is at hand for pip (`make torch` takes one), and PyPI's weighs gigabytes")
    _run(networks.torch_comes_back, str(tmp_path / "board"), str(packages))
