"""Where a version comes from: secrets stay out, the lock installs, the commit is the one that was checked out."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from packaging.requirements import Requirement

from mlops_magics.core.versioning.describing import lineage
from mlops_magics.core.versioning.describing.redaction import REDACTED, redact

SECRET = "hunter2-Tr0ub4dor"


@pytest.mark.parametrize(
    "line",
    [
        "password = '{}'",
        "db_password: str = '{}'",
        'os.environ["API_KEY"] = "{}"',
        "connect(host='db', passwd='{}')",
        "settings = dict(access_token='{}', retries=3)",
        "secrets = {{'aws_secret_access_key': '{}'}}",
        "engine = create_engine('postgresql://me:{}@db:5432/x')",
        "frame = pd.read_csv('https://store.example/x.csv?sig={}&v=2')",
        "frame = pd.read_csv('https://me:{}@store.example/x.csv')",
        "requests.get(url, headers={{'Authorization': 'Bearer {}'}})",
        "%env HF_TOKEN={}",
        "!export DB_PASSWORD={}",
        "!mysql --password={} -u me",
        'token = """{}"""',
        "auth = b'{}'",
    ],
)
def test_a_secret_is_not_stored_and_the_rest_of_the_line_is(line: str) -> None:
    """The value goes, its name stays: a reader sees that something was there."""
    stored = redact(line.format(SECRET) + "\nmodel = fit(X, y)")

    assert SECRET not in stored
    assert REDACTED in stored
    assert stored.endswith("model = fit(X, y)")


@pytest.mark.parametrize(
    "value",
    ["AKIAIOSFODNN7EXAMPLE", "ghp_" + "a1B2" * 9, "hf_" + "aB3" * 10, "sk-" + "aB3" * 10, "xoxb-1234567890-abc"],
)
def test_a_key_of_a_known_shape_is_found_wherever_it_stands(value: str) -> None:
    """Under a harmless name, in a comment, in a list."""
    for line in (f"x = '{value}'", f"# {value}", f"load([{value!r}, 3])"):
        assert value not in redact(line)


@pytest.mark.parametrize(
    "line",
    [
        "tokenizer = Tokenizer(lower=True)",
        "tokens = text.split()",
        "password = getpass.getpass()",
        "api_key = os.environ['API_KEY']",
        "model = make_pipeline(StandardScaler(), LogisticRegression(C=2.0))",
        "frame = pd.read_csv('https://store.example/x.csv?v=2')",
        "author = 'me'",
    ],
)
def test_code_without_a_secret_stays_as_it_is(line: str) -> None:
    """What the cell says must still be readable."""
    assert redact(line) == line


def test_the_lock_is_a_requirements_file_that_uv_takes(tmp_path: Path) -> None:
    """Exact pins of what the model needs; every one is what is installed here, so nothing would change."""
    from sklearn.linear_model import LinearRegression

    recorded = lineage.record(LinearRegression().fit([[0.0], [1.0]], [0.0, 1.0]))
    lines = [line for line in recorded.lock().splitlines() if not line.startswith("#")]
    pins = {Requirement(line).name: str(Requirement(line).specifier) for line in lines}
    assert {"scikit-learn", "numpy", "scipy"} <= set(pins)
    assert pins["numpy"] == f"=={recorded.packages['numpy']}"

    (tmp_path / "requirements.txt").write_text(recorded.lock())
    command = ["uv", "pip", "install", "--dry-run", "--offline", "--python", sys.executable, "-r"]
    said = subprocess.run(
        [sys.executable, "-m", *command, str(tmp_path / "requirements.txt")],
        capture_output=True, text=True, check=True, env={**os.environ, "NO_COLOR": "1"},
    )  # fmt: skip
    assert "Would make no changes" in said.stderr


def test_the_commit_and_its_dirt_are_recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A notebook in a repository; outside of one both are unknown."""
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    monkeypatch.chdir(tmp_path)
    assert (lineage.record().git_commit, lineage.record().git_dirty) == (None, None)

    def git(*words: str) -> str:
        options = ["-c", "user.name=me", "-c", "user.email=me@example.org"]
        return subprocess.run(["git", *options, *words], check=True, capture_output=True, text=True).stdout.strip()

    git("init", "-q")
    (tmp_path / "train.py").write_text("pass\n")
    git("add", ".")
    git("commit", "-qm", "first")
    assert (lineage.record().git_commit, lineage.record().git_dirty) == (git("rev-parse", "HEAD"), False)
    (tmp_path / "train.py").write_text("more\n")
    assert lineage.record().git_dirty is True


def test_the_fingerprint_is_of_values_names_and_dtypes() -> None:
    """Equal data give equal fingerprints; another value, name, dtype, order of rows or truth gives another."""
    data = pd.DataFrame({"x": [1.0, 2.0], "kind": ["a", "b"]})
    truth = pd.Series([0, 1])
    prints = [
        lineage.record(data=frame, truth=target).data_fingerprint
        for frame, target in (
            (data, truth),
            (data.assign(x=[1.0, 2.5]), truth),
            (data.rename(columns={"x": "z"}), truth),
            (data.astype({"x": "float32"}), truth),
            (data.iloc[::-1], truth),
            (data, truth[::-1].reset_index(drop=True)),
        )
    ]

    assert len(set(prints)) == len(prints)
    assert prints[0] == lineage.record(data=data.copy(), truth=truth.copy()).data_fingerprint
