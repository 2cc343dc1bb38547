"""What can be set, and the one order in which it is looked up."""

from __future__ import annotations

from pathlib import Path

import pytest

from mlops_magics.core import settings
from mlops_magics.errors import InvalidInput


def test_the_order_is_the_documented_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A call beats %config, which beats the environment, which beats pyproject.toml, which beats the default."""
    (tmp_path / "pyproject.toml").write_text('[tool.mlops_magics]\nboard = "file"\nworkers = 2\nlog = false\n')
    below = tmp_path / "notebooks"
    below.mkdir()
    found = [settings.load(folder=below).board]
    monkeypatch.setenv("MLOPS_MAGICS_BOARD", "environment")
    found.append(settings.load(folder=below).board)
    found.append(settings.load(config={"board": "config"}, folder=below).board)
    found.append(settings.load({"board": "call"}, {"board": "config"}, below).board)

    assert found == ["file", "environment", "config", "call"]
    both = settings.load({"board": None}, {}, below)
    assert (both.board, both.workers, both.log) == ("environment", 2, False)


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"wokers": 2}, "did you mean 'workers'?"),
        ({"workers": "two"}, "'workers' in %config wants int"),
        ({"widgets": "sometimes"}, "'widgets' in %config is one of auto, always, never"),
    ],
)
def test_a_wrong_setting_is_refused_with_its_place(config: dict[str, object], words: str, tmp_path: Path) -> None:
    """One line: what, where, and what would be right."""
    with pytest.raises(InvalidInput, match=words.replace("?", r"\?")):
        settings.load(config=config, folder=tmp_path)


@pytest.mark.parametrize(("value", "required"), [("0", False), ("no", False), ("1", True), ("QgLle9LO-a_token", True)])
def test_the_variable_of_a_clients_token_is_not_taken_for_the_switch(
    value: str, required: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Snippets and client files read the token itself from the variable that may switch tokens off."""
    monkeypatch.setenv("MLOPS_MAGICS_TOKEN", value)

    assert settings.load(folder=tmp_path).token is required
