"""Modules whose files were edited after their import."""

from __future__ import annotations

import importlib
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from mlops_magics.core.retraining.recipe import module_files

CODE = "import own_part\nTOP = 3\ndef scale(x):\n    return x * own_part.FACTOR\nclass Kind:\n    pass\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with two modules that are imported, of which one uses the other."""
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "own_whole.py").write_text(CODE)
    (tmp_path / "own_part.py").write_text("FACTOR = 2\n")
    importlib.import_module("own_whole")
    yield tmp_path
    for name in ("own_whole", "own_part"):
        del sys.modules[name]


@pytest.mark.parametrize("cached", [True, False], ids=["with byte code", "without byte code"])
@pytest.mark.parametrize(
    ("file", "code", "found"),
    [
        ("own_whole.py", CODE, None),
        ("own_whole.py", f"# a comment\n\n{CODE}", None),
        ("own_whole.py", CODE.replace("TOP = 3", "TOP = 4"), "own_whole.py"),
        ("own_whole.py", CODE.replace("x * own", "x + own"), "own_whole.py"),
        ("own_whole.py", CODE.replace("TOP = 3", "TOP = ("), "own_whole.py"),
        ("own_part.py", "FACTOR = 7\n", "own_part.py"),
    ],
)
def test_an_edited_file_is_found_and_a_comment_is_not(
    folder: Path, cached: bool, file: str, code: str, found: str | None
) -> None:
    """The code counts, that of a module that the imported one uses included; installed modules are not looked at."""
    if not cached:
        shutil.rmtree(folder / "__pycache__", ignore_errors=True)
    (folder / file).write_text(code)

    assert module_files.edited({"own_whole"}) == found
    assert module_files.edited({"numpy", "json"}) is None
