"""Links, pipes, devices, folders and huge files in place of the files that users name: outputs, rows and keys."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

import mlops_magics as mm
from mlops_magics.core.retraining.recipe import notebook_recipe
from mlops_magics.errors import MlopsError

ROWS = pd.DataFrame(np.random.default_rng(0).normal(size=(60, 2)), columns=["a", "b"])
HUGE = 30_000_000_000
"""Bytes of a file without contents."""


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[mm.Session]:
    """A session with one monitored model."""
    patch = pytest.MonkeyPatch()
    patch.setenv("MLOPS_MAGICS_STATE", str(tmp_path_factory.mktemp("state")))
    session = mm.Session(board=tmp_path_factory.mktemp("boards") / "board")
    truth = (ROWS["a"] > 0).astype(int)
    session.pin(LogisticRegression().fit(ROWS, truth), "line", data=ROWS, truth=truth)
    session.monitor("line", data=ROWS)
    yield session
    patch.undo()


@pytest.fixture(scope="module")
def chart(session: mm.Session) -> Any:
    """A chart of a report."""
    return session.monitor("line", data=ROWS).charts()


def _socket(place: Path) -> None:
    before = os.getcwd()
    os.chdir(place.parent)  # the name of a socket is short
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(place.name)
    finally:
        os.chdir(before)


def _huge(place: Path) -> None:
    with place.open("wb") as stream:
        stream.truncate(HUGE)


KINDS: dict[str, Callable[[Path], Any]] = {
    "a pipe": os.mkfifo,
    "a link to a device": lambda place: place.symlink_to("/dev/zero"),
    "a link to a file": lambda place: place.symlink_to("outside/file.txt"),
    "a link to nothing": lambda place: place.symlink_to("outside/new.txt"),
    "a folder": lambda place: place.mkdir(),
    "a socket": _socket,
    "a huge file": _huge,
}

ACTS: dict[str, tuple[str, Callable[[mm.Session, Any, Path], Any]]] = {
    "chart": ("chart.json", lambda session, chart, place: chart.save(place)),
    "export": ("line.cron", lambda session, chart, place: session.export("line", to="cron", path=str(place))),
    "package": ("client", lambda session, chart, place: session.package("line", to="client", path=place)),
    "card": ("card.html", lambda session, chart, place: session.model_card("line", to=place)),
    "dashboard": ("page.html", lambda session, chart, place: session.dashboard("line", to=place)),
    "rows": ("rows.csv", lambda session, chart, place: session.monitor("line", data=str(place))),
    "lines": ("rows.jsonl", lambda session, chart, place: session.monitor("line", data=str(place))),
    "parquet": ("rows.parquet", lambda session, chart, place: session.monitor("line", data=str(place))),
    "truth": ("truth.csv", lambda session, chart, place: session.monitor("line", data=ROWS, truth=str(place))),
    "public key": ("key.pem", lambda session, chart, place: session.trust("line", key=place)),
    "private key": ("key.pem", lambda session, chart, place: session.sign("line", place)),
    "notebook": ("recipe.ipynb", lambda session, chart, place: notebook_recipe.of_file(str(place))),
    "settings": ("pyproject.toml", lambda session, chart, place: mm.Session(board=session.board.url)),
}

BATCH = ("rows.csv", "rows.jsonl", "rows.parquet", "rows.csv.gz")


def _neighbour(tmp_path: Path) -> Path:
    for name in ("inside", "outside"):
        (tmp_path / name).mkdir()
    (tmp_path / "outside" / "file.txt").write_text("mine")
    return tmp_path / "inside"


def _refusal(act: Callable[[], Any]) -> str:
    try:
        act()
    except MlopsError as refused:
        return str(refused)
    return ""


def _is_untouched(tmp_path: Path) -> bool:
    return {path.name: path.read_text() for path in (tmp_path / "outside").iterdir()} == {"file.txt": "mine"}


@pytest.mark.timeout(60)
@pytest.mark.parametrize("act", ACTS)
def test_R12_what_is_in_the_place_of_a_file_is_replaced_or_refused_in_one_line(
    session: mm.Session, chart: Any, tmp_path: Path, act: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R12, T5: no reader waits for a pipe or reads a device, and nothing behind a link changes."""
    name, call = ACTS[act]
    inside = _neighbour(tmp_path)
    for kind, put in KINDS.items():
        folder = inside / kind.replace(" ", "-")
        folder.mkdir()
        (folder / "outside").symlink_to(tmp_path / "outside")
        put(folder / name)
        monkeypatch.chdir(folder)
        assert "\n" not in _refusal(lambda place=folder / name: call(session, chart, place)), kind
        assert _is_untouched(tmp_path), kind


@pytest.mark.timeout(60)
def test_R12_a_batch_names_the_inputs_that_are_not_files_of_rows(session: mm.Session, tmp_path: Path) -> None:
    """R12: each as a part that failed, and the others are scored."""
    inside = _neighbour(tmp_path)
    (inside / "outside").symlink_to(tmp_path / "outside")
    for kind, put in KINDS.items():
        if kind != "a folder":
            for name in BATCH:
                put(inside / f"{kind.replace(' ', '-')}-{name}")
    ROWS.to_csv(inside / "sound.csv", index=False)
    result = session.predict_batch("line", str(inside), str(tmp_path / "out"), workers=0)

    assert [Path(each.source).name for each in result.parts if each.state == "scored"] == ["sound.csv"]
    assert all("\n" not in each.message for each in result.failed)
    assert _is_untouched(tmp_path)
