"""`mlops-magics retrain`, `policies`, `run-policies` and `export`: words, records as JSON, and exit statuses."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from mlops_magics import Session, cli
from mlops_magics.core.retraining.running import job
from tests.core.retraining.conftest import FIT, pin, recipe, rows


@pytest.fixture
def board(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Session:
    """A board with a model and new rows of another rule, in the working folder of a shell."""
    monkeypatch.chdir(tmp_path)
    session = Session(tmp_path / "board")
    monkeypatch.setenv("MLOPS_MAGICS_BOARD", session.board.url)
    pin(session)
    rows(1500, shift=2.0, seed=1).to_parquet("new.parquet")
    rows(1500, seed=2).to_csv("same.csv", index=False)
    return session


def shell(line: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, Any, str]:
    """Run a command line; return its status, the JSON of the last line of its output, and its errors."""
    status = cli.main(line.split())
    said = capsys.readouterr()
    last = (said.out.splitlines() or [""])[-1]
    return status, json.loads(last) if last.startswith(("{", "[")) else last, said.err.strip()


def test_a_retraining_in_a_shell(board: Session, capsys: pytest.CaptureFixture[str]) -> None:
    """0 where it was done, whatever was decided; 3 where the champion was kept and that is asked about."""
    status, record, _ = shell("retrain penguins --data new.parquet --truth species --param N=0.5 --json", capsys)
    assert (status, record["decision"], record["promoted"]) == (0, "promoted", True)
    assert board.version("penguins@champion").version == record["version"]
    assert board.version("penguins@champion").parameters["C"] == 0.5
    status, record, _ = shell("retrain penguins --data new.parquet --truth species --fail-on kept --json", capsys)
    assert (status, record["decision"]) == (3, "kept")
    status, said, _ = shell("retrain penguins --data SAME --truth species".replace("SAME", "same.csv"), capsys)
    assert status == 0
    assert said.startswith("penguins: On the same 300 held-out rows the challenger is")


MISTAKES = {
    "retrain": (2, "the following arguments are required"),
    "retrain penguins --evry week": (2, "--every"),
    "retrain penguins --data new.parquet --truth specie": (1, "No column 'specie'"),
    "retrain penguins --data nowhere.parquet": (1, "nowhere.parquet"),
    "retrain owls --data new.parquet": (1, "No model 'owls'. Known: penguins."),
    "retrain penguins --data new.parquet --at 04:00": (1, "--at belongs to a policy: add --every or --when."),
    "retrain penguins --every fortnight": (1, "not 'fortnight'"),
    "retrain penguins --every day --zone Mars/Olympus": (1, "Mars/Olympus"),
    "retrain penguins --every 31": (1, "31"),
    "retrain penguins --param N": (1, "--param takes NAME=VALUE"),
    "retrain penguins --when weather": (1, "--when takes drift"),
    "run-policies penguins --policy daily --once": (1, "No policy of penguins: 'daily'"),
    "export penguins --to jenkins": (1, "penguins"),
    "export penguins": (2, "--to"),
}


def test_mistakes_are_one_line(board: Session, capsys: pytest.CaptureFixture[str]) -> None:
    """2 for words that are not valid, 1 for what does not exist or cannot be; nothing is begun."""
    before = len(board.history("penguins"))
    for line, (status, words) in MISTAKES.items():
        found, _, error = shell(line, capsys)
        assert (found, words in error, "\n" in error) == (status, True, False), (line, found, error)
    assert len(board.history("penguins")) == before


def test_policies_in_a_shell(board: Session, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Made, listed, exported and carried out; 75 where nothing is due, which `--idle-ok` makes 0."""
    line = "retrain penguins --when rows>=100 --data new.parquet --truth species --min-rows 100 --json"
    status, policy, _ = shell(line, capsys)
    assert (status, policy["when"], policy["data"]) == (0, ["rows>=100"], str(tmp_path / "new.parquet"))
    status, listed, _ = shell("policies --json", capsys)
    assert [(each["policy"], each["due"]) for each in listed] == [("default", True)]
    status, exported, _ = shell("export penguins --to github-actions --output . --json", capsys)
    assert (status, all(Path(each).is_file() for each in exported["files"])) == (0, True)
    status, runs, _ = shell("run-policies --once --json", capsys)
    assert (status, [run["outcome"] for run in runs]) == (0, ["promoted"])
    assert shell("run-policies --once --json", capsys)[0] == 75
    assert shell("run-policies penguins --once --idle-ok", capsys)[0] == 0
    assert shell("retrain penguins --off", capsys)[0] == 0
    assert shell("policies penguins --json", capsys)[1] == []


def test_sigterm_ends_the_recipe_and_gives_the_claim_back(
    board: Session, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """143; meanwhile another run hears who holds the model (75), afterwards it may begin."""
    pin(board, recipe(f"import time, subprocess\nsubprocess.Popen(['sleep', '611'])\ntime.sleep(600)\n{FIT}"))
    words = [sys.executable, "-m", "mlops_magics.cli", "retrain", "penguins", "--data", "new.parquet"]
    running = subprocess.Popen([*words, "--truth", "species"], stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    until = time.monotonic() + 60
    while not any(each.step == "trained" for each in job.runs(board.board.url, "penguins")):
        assert time.monotonic() < until
        time.sleep(0.1)
    status, _, error = shell("retrain penguins --data new.parquet --truth species", capsys)
    assert (status, f"pid {running.pid}" in error) == (75, True)
    os.kill(running.pid, signal.SIGTERM)

    assert running.wait(30) == 143
    assert board.history("penguins")["event"].iloc[0] == "retrain_end"
    assert [each.status for each in board.retrainings("penguins")] == ["cancelled"]
    assert subprocess.run(["pgrep", "-f", "sleep 611"], capture_output=True).stdout == b""
    assert len(board.versions("penguins")) == 2
