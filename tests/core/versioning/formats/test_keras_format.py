"""The format of Keras, in a process of its own."""

from __future__ import annotations

from pathlib import Path

from tests.core.versioning.formats import networks


def test_a_network_of_keras_comes_back_with_its_weights(tmp_path: Path) -> None:
    """It predicts the same; nothing of it is read from a board nobody trusts."""
    networks.run(networks.keras_comes_back, str(tmp_path / "board"))
