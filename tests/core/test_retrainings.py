"""How retrainings ended, as the sidebar reads it."""

from __future__ import annotations

import pytest

from mlops_magics.core import retrainings
from mlops_magics.core.known_boards import key_of
from mlops_magics.errors import InvalidInput


def test_the_newest_end_is_the_first_and_the_oldest_are_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    """The list of a model has a longest length."""
    monkeypatch.setattr(retrainings, "MOST_KEPT", 3)
    for number in range(4):
        retrainings.remember("/board", "penguins", version=f"v{number}")
    retrainings.remember("/board", "penguins", error="no rows")

    kept = retrainings.of_key(key_of("/board"), "penguins")

    assert [(each["version"], each["error"]) for each in kept] == [(None, "no rows"), ("v3", None), ("v2", None)]


def test_models_and_boards_are_apart() -> None:
    """A model of the same name on another board has its own list."""
    retrainings.remember("/board", "penguins", version="1")

    assert retrainings.of_key(key_of("/other"), "penguins") == []
    assert retrainings.of_key(key_of("/board"), "whales") == []


@pytest.mark.parametrize("end", [{}, {"version": "1", "error": "no"}])
def test_a_retraining_ends_in_one_way(end: dict[str, str]) -> None:
    """It has a version or an error."""
    with pytest.raises(InvalidInput, match="a version or with an error"):
        retrainings.remember("/board", "penguins", **end)
