"""The file of a document: refused in one line beforehand, written as a whole, and nothing else is touched."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

import mlops_magics as mm
from mlops_magics.errors import InvalidInput

ROWS = pd.DataFrame(np.random.default_rng(0).normal(size=(40, 2)), columns=["a", "b"])
WRITERS: dict[str, Callable[[mm.Session, Any], Any]] = {
    "readiness": lambda session, to: session.readiness(["D5=yes"], files=None, to=to),
    "model_card": lambda session, to: session.model_card("owls", {"owners": "Ana"}, to=to),
    "dashboard": lambda session, to: session.dashboard("owls", to=to),
}
WRONG = ("", " ", "page.docx", "page", "s3://bucket/page.html", "a\0.html", "folder.html", "pipe.html", 5)
"""Places that are refused before a text or an answer is kept."""
LATE = ("file/page.html", "n" * 300 + ".html", "/proc/page.html")
"""Places that only the write finds out."""


@pytest.fixture
def session(tmp_path: Path) -> mm.Session:
    """Return a session with a model."""
    session = mm.Session(board=tmp_path / "board")
    session.pin(LogisticRegression().fit(ROWS, ROWS["a"] > 0), "owls", data=ROWS)
    return session


@pytest.mark.parametrize("verb", WRITERS)
def test_a_wrong_place_is_one_line_and_nothing_is_left(
    verb: str, session: mm.Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also a text that came with it is not kept, where the place is seen to be wrong beforehand."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder.html").mkdir()
    (tmp_path / "file").write_text("kept")
    os.mkfifo(tmp_path / "pipe.html")
    before = sorted(each.name for each in tmp_path.iterdir())

    for place in (*WRONG, *LATE):
        with pytest.raises(InvalidInput) as refused:
            WRITERS[verb](session, place)
        assert "\n" not in str(refused.value)
        if place in WRONG:
            assert session.readiness(files=None, keep=False).evidence.answers == {}
            assert session.model_card("owls").parts == ()

    assert sorted(each.name for each in tmp_path.iterdir()) == before
    assert (tmp_path / "file").read_text() == "kept"


@pytest.mark.parametrize("verb", WRITERS)
def test_a_link_is_replaced_and_not_followed(verb: str, session: mm.Session, tmp_path: Path) -> None:
    """Whoever can write to the folder could otherwise choose the file that is overwritten."""
    folder = tmp_path / "pages"
    folder.mkdir()
    (folder / "elsewhere").write_text("kept")
    (folder / "page.html").symlink_to(folder / "elsewhere")

    WRITERS[verb](session, folder / "page.html")

    assert (folder / "elsewhere").read_text() == "kept"
    assert "<html" in (folder / "page.html").read_text()
    assert not (folder / "page.html").is_symlink()
    WRITERS[verb](session, folder / "new" / "page.html")
    assert sorted(each.name for each in folder.rglob("*")) == ["elsewhere", "new", "page.html", "page.html"]


def test_a_site_is_a_folder(session: mm.Session, tmp_path: Path) -> None:
    """A file, an empty word and a place below a file are refused; a planted link is replaced."""
    (tmp_path / "file").write_text("kept")
    for place in ("", "a\0", tmp_path / "file", tmp_path / "file" / "site"):
        with pytest.raises(InvalidInput):
            session.catalogue(to=place)
    (tmp_path / "site" / "models").mkdir(parents=True)
    (tmp_path / "site" / "models" / "owls.html").symlink_to(tmp_path / "file")

    assert session.catalogue(to=tmp_path / "site").written == 1
    assert (tmp_path / "file").read_text() == "kept"
