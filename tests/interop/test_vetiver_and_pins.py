"""Both ways: vetiver 0.2.6 and pins 0.9.2 read what we write, and we read what they write."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LinearRegression

from mlops_magics.core.versioning import Board, Facts, Prototype, open_board
from mlops_magics.errors import IntegrityError, NotFound, SerializationError

pytestmark = pytest.mark.interop

ROWS = pd.DataFrame({"width": [1.0, 2.0, 3.0], "length": [0.5, 1.5, 4.0]})


@pytest.fixture
def board(tmp_path: Path) -> Board:
    """A new board of ours."""
    return open_board(tmp_path / "board")


@pytest.fixture
def fitted() -> Any:
    """A regression that adds two columns."""
    return LinearRegression().fit(ROWS, ROWS.sum(axis=1))


def test_vetiver_loads_a_joblib_pin_of_ours(board: Board, fitted: Any, peer: Callable[..., Any]) -> None:
    """`VetiverModel.from_pin` gives model, prototype, metadata and description."""
    version = board.publish(
        fitted,
        "sums",
        Facts(format="joblib", prototype=Prototype.from_data(ROWS), metadata={"owner": "me"}, description="adds"),
    )
    answer = peer("from_pin", board.url, "sums")

    np.testing.assert_allclose(answer["predict"], fitted.predict(ROWS))
    assert {name: entry["example"] for name, entry in answer["prototype"].items()} == {"width": 1.0, "length": 0.5}
    assert answer["metadata"]["version"] == version.version
    assert answer["metadata"]["user"] == {"owner": "me"}
    assert "scikit-learn" in answer["metadata"]["packages"]
    assert answer["description"] == "adds"


PIN_FOREVER = """
import os, sys
from mlops_magics.core.versioning import Facts, open_board
board = open_board(sys.argv[1])
print("ready", flush=True)
while True:
    board.publish({"bytes": os.urandom(5_000_000)}, "big", Facts(format="joblib"))
"""


def test_pins_reads_the_whole_board_after_aliases_deletions_and_a_crash(
    board: Board, fitted: Any, peer: Callable[..., Any]
) -> None:
    """List, search, versions, metadata and models: nothing of ours is in pins' way."""
    versions = [board.publish(fitted, "sums", Facts(format="joblib", tags=("eu",))).version for _ in range(3)]
    board.publish(fitted, "skopsed", Facts(format="skops"))
    board.promote(f"sums@{versions[1]}", "champion")
    board.rollback("sums")
    board.delete(f"sums@{versions[0]}")
    writer = subprocess.Popen([sys.executable, "-c", PIN_FOREVER, board.url], stdout=subprocess.PIPE)
    assert writer.stdout is not None
    writer.stdout.readline()
    time.sleep(0.2)
    os.kill(writer.pid, signal.SIGKILL)
    writer.wait()
    writer.stdout.close()

    answer = peer("read_board", board.url, "sums")
    assert set(answer["list"]) - {"big"} == {"mlops-magics-log", "skopsed", "sums"}
    assert answer["search"] == answer["list"]
    assert answer["versions"] == versions[1:]
    assert answer["log"] == 1
    assert answer["type"] == "joblib"
    np.testing.assert_allclose(answer["predict"], fitted.predict(ROWS))


def test_we_read_what_vetiver_and_pins_write(tmp_path: Path, peer: Callable[..., Any]) -> None:
    """Models, prototypes and metadata, `!!python` tags included, which are never executed."""
    (tmp_path / "board").mkdir()
    expected = peer("write_vetiver", str(tmp_path / "board"))
    board = open_board(tmp_path / "board")
    assert not board.trusted
    board.trust()
    version = board.version("theirs")

    assert version.prototype is not None
    assert version.prototype.names == ("width", "length")
    assert version.metadata == {"owner": "me"}
    assert version.hash.startswith("xxh64:")
    np.testing.assert_allclose(board.load("theirs").predict(ROWS), expected)
    assert board.version("tuples").metadata["best"] == [1, 2]
    assert set(board.models()["name"]) == {"theirs", "tuples", "table"}
    with pytest.raises(SerializationError, match="csv"):
        board.load("table")
    path = tmp_path / "board" / "theirs" / version.version / version.file
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(IntegrityError):
        board.load("theirs")


def test_both_write_one_model_in_turn(board: Board, fitted: Any, peer: Callable[..., Any]) -> None:
    """A version of pins and the next one of ours: each library sees the same newest version."""
    first = board.publish(fitted, "sums", Facts(format="joblib"))
    theirs = peer("write_pin", board.url, "sums")
    ours = board.publish(fitted, "sums", Facts(format="joblib"))

    assert ours.parent == max(theirs, first.version)  # pins may give both the same second
    assert peer("read_board", board.url, "sums")["versions"][-1] == ours.version == board.version("sums").version


OLD_VETIVER = """\
api_version: 1
created: 20220415T174503Z
description: null
file: old.joblib
file_size: 4
pin_hash: {hash}
title: 'old: a pinned LinearRegression object'
type: joblib
user: {{ptype: '{{"width": 1.0, "length": NaN}}', required_pkgs: [vetiver, scikit-learn], save_ptype: true}}
"""
WRITTEN_BY_R = """\
file: cars.rds
file_size: 195
pin_hash: 9f0f3bfb0d5a8a7e
type: rds
title: 'cars: a pinned list'
description: a butchered lm model object
tags: ~
urls: ~
created: 20240102T030405Z
api_version: 1.0
user:
  required_pkgs: []
  renv_lock: {}
"""
TAGGED = "api_version: 1\ncreated: 20240102T030405Z\ndescription: x\nfile: m.joblib\n"
TAGGED += "file_size: 1\npin_hash: abc\ntype: joblib\n"
TAGGED += "user:\n  best: !!python/tuple [1, 2]\n  ran: !!python/object/apply:os.mkdir ['RAN']\n"


def _foreign(board: Board, name: str, text: str, files: dict[str, bytes] | None = None) -> None:
    folder = Path(board.url) / name / "20240102T030405Z-abcde"
    folder.mkdir(parents=True)
    (folder / "data.txt").write_text(text)
    for file, data in (files or {}).items():
        (folder / file).write_bytes(data)


def test_old_layouts_r_metadata_and_python_tags_are_read_and_never_executed(board: Board, tmp_path: Path) -> None:
    """The layout before vetiver 0.1.8, R's metadata, and tags that would run code elsewhere."""
    import xxhash

    _foreign(board, "old", OLD_VETIVER.format(hash=xxhash.xxh64(b"1234").hexdigest()), {"old.joblib": b"1234"})
    _foreign(board, "cars", WRITTEN_BY_R, {"cars.rds": b"x"})
    _foreign(board, "tagged", TAGGED.replace("RAN", str(tmp_path / "ran")))
    old = board.version("old")

    assert old.prototype is not None
    assert [column.example for column in old.prototype.columns] == [1.0, None]
    assert set(old.lineage.packages) == {"vetiver", "scikit-learn"}
    assert board.version("cars").description == "a butchered lm model object"
    with pytest.raises(SerializationError, match="rds"):
        board.load("cars")
    assert board.version("tagged").metadata["best"] == [1, 2]
    assert not (tmp_path / "ran").exists()
    assert set(board.models()["name"]) == {"old", "cars", "tagged"}


def test_half_written_and_stray_entries_of_others_are_skipped(board: Board, fitted: Any) -> None:
    """A killed pins write, `.DS_Store`, a manifest: readers take the newest whole version, loudly."""
    version = board.publish(fitted, "sums", Facts(format="joblib"))
    half = Path(board.url) / "sums" / "20990101T000000Z-abcde"
    half.mkdir()
    (half / "sums.joblib").write_bytes(b"half")
    (Path(board.url) / ".DS_Store").write_bytes(b"x")
    (Path(board.url) / "_pins.yaml").write_text("sums: []\n")

    with pytest.warns(UserWarning, match="newer version"):
        assert board.version("sums").version == version.version
    assert board.names() == ["sums"]
    with pytest.raises(NotFound):
        board.version(".DS_Store".strip("."))


@pytest.mark.parametrize("file", ["../../../secret", "/etc/passwd", "..", "data.txt"])
def test_a_path_in_foreign_metadata_leads_nowhere(board: Board, file: str) -> None:
    """`file:` is a bare name, or the version is refused."""
    _foreign(board, "evil", TAGGED.partition("user:")[0].replace("m.joblib", file))
    board.trust()
    with pytest.raises(IntegrityError):
        board.load("evil")
