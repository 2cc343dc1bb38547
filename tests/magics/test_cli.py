"""`mlops-magics VERB …`: the same verbs in a shell; frames are files, and the exit status is an answer."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

import joblib
import pandas as pd
import pytest
from IPython.lib.pretty import pretty
from sklearn.linear_model import LogisticRegression

import mlops_magics as mm
from mlops_magics import cli
from mlops_magics.core.session import Session
from mlops_magics.errors import InvalidInput, NotFound


@pytest.fixture
def folder(tmp_path: Path, rows: pd.DataFrame, species: pd.Series, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with a model file and frames in every format."""
    monkeypatch.chdir(tmp_path)
    joblib.dump(LogisticRegression().fit(rows, species), "model.joblib")
    rows.assign(species=species).to_csv("train.csv", index=False)
    shifted = rows.assign(flipper=rows["flipper"] + 3)
    shifted.to_parquet("shifted.parquet")
    rows.to_csv("same.csv", index=False)
    rows.to_json("same.json", orient="records")
    rows.to_feather("same.arrow")
    return tmp_path


@pytest.fixture
def pinned(folder: Path) -> Path:
    """The same, with one version on the board ``models``."""
    assert cli.main(["pin_model", "penguins", "model.joblib", "--data", "train.csv", "--truth", "species"]) == 0
    return folder


def answer(capsys: pytest.CaptureFixture[str], words: str) -> Any:
    """Run a verb with ``--json`` and return what it printed."""
    capsys.readouterr()
    cli.main([*words.split(), "--json"])
    return json.loads(capsys.readouterr().out)


def test_a_model_file_is_pinned(pinned: Path) -> None:
    """The column of the truth is no feature."""
    version = Session(board="models").version("penguins")

    assert [column.name for column in version.prototype.columns] == ["bill", "flipper", "mass"]


@pytest.mark.usefixtures("printed_warnings")
def test_a_warning_is_one_line(pinned: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As an error is, without the file of the code and its line."""
    broken = pinned / "models" / "penguins" / "20990101T000000Z-abcde"
    broken.mkdir()
    (broken / "data.txt").write_text("x: [1")
    capsys.readouterr()

    assert cli.main(["versions", "penguins"]) == 0
    told = "mlops-magics: penguins: 1 version cannot be read (20990101T000000Z-abcde). Run `%verify`.\n"
    assert capsys.readouterr().err == told


def test_verify_exits_with_3_until_nothing_is_left_to_do(pinned: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A check in CI fails on what it found, also with --json, and passes when it is repaired."""
    assert cli.main(["verify"]) == 0
    (pinned / "models" / "penguins" / "notes").mkdir()
    assert cli.main(["verify"]) == 3
    assert "stray penguins/notes" in capsys.readouterr().out
    assert cli.main(["verify", "--json"]) == 3
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["sound"] is False
    assert cli.main(["verify", "--repair"]) == 0
    assert cli.main(["verify"]) == 0


def test_monitor_exits_with_3_on_drift(pinned: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """For CI and orchestrators: drift is neither success nor failure."""
    assert cli.main(["monitor", "penguins", "--data", "shifted.parquet", "--fail-on", "drift"]) == 3
    assert "flipper" in capsys.readouterr().out
    assert cli.main(["monitor", "penguins", "--data", "same.csv", "--fail-on", "drift"]) == 0
    assert cli.main(["monitor", "penguins", "--data", "shifted.parquet"]) == 0
    assert answer(capsys, "monitor penguins --data shifted.parquet")["drifted"] == ["flipper"]


def test_monitor_exits_with_75_where_the_rows_are_too_few(pinned: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A gate on drift passes on evidence only; the text and the JSON say so too, and a gate on performance passes."""
    pd.read_csv("same.csv").head(3).mul(6).to_csv("few.csv", index=False)

    assert cli.main(["monitor", "penguins", "--data", "few.csv", "--fail-on", "drift"]) == 75
    assert "Too few rows to say" in capsys.readouterr().out
    assert cli.main(["monitor", "penguins", "--data", "few.csv"]) == 0
    assert cli.main(["monitor", "penguins", "--data", "few.csv", "--fail-on", "performance"]) == 0
    found = answer(capsys, "monitor penguins --data few.csv")
    assert found["too_few"]
    assert found["rows_needed"] > 3
    assert cli.main(["monitor", "penguins", "--data", "shifted.parquet", "--fail-on", "drift"]) == 3


def test_limits_come_before_or_behind_the_options(pinned: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With blanks and brackets in a name."""
    for words in (["bill<=0.1", "--board", "models"], ["--board", "models", "accuracy|north [1]>=0.8"]):
        assert cli.main(["thresholds", "penguins", *words]) == 0

    assert capsys.readouterr().out.splitlines()[-1] == "bill<=0.1, accuracy|north [1]>=0.8"


@pytest.mark.parametrize("file", ["same.csv", "same.json", "same.arrow", "shifted.parquet"])
def test_frames_are_read_by_their_ending(pinned: Path, capsys: pytest.CaptureFixture[str], file: str) -> None:
    """Predictions come out as JSON."""
    assert len(answer(capsys, f"predict penguins {file}")) == 400


def test_tables_are_printed_as_records(pinned: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """And as text without --json."""
    assert [row["name"] for row in answer(capsys, "models")] == ["penguins"]
    assert answer(capsys, "versions penguins")[0]["format"]
    assert cli.main(["models"]) == 0
    assert "penguins" in capsys.readouterr().out


def test_every_listing_is_printed(pinned: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Also one whose columns are called as attributes of a report, such as verdict and alerts."""
    assert cli.main(["monitor", "penguins", "--data", "same.csv"]) == 0
    for verb in ("verdicts penguins", "versions penguins --history", "endpoints", "policies", "thresholds penguins"):
        capsys.readouterr()
        assert cli.main(verb.split()) == 0
        assert capsys.readouterr().out.strip()


def test_a_terminal_shows_what_people_read_of_a_listing(pinned: Path) -> None:
    """Short ids, aliases and metrics, and no columns cut off."""
    session = Session(board="models")
    session.promote("penguins@v1", to="champion")
    session.monitor("penguins", data=pd.read_csv("same.csv"))
    last = session.versions("penguins")["version"].iloc[0][-5:]
    for table, words in (
        (session.versions("penguins"), ["penguins: 1 version on", "v1", "champion"]),
        (session.models(), ["1 model on", "penguins", "champion"]),
        (session.history("penguins"), ["2 events", "promote", "pin"]),
        (session.verdicts("penguins"), ["1 verdict", "No feature"]),
    ):
        shown = pretty(table)
        assert all(each in shown for each in [last, *words])
        assert max(map(len, shown.splitlines())) <= 120
    assert pretty(session.endpoints()) == "No endpoint runs. `%deploy NAME` starts one."
    assert pretty(session.policies()) == "No policies: `%retrain NAME --every week` keeps one."
    assert pretty(session.versions("penguins")[["number"]]).split() == ["number", "0", "1"]


def test_cells_of_printed_tables_are_plain(pinned: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Metrics and aliases are words and numbers, not Python's mappings and lists."""
    cli.main(["promote", "penguins", "champion"])
    for verb in ("models", "versions penguins"):
        capsys.readouterr()
        cli.main(verb.split())
        shown = capsys.readouterr().out
        assert "champion" in shown
        assert not {"{", "["} & set(shown)
        assert "None" not in shown
    assert cli._cell({"accuracy": 0.123456, "rows": 12}) == "accuracy 0.1235, rows 12"


def test_an_error_that_names_a_column_with_a_line_break_is_one_line() -> None:
    """In Python too, where no face joins the lines."""
    with pytest.raises(InvalidInput) as fault:
        mm.performance({"a\nb": [1], "y": [1]}, "y", "guess")
    assert "\n" not in str(fault.value)
    assert "\n" not in str(NotFound("model", "a\nb"))


def test_another_board_is_named_by_an_option(pinned: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`--board` as in the notebook."""
    assert cli.main(["copy", "penguins", "elsewhere"]) == 0

    assert [row["name"] for row in answer(capsys, "models --board elsewhere")] == ["penguins"]


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        ("deplpy penguins", 2, "did you mean 'deploy'"),
        ("monitor penguins --fail-on rain", 2, "it knows drift and performance, not 'rain'"),
        ("monitor penguins --dat same.csv", 2, "did you mean --data"),
        ("monitor penguins --period day", 2, "did you mean --by"),
        ("promote penguins --alias challenger", 2, "without dashes: `%promote REF ALIAS`"),
        ("monitor", 2, "the following arguments are required: ref"),
        ("deploy penguins --port high", 2, "invalid int value"),
        ("versions penguin", 1, "did you mean 'penguins'"),
        ("predict penguins nowhere.csv", 1, "No file 'nowhere.csv'"),
        ("predict penguins rows.xls", 1, "not a file that is read here"),
        ("pin_model ../x model.joblib", 1, "is not a valid name of a model"),
        ("stop penguins", 1, "No endpoint 'penguins'"),
        ("deploy penguins --temporary", 1, "or `mlops-magics serve penguins`"),
    ],
)
def test_bad_words_get_one_line_and_a_status(
    pinned: Path, capsys: pytest.CaptureFixture[str], words: str, status: int, said: str
) -> None:
    """2 for what makes no sense, 1 for what was refused; standard output stays empty."""
    capsys.readouterr()
    assert cli.main(words.split()) == status

    printed = capsys.readouterr()
    assert printed.out == ""
    assert said in printed.err
    assert printed.err.count("\n") == 1


def test_serve_runs_in_the_foreground_until_it_is_told_to_stop(pinned: Path) -> None:
    """What a container runs, with several models behind one address; SIGTERM ends it cleanly."""
    assert cli.main(["pin_model", "owls", "model.joblib", "--data", "train.csv", "--truth", "species"]) == 0
    url = f"http://127.0.0.1:{_free_port()}"
    words = ["serve", "penguins", "--also", "owls", "--port", url.rpartition(":")[2], "--no-token"]
    command = [sys.executable, "-m", "mlops_magics.cli", *words]
    process = subprocess.Popen(command, env=os.environ.copy(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        assert _ask(f"{url}/ping", process) == {"ping": "pong"}
        assert list(_ask(f"{url}/health", process)["models"]) == ["penguins", "owls"]
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    finally:
        process.kill()
        process.communicate()


def test_a_name_of_another_user_steers_no_terminal(
    folder: Path, rows: pd.DataFrame, capsys: pytest.CaptureFixture[str]
) -> None:
    """Labels, columns and texts with control characters are printed as escapes, and `--json` has their values."""
    label, column = "\x1b[31mred\x07", "\x1b]0;title\x07"
    X = rows.rename(columns={"mass": column})
    X.to_csv("hostile.csv", index=False)
    model = LogisticRegression().fit(X, [label, "other"] * (len(X) // 2))
    session = Session(board="models")
    session.pin(model, "hostile", data=X, metrics={"accuracy": 0.9}, description=label)
    session.monitor("hostile", data=X.assign(**{column: X[column] + 9}))
    words = [
        "predict hostile hostile.csv", "monitor hostile --data hostile.csv", "models", "versions hostile",
        "verdicts hostile", "model_card hostile", "model_card hostile --to card.md", "predict hostile same.csv",
        "compare hostile hostile", f"promote hostile@{label}",
    ]  # fmt: skip
    for line in words:
        cli.main(line.split())
        printed = capsys.readouterr()
        assert printed.out + printed.err, line
        assert not {"\x1b", "\x07"} & set(printed.out + printed.err), line

    assert "\x1b" not in Path("card.md").read_text(encoding="utf-8")
    assert label in answer(capsys, "predict hostile hostile.csv")


def test_serve_takes_every_option_of_deploy(pinned: Path) -> None:
    """But for a version that is tried out beside a running endpoint, one that ends by itself, and other places."""
    only = cli.COMMANDS["deploy"].options.keys() - cli.COMMANDS["serve"].options.keys()

    assert only == {"--canary", "--shadow", "--temporary", "--to", "--set"}


def _free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _ask(url: str, process: subprocess.Popen[bytes], seconds: float = 30) -> Any:
    """Ask until it answers."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5) as answered:
                return json.load(answered)
        except OSError:
            time.sleep(0.1)
    raise AssertionError("it did not answer")
