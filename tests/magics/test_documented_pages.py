"""Every block of README and of the pages runs, in their order, on one board; or its text is compared."""

from __future__ import annotations

import os
import shlex
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from sklearn.ensemble import RandomForestClassifier

from mlops_magics import cli
from tests.core.deploying import peers
from tests.magics.conftest import Shell
from tests.magics.documented_blocks import CRON, ORDER, PAGES, ROOT, Block, blocks, shape

ELSEWHERE = {"docs/monitoring.md": "tests/docs/test_monitoring_rules.py runs its examples"}
"""Pages whose blocks another test runs."""
NOT_RUN = {
    "make demo": "the two targets are in the Makefile; the notebooks' tests run the first",
    **dict.fromkeys(
        ("import json\nimport subprocess", "import subprocess\n"),
        "needs an orchestrator: tests/doors/test_retraining_page.py compiles it, `make orchestrators` runs it",
    ),
}
"""Beginnings of blocks that do not run, with the reason."""
ENDLESS = {"--interval": "looks again until it is ended; the line above it is one such look"}
"""Words of a line that never ends, which is understood, with the reason."""
HERE = {
    "/var/www": "www", "/opt/mm/bin/mlops-magics": str(Path(sys.executable).with_name("mlops-magics")),
    "--fail-under 2": "--fail-under 0", "Europe/Berlin": "UTC",
}  # fmt: skip
"""Folders of the system, and a gate that this team passes."""
GRACE = 60.0
"""Seconds in which a server has to answer on a busy machine."""


class Reader:
    """A newcomer who types what the pages show, in one notebook, one shell and one folder."""

    def __init__(self, shell: Shell, folder: Path, capture: pytest.CaptureFixture[str], data: dict[str, Any]) -> None:
        self.shell, self.folder, self.capture = shell, folder, capture
        self.outputs: list[str] = []
        self.page, self.data = "", data

    def run(self, block: Block) -> None:
        """Run a block, or compare it where it is an output."""
        if block.page != self.page:
            self.page = block.page
            self.shell.give(**self.data)
        if block.is_output:
            assert any(shape(block.text) in shape(each) for each in self.outputs), self.outputs[-3:]
            return
        for cell in block.cells:
            self.do(cell)

    def do(self, cell: str) -> None:
        """Do what a cell or a line of a shell says, and keep its output."""
        for words, here in HERE.items():
            cell = cell.replace(words, here)
        value = self._act(cell)
        self.outputs.append(f"{self.capture.readouterr().out}\n{value!r}")

    def _act(self, text: str) -> object:
        line = text.partition("  #")[0].strip()
        if CRON.match(line):
            return run_as_cron(CRON.sub("", line), self.folder)
        if line.startswith("mlops-magics serve "):
            return serve_and_ask(line, self.shell["X_test"].to_json(orient="records"))
        if any(words in line for words in ENDLESS):
            return cli.understand(shlex.split(line)[1:])
        if line.startswith("mlops-magics "):
            assert cli.main(shlex.split(line)[1:]) in (cli.DONE, cli.IDLE)
            return None
        if "import vetiver" in text:
            endpoint, rows = self.shell["endpoint"], self.shell["X_test"].to_dict("records")
            return peers.run("vetiver", VETIVER, block=text, url=endpoint.url, token=endpoint.token, rows=rows)
        if text.startswith("%%") and "\n" not in text:
            text += "\nmodel = RandomForestClassifier(5).fit(X, y)"
        return self.shell.run(text)


VETIVER = """
import ast, types
import pandas as pd
tree = ast.parse(given["block"])
last = ast.Expression(tree.body.pop().value)
endpoint = types.SimpleNamespace(url=given["url"], token=given["token"])
names = {"endpoint": endpoint, "frame": pd.DataFrame(given["rows"])}
exec(compile(tree, "README", "exec"), names)
found = len(eval(compile(last, "README", "eval"), names))
assert found == len(given["rows"])
"""
"""Runs a block of Python in the environment of vetiver, and checks its last value."""


def environment() -> dict[str, str]:
    """Return what a server or a timer needs of this environment: a state folder, and the keys of the storage."""
    kept = {name: value for name, value in os.environ.items() if name.startswith(("AWS_", "MLOPS_MAGICS_"))}
    return {**kept, "PATH": "/usr/bin:/bin", "HOME": os.environ["HOME"]}


def run_as_cron(line: str, folder: Path) -> str:
    """Run a line as cron does: by sh, in another folder, with a short path and no variable of this process."""
    done = subprocess.run(
        ["/bin/sh", "-c", line.replace("www/", f"{folder}/www/")],
        env=environment(), cwd="/", capture_output=True, text=True, check=False, timeout=GRACE,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def serve_and_ask(line: str, rows: str) -> int:
    """Start a server in the foreground, send it rows, and end it as a platform does."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = [sys.executable, "-m", "mlops_magics", *shlex.split(line)[1:]]
    kept = {"PORT": str(port), "MLOPS_MAGICS_SERVE_TOKEN": "secret", "MLOPS_MAGICS_BOARD": "s3://bucket/models"}
    with subprocess.Popen(words, env={**environment(), **kept}, stderr=subprocess.PIPE, text=True) as server:
        try:
            wait_for(f"http://127.0.0.1:{port}/v2/health/ready", server)
            head = {"Authorization": "Bearer secret", "Content-Type": "application/json"}
            asked = urllib.request.Request(f"http://127.0.0.1:{port}/predict", rows.encode(), head)
            answer = urllib.request.urlopen(asked, timeout=GRACE).status
        finally:
            server.send_signal(signal.SIGTERM)
        ended = server.wait(GRACE)
    assert (answer, ended) == (200, 0)
    return ended


def wait_for(url: str, server: subprocess.Popen[str]) -> None:
    """Wait until a server answers."""
    until = time.monotonic() + GRACE
    while True:
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return
        except (urllib.error.URLError, OSError):
            assert server.poll() is None, server.stderr and server.stderr.read()
            assert time.monotonic() < until
            time.sleep(0.1)


@pytest.fixture
def storage(bucket_server: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The bucket that the pages name."""
    import boto3
    import s3fs

    for name, value in (
        ("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test"), ("AWS_ENDPOINT_URL", bucket_server),
        ("AWS_DEFAULT_REGION", "us-east-1"),
    ):  # fmt: skip
        monkeypatch.setenv(name, value)
    s3fs.S3FileSystem.clear_instance_cache()
    boto3.client("s3").create_bucket(Bucket="bucket")
    yield
    s3fs.S3FileSystem.clear_instance_cache()


@pytest.fixture
def reader(shell: Shell, storage: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Reader:
    """A notebook, a folder and a bucket with the data that the pages speak of."""
    import duckdb
    import s3fs

    choice = np.random.default_rng(3)
    island = pd.Series(choice.choice(["Biscoe", "Dream"], 1800))
    rows = pd.DataFrame(choice.normal(size=(1800, 2)), columns=["bill", "flipper"])
    species = pd.Series(
        np.where(rows["bill"] + choice.normal(scale=0.3, size=1800) > 0, "Gentoo", "Adelie"), name="species"
    )
    new = rows.assign(species=species, island=island, day=pd.date_range("2026-01-01", periods=1800, freq="2h"))
    data = {
        "RandomForestClassifier": RandomForestClassifier, "X": rows[:300], "y": species[:300],
        "X_test": rows[300:400], "y_test": species[300:400], "new": new[:400], "test": new[300:400],
        "reference": rows[:300], "current": rows[300:400],
    }  # fmt: skip
    shell.run("from sklearn.linear_model import LogisticRegression\nfrom sklearn.pipeline import make_pipeline\n"
              "from sklearn.preprocessing import StandardScaler")  # fmt: skip
    new.loc[300:, ["bill", "flipper", "species"]].to_parquet(tmp_path / "new.parquet", index=False)
    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as warehouse:
        warehouse.execute("CREATE TABLE visits AS SELECT * FROM 'new.parquet'")
    rows[300:400].to_parquet(tmp_path / "some.parquet")
    s3fs.S3FileSystem().put(str(tmp_path / "some.parquet"), "bucket/rows/some.parquet")
    (tmp_path / "www").mkdir()
    key = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (tmp_path / "private.pem").write_bytes(key)
    shell.run("%board models")
    return Reader(shell, tmp_path, capsys, data)


BEFORE = {
    "import duckdb": ("import s3fs; s3fs.S3FileSystem().get('bucket/log', 'log', recursive=True)",),
    "%%pin_model penguins --test X_test y_test\nmodel = make_pipeline": ("C = 0.3",),
    "run = %retrain": (
        "s = mm.Session(board='s3://bucket/models')",
        "s.promote('penguins@' + s.versions('penguins')['version'].iloc[0], to='champion')",
    ),
    "On the same 300": ("run",),
    "Can be made again by `%retrain`: X and y come from `--data`, 2 earlier": (
        "import numpy as np\nnumbers = np.eye(2)", "scaler = StandardScaler().fit(numbers)",
        "%%pin_model scaled\nmodel = LogisticRegression().fit(scaler.transform(X.to_numpy()), y)",
    ),
    "Cannot be made again": (
        "scaler = StandardScaler().fit(X); np.save('mean.npy', scaler.mean_)",
        "%%pin_model scaled\nmodel = LogisticRegression().fit(scaler.transform(X), y)",
    ),
    "Can be made again by `%retrain`: X and y come from `--data`. It reads": (
        "import datetime\nfrom datetime import datetime",
        "%%pin_model dated\nmodel = LogisticRegression(C=float(datetime.now().year), random_state=0).fit(X, y)",
    ),
}  # fmt: skip
"""What a reader did before a block, by the block's beginning."""


@pytest.mark.timeout(900)
def test_every_block_runs_or_is_compared(reader: Reader) -> None:
    """In the order in which a newcomer reads them, with a model whose data they name."""
    ran = 0
    for block in [each for page in ORDER for each in blocks(ROOT / page)]:
        if any(block.text.startswith(beginning) for beginning in NOT_RUN):
            continue
        for beginning, cells in BEFORE.items():
            if block.text.startswith(beginning):
                for cell in cells:
                    reader.do(cell)
        try:
            reader.run(block)
        except Exception as error:
            raise AssertionError(f"{block.page}: {block.text}") from error
        ran += 1
    assert ran > 40


def test_no_block_is_left_out() -> None:
    """Each page with a block runs here or elsewhere, and each reason for a block that does not run is of a block."""
    assert {block.page for page in PAGES for block in blocks(page)} == {*ORDER, *ELSEWHERE}
    texts = [block.text for page in ORDER for block in blocks(ROOT / page)]
    for beginning in NOT_RUN:
        assert any(text.startswith(beginning) for text in texts), beginning
