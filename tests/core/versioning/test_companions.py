"""Companions: plain pins beside a model that other tools read, that nobody loses, and that no listing calls a model."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Thread
from typing import Any

import pandas as pd
import pins
import polars
import pyarrow as pa
import pytest
from sklearn.linear_model import LinearRegression

from mlops_magics.core.session import Session
from mlops_magics.core.versioning import Board, Facts, companions, open_board
from mlops_magics.core.versioning.stores.folder import FolderStore
from tests.core.failing_files import CHANGES, QuickFiles


@pytest.fixture
def session(tmp_path: Path) -> Session:
    """Return a session on a folder with one model and a year of rows in ``year``."""
    session = Session(board=tmp_path / "board")
    X = pd.DataFrame({"x": [float(k) for k in range(60)]})
    session.pin(LinearRegression().fit(X, X["x"] * 2), "line", data=X, truth=X["x"] * 2)
    return session


def test_kept_metrics_are_an_arrow_pin_that_pins_reads(session: Session, tmp_path: Path) -> None:
    """Periods that are monitored again are replaced; each run is a version."""
    rows = pd.DataFrame({"x": [float(k) for k in range(60)]})
    for _ in range(2):
        session.monitor("line", data=rows, truth=rows["x"] * 2.1, by="3 parts", metrics=["rmse"], pin_metrics=True)
    board = pins.board_folder(str(tmp_path / "board"))

    read = board.pin_read("line.metrics")
    pd.testing.assert_frame_equal(read, session.metrics("line"))
    assert read[["period", "metric", "n"]].to_dict("list") == {
        "period": ["0:20", "20:40", "40:60"],
        "metric": ["rmse"] * 3,
        "n": [20] * 3,
    }
    assert board.pin_meta("line.metrics").type == "arrow"
    assert len(board.pin_versions("line.metrics")) == 2


def test_kept_metrics_have_types_that_every_reader_of_arrow_has(session: Session, tmp_path: Path) -> None:
    """R's arrow too, which is not here: plain texts and numbers, no dictionary, no codec, nothing of pandas'.

    Polars reads the file with an implementation of its own.
    """
    rows = pd.DataFrame({"x": [float(k) for k in range(60)], "half": ["a", "b"] * 30})
    session.monitor("line", data=rows, truth=rows["x"] * 2.1, by="3 parts", segment="half", pin_metrics=True)
    (path,) = (tmp_path / "board" / "line.metrics").glob("*/line.metrics.arrow")
    texts, floats = ["period", "metric", "segment", "kind"], ["score", "lower", "upper"]
    with pa.OSFile(str(path)) as file, pa.ipc.open_file(file) as reader:
        schema, read = reader.schema, reader.read_all()

    ends = ["version", "start", "end", "batch"]
    assert schema.names == [*texts, "score", "n", "lower", "upper", *ends]
    assert {schema.field(name).type for name in [*texts, *ends]} == {pa.string()}
    assert {schema.field(name).type for name in floats} == {pa.float64()}
    assert schema.field("n").type == pa.int64()
    assert schema.metadata is None
    assert path.read_bytes().count(b"measured") == read.num_rows  # as they are: no codec
    theirs = polars.read_ipc(path, use_pyarrow=False)
    assert theirs.to_dicts() == read.to_pylist()
    assert session.metrics("line").to_dict("records") == read.to_pylist()
    assert set(theirs["segment"]) == {"", "a", "b"}


def test_companions_are_no_models_and_are_verified_all_the_same(session: Session) -> None:
    """`%models` and the names in messages do not have them; `%verify` hashes what lies there."""
    session.thresholds("line", ["x<=0.5"])

    assert list(session.models()["name"]) == ["line"]
    assert session.board.names() == ["line"]
    assert not session.verify().findings
    assert dict(session.thresholds("line").features) == {"x": 0.5}


def test_companions_of_a_deleted_model_are_no_models(session: Session, tmp_path: Path) -> None:
    """What a model leaves behind comes back with its version. A pin of such a name that has no model is listed."""
    pins.board_folder(str(tmp_path / "board")).pin_write({"a": 1}, "other.card", type="json")
    session.thresholds("line", ["x<=0.5"])
    gone = session.delete("line@v1")

    assert session.board.names() == list(session.models()["name"]) == ["other.card"]
    session.restore(gone)
    assert session.board.names() == ["line", "other.card"]
    assert dict(session.thresholds("line").features) == {"x": 0.5}


def test_writers_at_once_lose_nothing(session: Session) -> None:
    """R21: Who was slower makes its version again from the newer one."""

    def add(word: str) -> None:
        def change(before: bytes | None) -> bytes:
            return json.dumps([*json.loads(before or b"[]"), word]).encode()

        companions.update(session.board, "line", "thresholds", change, "words")

    threads = [Thread(target=add, args=(str(k),)) for k in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(json.loads(companions.read(session.board, "line", "thresholds") or b"")) == list("012345")


class WatchedFiles(QuickFiles):
    """A real file layer that lets a reader look before each change."""

    def __init__(self, root: Path, look: Callable[[], object]) -> None:
        super().__init__(root)
        self.look = look

    def __getattribute__(self, name: str) -> Any:
        if name in CHANGES:
            super().__getattribute__("look")()
        return super().__getattribute__(name)


def test_R21_at_no_moment_of_a_replacement_is_there_nothing(tmp_path: Path) -> None:
    """R21: A reader who looks before each operation finds the old contents, then the new ones, and never neither.

    This holds for a new version, for one of equal contents (of which pins without versions loses all), and for limits.
    """
    place, seen = tmp_path / "board", list[tuple[int, bytes | None]]()

    def look() -> None:
        reader = open_board(place)
        version = reader.version("line")
        seen.append(
            (
                pickle.loads(reader.read_file(version, version.file))["value"],
                companions.read(reader, "line", "thresholds"),
            )
        )

    def limits(board: Board, data: bytes) -> None:
        companions.update(board, "line", "thresholds", lambda before: data, "limits")

    first = open_board(place)
    first.publish({"value": 1}, "line", Facts(format="joblib"))
    limits(first, b"[1]")
    watched = Board(FolderStore(place, WatchedFiles(place, look)), "board")
    watched.publish({"value": 2}, "line", Facts(format="joblib"))
    watched.publish({"value": 2}, "line", Facts(format="joblib"))
    limits(watched, b"[2]")
    limits(watched, b"[2]")
    look()

    assert list(dict.fromkeys(seen)) == [(1, b"[1]"), (2, b"[1]"), (2, b"[2]")]
    assert len(seen) > 40
    assert not open_board(place).verify().findings


def test_a_colleague_who_opens_the_board_sees_what_monitoring_said(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a state folder of their own; pins reads it as JSON, and no listing calls it a model."""
    session.monitor("line", data=pd.DataFrame({"x": [900.0] * 60}))
    session.monitor("line", data=pd.DataFrame({"x": [float(k) for k in range(60)]}))
    monkeypatch.setenv("MLOPS_MAGICS_STATE", str(tmp_path / "of a colleague"))
    seen = Session(board=tmp_path / "board").verdicts("line")

    assert sorted(seen["drifted"]) == [0, 1]
    assert seen["by"].notna().all()
    assert list(session.models()["name"]) == ["line"]
    assert len(pins.board_folder(str(tmp_path / "board")).pin_read("line.verdicts")) == 2


def test_verdicts_of_the_same_moment_are_all_kept(session: Session) -> None:
    """Who was slower adds to what is there; nobody sees their own twice."""
    rows = pd.DataFrame({"x": [float(k) for k in range(60)]})
    sessions = [Session(board=session.board.url) for _ in range(4)]
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda each: each.monitor("line", data=rows), sessions))

    assert len(session.verdicts("line")) == 4


def test_a_board_that_cannot_be_written_is_a_note(session: Session, tmp_path: Path) -> None:
    """R8: Monitoring itself goes well, and the user has the verdict."""
    place = tmp_path / "board" / "line.verdicts"
    place.write_text("in the way of the pin's folder")
    report = session.monitor("line", data=pd.DataFrame({"x": [1.0] * 60}))

    assert any("kept for you only" in note for note in report.notes)
    place.unlink()
    assert len(session.verdicts("line")) == 1


def test_what_is_no_verdict_on_a_board_of_others_is_not_read(session: Session) -> None:
    """Whatever lies there, the table is made of verdicts only."""
    for odd in (b"no json", b'{"verdict": 1}', b'[{"verdict": "x"}, 3, null]'):
        companions.update(session.board, "line", "verdicts", lambda _, odd=odd: odd, "odd")
        assert session.verdicts("line").empty
