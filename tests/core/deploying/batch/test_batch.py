"""Batch scoring: files to files, again and again, with workers that die, and lazy frames of Dask."""

from __future__ import annotations

import contextlib
import errno
import gzip
import json
import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dask.dataframe as dd
import numpy as np
import pandas as pd
import psutil
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mlops_magics import Session, cli
from mlops_magics.core import progress
from mlops_magics.core.deploying.batch import batch_run, engines, input_files, local_workers
from mlops_magics.core.versioning import Board, Facts
from mlops_magics.errors import InvalidInput, MlopsError, NotFound, NotTrusted
from tests.core.deploying.conftest import Pinned, mixed, publish, publish_forest
from tests.core.deploying.models import Sum, Totals
from tests.core.failing_calls import fail_calls
from tests.core.failing_files import Crash, Plan


@pytest.fixture(scope="module")
def forest(tmp_path_factory: pytest.TempPathFactory) -> Pinned:
    """A forest of labels on a board that many tests read."""
    from mlops_magics.core.versioning import open_board

    return publish_forest(open_board(tmp_path_factory.mktemp("boards") / "board"))


@pytest.fixture
def session(forest: Pinned) -> Session:
    """A session that trusts the board."""
    forest.board.trust()
    return Session(board=forest.board.url)


@pytest.fixture
def inputs(forest: Pinned, tmp_path: Path) -> Path:
    """Files of every kind that is read, and one of each fault."""
    folder = tmp_path / "in"
    folder.mkdir()
    rows = forest.rows.assign(number=np.arange(len(forest.rows)))
    for place in range(3):
        rows.iloc[50 * place : 50 * place + 50].to_parquet(folder / f"part-{place}.parquet")
    rows.iloc[150:160].to_csv(folder / "text.csv", index=False)
    rows.iloc[160:170].to_csv(folder / "packed.csv.gz", index=False)
    rows.iloc[170:180].to_json(folder / "lines.jsonl", orient="records", lines=True, double_precision=15)
    rows.iloc[180:200].reset_index(drop=True).to_feather(folder / "arrow.feather")
    return folder


def _answers(folder: Path) -> pd.DataFrame:
    found = pd.concat([pd.read_parquet(path).astype({"number": int}) for path in folder.glob("*.parquet")])
    return found.sort_values("number", ignore_index=True)


def test_files_of_every_kind_are_scored_as_the_model_answers(
    session: Session, forest: Pinned, inputs: Path, tmp_path: Path
) -> None:
    """One output for each input, with the columns that the model does not read, and a manifest."""
    out = tmp_path / "out"
    steps: list[Any] = []
    with progress.listen(steps.append):
        result = session.predict_batch("forest", str(inputs), str(out), workers=2)

    assert (len(result.parts), result.rows, result.failed) == (7, 200, ())
    assert {each.state for each in result.parts} == {"scored"}
    answers = _answers(out)
    assert list(answers) == ["number", "prediction"]
    assert answers["prediction"].tolist() == forest.model.predict(forest.rows).tolist()
    manifest = json.loads(Path(str(result.manifest)).read_text())
    assert (manifest["rows"], manifest["sha256"], len(manifest["parts"])) == (200, result.sha256, 7)
    assert {each["target"] for each in manifest["parts"]} == {path.name for path in out.glob("*.parquet")}
    assert steps[-1].done == 200
    assert not [path for path in out.iterdir() if path.name.startswith(".")]


def test_a_rerun_skips_what_is_there_and_gives_equal_bytes(session: Session, inputs: Path, tmp_path: Path) -> None:
    """A part that is missing is scored again; a changed input is another input."""
    out = tmp_path / "out"
    first = session.predict_batch("forest", f"{inputs}/part-*.parquet", str(out), workers=0)
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    gone = out / sorted(before)[-1]
    gone.unlink()

    again = session.predict_batch("forest", f"{inputs}/part-*.parquet", str(out), workers=0)

    assert sorted(each.state for each in again.parts) == ["scored", "skipped", "skipped"]
    assert (again.rows, again.manifest) == (first.rows, first.manifest)
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before
    pd.read_parquet(inputs / "part-0.parquet").head(5).to_parquet(inputs / "part-0.parquet")
    third = session.predict_batch("forest", f"{inputs}/part-*.parquet", str(out), workers=0)
    assert sorted(each.state for each in third.parts) == ["scored", "skipped", "skipped"]


@pytest.mark.parametrize("error", [None, errno.ENOSPC])
def test_R04_a_run_that_ends_at_any_operation_leaves_whole_outputs_and_is_continued(
    session: Session, inputs: Path, tmp_path: Path, error: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R4: killed, or on a full disk, at operation k, for every k: an output is whole or not there, the list too."""
    two = [str(inputs / f"part-{number}.parquet") for number in range(2)]

    def run(out: Path) -> Any:
        return session.predict_batch("forest", two, str(out), workers=0)

    def files(out: Path) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in out.glob("[!.]*")} | {
            path.name: path.read_bytes() for path in out.glob("_manifest*")
        }

    counted = Plan()
    with monkeypatch.context() as patch:
        fail_calls(patch, counted, tmp_path)
        run(tmp_path / "whole")
    whole = files(tmp_path / "whole")
    assert counted.count >= 6
    for at in range(1, counted.count + 1):
        out = tmp_path / f"at{at}"
        with monkeypatch.context() as patch:
            fail_calls(patch, Plan(at, OSError(error, os.strerror(error)) if error else None), tmp_path)
            with contextlib.suppress(Crash, MlopsError):
                result = run(out)
                assert result.failed or files(out) == whole
        assert files(out).items() <= whole.items(), at
        run(out)
        assert files(out) == whole, at


def test_R12_the_list_of_outputs_replaces_what_is_in_its_place(session: Session, inputs: Path, tmp_path: Path) -> None:
    """R12: a link is not followed, and a pipe waits for no reader."""
    part, out = str(inputs / "part-0.parquet"), tmp_path / "out"
    manifest = Path(str(session.predict_batch("forest", part, str(out), workers=0).manifest))
    written = manifest.read_bytes()
    (tmp_path / "outside").write_text("mine")
    for put in (lambda: manifest.symlink_to(tmp_path / "outside"), lambda: os.mkfifo(manifest)):
        manifest.unlink()
        put()
        session.predict_batch("forest", part, str(out), workers=0)
        assert not manifest.is_symlink()
        assert manifest.read_bytes() == written
    assert (tmp_path / "outside").read_text() == "mine"


def test_a_file_that_cannot_be_scored_is_named_and_the_others_go_on(
    session: Session,
    forest: Pinned,
    inputs: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Not Parquet, without rows, without a column, of another type: status 1, and no manifest."""
    (inputs / "broken.parquet").write_bytes(b"PAR1")
    forest.rows.head(0).to_parquet(inputs / "empty.parquet")
    forest.rows.drop(columns="city").to_parquet(inputs / "lacking.parquet")
    forest.rows.assign(x2="much").to_parquet(inputs / "texts.parquet")
    (inputs / "nothing.csv").write_text("")
    (inputs / "lost.parquet").symlink_to(tmp_path / "nowhere")
    os.mkfifo(inputs / "pipe.csv")
    forms = {"cut.csv.gz": "CSV", "latin.csv": "CSV", "words.jsonl": "JSON Lines", "words.arrow": "Arrow"}
    for name in forms:
        (inputs / name).write_bytes(gzip.compress(b"x1,x2\n" * 99)[:20] if name.endswith("gz") else b"W\xf6rter")
    out = tmp_path / "out"
    line = [
        "predict",
        "forest",
        "--board",
        forest.board.url,
        "--data",
        str(inputs),
        "--to",
        str(out),
        "--json",
        "--workers",
        "0",
    ]

    status = cli.main(line)

    result = json.loads(capsys.readouterr().out.splitlines()[-1])
    failed = {Path(each["source"]).name: each["message"] for each in result["parts"] if each["state"] == "failed"}
    assert status == 1
    named = {
        "broken.parquet",
        "empty.parquet",
        "lacking.parquet",
        "texts.parquet",
        "nothing.csv",
        "lost.parquet",
        "pipe.csv",
    }
    assert set(failed) == named | set(forms)
    for name, form in {**forms, "broken.parquet": "Parquet"}.items():
        assert failed[name].startswith(f"the file is not valid {form}: ")
    assert failed["empty.parquet"] == failed["nothing.csv"] == "the file has no rows"
    assert failed["lost.parquet"] == "the file is gone"
    assert "not a regular file" in failed["pipe.csv"]
    assert "'city'" in failed["lacking.parquet"]
    assert "'x2'" in failed["texts.parquet"]
    assert all("\n" not in message for message in failed.values())
    assert (result["rows"], result["manifest"]) == (200, None)
    assert len(_answers(out)) == 200


def test_an_input_without_a_name_is_refused(session: Session, tmp_path: Path) -> None:
    """An empty path is not the folder in which the session works."""
    for data in ("", " ", ["in", ""]):
        with pytest.raises((InvalidInput, NotFound), match=r"path of the input is empty|No input file"):
            session.predict_batch("forest", data, str(tmp_path / "out"))


def test_outputs_below_the_inputs_are_no_inputs(session: Session, inputs: Path) -> None:
    """Paths are taken as they are, and a rerun of a folder skips what it wrote there."""
    for _ in range(2):
        result = session.predict_batch("forest", inputs, inputs / "answers", workers=0)
        assert (len(result.parts), result.failed) == (7, ())
    assert {each.state for each in result.parts} == {"skipped"}
    one = session.predict_batch("forest", [inputs / "part-0.parquet"], inputs / "one", workers=0)
    assert one.rows == 50


def test_a_part_that_vanishes_is_named(
    session: Session, inputs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was there when the inputs were listed."""
    listed = input_files.parts_of

    def lose_one(data: Any) -> Any:
        parts = listed(data)
        (inputs / "part-1.parquet").unlink()
        return parts

    monkeypatch.setattr(batch_run, "parts_of", lose_one)
    result = session.predict_batch("forest", f"{inputs}/part-*.parquet", str(tmp_path / "out"), workers=0)

    assert [(Path(each.source).name, each.message) for each in result.failed] == [
        ("part-1.parquet", "the file is gone")
    ]
    assert "part-1.parquet: the file is gone" in repr(result)


def test_a_worker_that_is_killed_is_replaced_and_no_row_is_lost(
    session: Session, forest: Pinned, tmp_path: Path
) -> None:
    """SIGKILL in the middle: the parts of the worker are scored again, and no draft is taken for an output."""
    folder, out = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    rows = pd.concat([forest.rows] * 300, ignore_index=True)
    for place in range(4):
        rows.assign(number=np.arange(len(rows)) + place * len(rows)).to_parquet(folder / f"{place}.parquet")
    killed: list[int] = []
    groups: list[int] = []
    ended = threading.Event()

    def kill() -> None:
        while not killed and not ended.is_set():
            for child in psutil.Process().children():
                if any(out.glob(".draft-*")) and "mlops_magics.core.deploying.batch" in " ".join(child.cmdline()):
                    groups.append(os.getpgid(child.pid))
                    os.kill(child.pid, signal.SIGKILL)
                    killed.append(child.pid)
                    break
            time.sleep(0.01)

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        result = session.predict_batch("forest", str(folder), str(out), workers=1)
    finally:
        ended.set()
        killer.join()

    assert killed
    assert groups == killed, "Ctrl-C of the terminal would reach a worker of its group, which prints a traceback"
    assert not result.failed
    answers = _answers(out)
    assert answers["number"].tolist() == list(range(4 * len(rows)))
    assert answers["prediction"].tolist() == forest.model.predict(rows).tolist() * 4


def test_what_is_computed_and_kept_is_chosen(session: Session, forest: Pinned, inputs: Path, tmp_path: Path) -> None:
    """Probabilities have the names of their classes; a name of the input is not used twice."""
    data = str(inputs / "part-0.parquet")
    proba = session.predict_batch(
        "forest", data, str(tmp_path / "a"), method="predict_proba", column="p", keep="none", workers=0
    )
    found = pd.read_parquet(proba.parts[0].target)
    assert list(found) == ["p_no", "p_yes"]
    np.testing.assert_allclose(found, forest.model.predict_proba(forest.rows.head(50)), rtol=1e-12)
    kept = session.predict_batch("forest", data, str(tmp_path / "b"), keep="city, number", workers=0)
    assert list(pd.read_parquet(kept.parts[0].target)) == ["city", "number", "prediction"]
    for options, message in (
        ({"keep": "colour"}, "no column 'colour' to keep"),
        ({"column": "number"}, "has a column 'number' itself"),
        ({"method": "transform"}, "no transform"),
    ):
        failed = session.predict_batch("forest", data, str(tmp_path / "c"), workers=0, **options).failed
        assert message in failed[0].message


def test_columns_of_every_kind_come_through_each_format(board: Board, tmp_path: Path) -> None:
    """Dates, booleans, categories and missing values, from Parquet and from text."""
    rows = mixed(60)
    pinned = publish(board, "totals", Totals(), rows)
    board.trust()
    folder = tmp_path / "in"
    folder.mkdir()
    rows.to_parquet(folder / "a.parquet")
    rows.to_csv(folder / "b.csv", index=False)
    rows.to_json(folder / "c.jsonl", orient="records", lines=True, date_format="iso", double_precision=15)

    result = Session(board=board.url).predict_batch("totals", str(folder), str(tmp_path / "out"), workers=0)

    assert not result.failed
    for part in result.parts:
        np.testing.assert_allclose(pd.read_parquet(part.target)["prediction"], pinned.model.predict(rows), rtol=1e-12)


def test_a_column_of_json_lines_may_begin_with_missing_values(
    session: Session, forest: Pinned, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A whole chunk of them: its type is that of the texts that come later."""
    monkeypatch.setattr(input_files, "CHUNK_ROWS", 20)
    rows = forest.rows.head(40).assign(note=[None] * 20 + ["late"] * 20)
    rows.to_json(tmp_path / "rows.jsonl", orient="records", lines=True, double_precision=15)

    result = session.predict_batch(
        "forest", str(tmp_path / "rows.jsonl"), str(tmp_path / "out"), keep="note", workers=0
    )

    assert not result.failed
    assert pd.read_parquet(result.parts[0].target)["note"].isna().sum() == 20


def test_json_lines_may_have_other_keys_further_down_and_blank_lines(
    session: Session, forest: Pinned, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A key that only some blocks have is a column of all rows, and a block of blank lines is not the end."""
    monkeypatch.setattr(input_files, "CHUNK_ROWS", 20)
    plain = forest.rows.head(60).to_json(orient="records", lines=True, double_precision=15).splitlines()
    late = [f'{line[:-1]}, "note": "late"}}' for line in plain[20:40]]
    (tmp_path / "rows.jsonl").write_text("\n".join([*plain[:20], *[""] * 45, *late, *plain[40:], ""]))
    for name, text in {"list": "[1]\n", "cut": '{"x": 1}\n{"x": \n'}.items():
        (tmp_path / f"{name}.jsonl").write_text(text)

    result = session.predict_batch("forest", str(tmp_path / "*.jsonl"), str(tmp_path / "out"), keep="note", workers=0)
    scored = next(part for part in result.parts if part.state == "scored")

    assert pq.read_table(scored.target)["note"].to_pylist() == [None] * 20 + ["late"] * 20 + [None] * 20
    assert {Path(part.source).name: part.message.partition(": ")[2][:21] for part in result.failed} == {
        "list.jsonl": "line 1 is not an obje",
        "cut.jsonl": "line 2: Expecting val",
    }


def test_a_large_file_is_scored_in_parts(
    session: Session, forest: Pinned, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By ranges of its row groups, in order."""
    rows = forest.rows.assign(number=np.arange(200))
    pq.write_table(pa.Table.from_pandas(rows), tmp_path / "large.parquet", row_group_size=20)
    monkeypatch.setattr(input_files, "LARGE_BYTES", (tmp_path / "large.parquet").stat().st_size // 4)

    result = session.predict_batch("forest", str(tmp_path / "large.parquet"), str(tmp_path / "out"), workers=0)

    assert len(result.parts) >= 4
    assert len({part.target for part in result.parts}) == len(result.parts)
    assert _answers(tmp_path / "out")["prediction"].tolist() == forest.model.predict(forest.rows).tolist()


def test_nothing_starts_where_a_run_cannot_be_right(board: Board, tmp_path: Path) -> None:
    """No input, an output among the inputs, no prototype, no trust."""
    pinned = publish_forest(board)
    session = Session(board=board.url)
    pinned.rows.to_parquet(tmp_path / "rows.parquet")
    for data, to, kind, message in (
        (str(tmp_path / "none*.parquet"), "out", NotFound, "none"),
        (str(tmp_path / "rows.parquet"), str(tmp_path), InvalidInput, "holds inputs"),
        ("nowhere://a/b.parquet", "out", InvalidInput, "cannot be opened"),
    ):
        with pytest.raises(kind, match=message):
            session.predict_batch("forest", data, to)
    bare = board.publish(Sum(1.0), "bare", Facts(format="joblib"))
    with pytest.raises(InvalidInput, match="has no prototype"):
        session.predict_batch(bare, str(tmp_path / "rows.parquet"), str(tmp_path / "out"))
    board.distrust()
    with pytest.raises(NotTrusted):
        session.predict_batch("forest", str(tmp_path / "rows.parquet"), str(tmp_path / "out"))
    assert not (tmp_path / "out").exists()


class Cluster:
    """A Spark session as far as its place counts: its workers are on other machines."""

    __module__ = "pyspark.sql"
    sparkContext: Any

    def __init__(self) -> None:
        self.sparkContext = type("Context", (), {"master": "spark://10.0.0.1:7077"})()


def test_a_board_in_a_folder_is_refused_for_a_cluster(session: Session, inputs: Path, tmp_path: Path) -> None:
    """Before the job starts, with the line that copies the version; what is no engine is named."""
    with pytest.raises(InvalidInput, match=r"do not reach the board, .*%copy forest@"):
        session.predict_batch("forest", str(inputs), str(tmp_path / "out"), engine=Cluster())
    with pytest.raises(InvalidInput, match="does not schedule parts"):
        session.predict_batch("forest", str(inputs), str(tmp_path / "out"), engine=object())
    assert engines.name_of(Cluster()) == "spark"


def test_workers_are_as_many_as_the_parts_and_the_processors() -> None:
    """None in vain."""
    assert local_workers.worker_count(8, 3) == 3
    assert local_workers.worker_count(1, 3) == 1
    assert local_workers.worker_count(0, 3) == 0
    for wrong in (-1, 65):
        with pytest.raises(InvalidInput, match="Workers are from 0"):
            local_workers.worker_count(wrong, 3)
    assert 1 <= local_workers.worker_count(None, 100) <= 64


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A bucket of moto's server."""
    import fsspec
    import s3fs
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(port=0)
    server.start()
    host, port = server.get_host_and_port()
    for name, value in {
        "AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "us-east-1", "AWS_ENDPOINT_URL": f"http://{host}:{port}",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    s3fs.S3FileSystem.clear_instance_cache()
    fsspec.filesystem("s3").mkdir("batch")
    yield "s3://batch"
    s3fs.S3FileSystem.clear_instance_cache()
    server.stop()


def test_objects_of_a_bucket_are_scored_into_a_bucket(session: Session, forest: Pinned, bucket: str) -> None:
    """By a pattern; a rerun skips; a bucket that is not there is an error of each part."""
    import fsspec

    rows = forest.rows.assign(number=np.arange(200))
    for place in range(2):
        with fsspec.open(f"{bucket}/in/{place}.parquet", "wb") as stream:
            rows.iloc[100 * place : 100 * place + 100].to_parquet(stream)

    result = session.predict_batch("forest", f"{bucket}/in/*.parquet", f"{bucket}/out", workers=0)
    again = session.predict_batch("forest", f"{bucket}/in/*.parquet", f"{bucket}/out", workers=0)

    assert ([each.state for each in result.parts], [each.state for each in again.parts]) == (
        ["scored"] * 2,
        ["skipped"] * 2,
    )
    found = pd.concat([pd.read_parquet(part.target) for part in result.parts])
    assert found["prediction"].tolist() == forest.model.predict(forest.rows).tolist()
    with fsspec.open(str(result.manifest)) as stream:
        assert json.load(stream)["rows"] == 200
    denied = session.predict_batch("forest", f"{bucket}/in/*.parquet", "s3://nobodys-bucket/out", workers=0)
    assert len(denied.failed) == 2


def test_a_frame_of_dask_is_answered_by_a_lazy_frame(session: Session, forest: Pinned) -> None:
    """Its columns in any order, and the answers; nothing is computed before that is asked for."""
    rows = forest.rows.assign(number=np.arange(200))[["number", "city", "x3", "x2", "x-1", "x 0"]]
    frame = dd.from_pandas(rows, npartitions=3)

    lazy = session.predict("forest", frame)

    assert type(lazy) is type(frame)
    assert list(lazy.columns) == [*rows.columns, "prediction"]
    answers = lazy.compute()
    assert answers["prediction"].tolist() == forest.model.predict(forest.rows).tolist()
    assert answers.index.tolist() == rows.index.tolist()
    with pytest.raises(Exception, match="Missing column 'city'"):
        session.predict("forest", frame.drop(columns="city")).compute()
    with pytest.raises(InvalidInput, match="has a column 'prediction' itself"):
        session.predict("forest", lazy)


class Interrupting:
    """A model during which the user presses Ctrl-C."""

    def predict(self, rows: pd.DataFrame) -> Any:
        """Do as Python does then."""
        raise KeyboardInterrupt


def test_an_interrupted_command_says_so(forest: Pinned, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Also where standard error is not a terminal, so that the line of the progress is not shown."""
    board = forest.board
    board.publish(Interrupting(), "interrupting", Facts(format="joblib", prototype=forest.version.prototype))
    forest.rows.to_parquet(tmp_path / "rows.parquet")
    words = ["--board", board.url, "--data", str(tmp_path / "rows.parquet"), "--to", str(tmp_path / "out")]

    status = cli.main(["predict", "interrupting", *words, "--workers", "0"])

    assert status == cli.INTERRUPTED
    assert capsys.readouterr().err == "mlops-magics: Interrupted.\n"
    assert not list((tmp_path / "out").glob("*.parquet"))
