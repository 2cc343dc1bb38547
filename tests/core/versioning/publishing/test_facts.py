"""Facts that cannot be stored are refused before anything is written."""

from __future__ import annotations

from typing import Any

import pytest

from mlops_magics.core.versioning import Board, Facts
from mlops_magics.errors import InvalidInput, InvalidName


@pytest.mark.parametrize(
    "facts",
    [
        {"metrics": {"r2": "good"}},
        {"metadata": {"model": object()}},
        {"tags": ["two words"]},
        {"tags": [""]},
        {"format": "jobblib"},
        {"files": {"../x": b""}},
        {"files": {"data.txt": b""}},
        {"files": {"line.joblib": b""}, "format": "joblib"},
        {"metadata": {"a": "\ud800"}},
    ],
)
def test_facts_that_cannot_be_stored_are_refused_before_anything_is_written(
    board: Board, model: Any, facts: Any
) -> None:
    """Each gets one clear line, and the board stays as it was."""
    with pytest.raises((InvalidInput, InvalidName)):
        board.publish(model, "line", Facts(**facts))

    assert board.names() == []
