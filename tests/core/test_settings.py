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
