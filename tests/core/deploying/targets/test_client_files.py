"""One file asks an endpoint: with Python alone, with Node alone, and with what the columns need in it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

import mlops_magics as mm
from mlops_magics.core.deploying import Endpoint
from mlops_magics.errors import InvalidInput
from tests.core.test_http_answers import once, server, sized

ROWS = pd.DataFrame(np.random.default_rng(0).normal(size=(30, 2)), columns=["a", 'say "$b" é'])
LABELS = np.where(ROWS["a"] > 0, "yes", "no")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Endpoint, list[str]]]:
    """Write the clients of a model, and deploy it."""
    root = tmp_path_factory.mktemp("client")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLOPS_MAGICS_STATE", str(root / "state"))
        session = mm.Session(board=root / "board")
        model = LogisticRegression().fit(ROWS, LABELS)
        session.pin(model, "owls", data=ROWS, truth=LABELS)
        endpoint = session.deploy("owls", log=False)
        try:
            package = session.package("owls", to="client", path=root / "clients", settings={"url": endpoint.url})
            assert set(package.files) == {"owls_client.py", "owls_client.mjs", "owls_client.R"}
            yield root / "clients", endpoint, model.predict(ROWS).tolist()
        finally:
            endpoint.stop()


def run(command: list[str], folder: Path, token: str | None) -> subprocess.CompletedProcess[str]:
    """Run a program that has nothing of this environment but the token."""
    environment = {"PATH": "/usr/bin:/bin", "PYTHONIOENCODING": "utf-8"}
    environment |= {} if token is None else {"MLOPS_MAGICS_TOKEN": token}
    return subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=60, cwd=folder, env=environment, encoding="utf-8"
    )


def test_python_needs_nothing_else(served: tuple[Path, Endpoint, list[str]]) -> None:
    """Without site-packages the file answers a CSV and a JSON file, and names a missing column in one line."""
    folder, endpoint, expected = served
    ROWS.to_csv(folder / "rows.csv", index=False)
    ROWS.to_json(folder / "rows.json", orient="records", double_precision=15)
    ROWS[["a"]].to_csv(folder / "short.csv", index=False)
    python = [sys.executable, "-I", "-S", "owls_client.py"]

    for name in ("rows.csv", "rows.json"):
        done = run([*python, name], folder, endpoint.token)
        assert done.stdout.split() == expected, done.stderr
    short = run([*python, "short.csv"], folder, endpoint.token)
    assert short.returncode == 1
    assert "lacks the column" in short.stderr
    assert "(number)" in short.stderr
    assert "Traceback" not in short.stderr
    assert "oken" in run([*python, "rows.csv"], folder, "wrong").stderr


BAD_FILES: dict[str, tuple[bytes | None, str]] = {
    "nothing.csv": (None, "nothing.csv cannot be read: No such file or directory."),
    "empty.csv": (b"", "Expected at least one row"),
    "latin.csv": (b"a\n\xe9\n", "is not a file of text in UTF-8"),
    "half.json": (b'[{"a": 1', "half.json is not a valid file of rows"),
    "word.csv": ('a,"say ""$b"" é"\n1.5,2\nx,3\n'.encode(), "row 1, column 'a': Expected a number, got 'x'"),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_file_that_is_not_rows_is_one_line(served: tuple[Path, Endpoint, list[str]], name: str) -> None:
    """With the place of the fault, from the file itself or from the endpoint."""
    folder, endpoint, _ = served
    content, reason = BAD_FILES[name]
    if content is not None:
        (folder / name).write_bytes(content)
    done = run([sys.executable, "-I", "-S", "owls_client.py", name], folder, endpoint.token)

    assert (done.returncode, done.stdout) == (1, "")
    assert reason in done.stderr
    assert done.stderr.count("\n") == 1


def test_T08_a_redirect_takes_neither_token_nor_rows_along(served: tuple[Path, Endpoint, list[str]]) -> None:
    """T8: the written clients end with one line, and the target of the redirect is not asked."""
    folder, endpoint, _ = served
    ROWS[:1].to_json(folder / "one.json", orient="records")
    asks = 'import { Model } from "./owls_client.mjs";\nawait new Model("PLACE").predict(ROWS);\n'
    node = asks.replace("ROWS", (folder / "one.json").read_text())
    text = (folder / "owls_client.py").read_text(encoding="utf-8").replace(endpoint.url, "PLACE")
    commands = {"moved.py": [sys.executable, "-I", "-S", "moved.py", "one.json"], "moved.mjs": ["node", "moved.mjs"]}
    with server([sized(b"{}")]) as (target, heard):
        moved = b"HTTP/1.1 307 X\r\nLocation: http://%s/x\r\nContent-Length: 0\r\n\r\n" % target.encode()
        with server([once(moved)]) as (place, asked):
            for name, code in (("moved.py", text), ("moved.mjs", node)):
                (folder / name).write_text(code.replace("PLACE", f"http://{place}", 1), encoding="utf-8")
                assert run(commands[name], folder, "token-of-a-user").returncode == 1

    assert len(asked) == 2
    assert not heard


def test_python_takes_rows_as_people_have_them(served: tuple[Path, Endpoint, list[str]]) -> None:
    """A frame, a dict of lists and records are rows; probabilities are those of the model."""
    folder, endpoint, expected = served
    namespace: dict[str, object] = {"__name__": "client"}
    exec(compile((folder / "owls_client.py").read_text(encoding="utf-8"), "owls_client.py", "exec"), namespace)
    model = namespace["Model"](endpoint.url, endpoint.token)  # type: ignore[operator]

    for rows in (ROWS, ROWS.to_dict("list"), ROWS.to_dict("records")):
        assert model.predict(rows) == expected
    assert np.shape(model.predict_proba(ROWS)) == (30, 2)
    with pytest.raises(namespace["Refused"], match="at least one row"):  # type: ignore[call-overload]
        model.predict([])


@pytest.mark.skipif(shutil.which("node") is None, reason="no node")
def test_node_needs_nothing_else(served: tuple[Path, Endpoint, list[str]]) -> None:
    """The module answers, and names a missing column."""
    folder, endpoint, expected = served
    records = json.dumps(ROWS.to_dict("records"))
    (folder / "ask.mjs").write_text(
        'import { Model } from "./owls_client.mjs";\n'
        f"const rows = {records};\nconst model = new Model();\n"
        "console.log(JSON.stringify(await model.predict(rows)));\n"
        "await model.predict([{ a: 1 }]).catch((error) => console.log(error.message));\n",
        encoding="utf-8",
    )

    done = run(["node", "ask.mjs"], folder, endpoint.token)

    answered, refused = done.stdout.splitlines()
    assert json.loads(answered) == expected
    assert "lacks the column" in refused


def has_r() -> bool:
    """Return whether R is here with the package that the client names."""
    program = shutil.which("Rscript")
    return program is not None and not subprocess.run([program, "-e", "library(httr2)"], capture_output=True).returncode


@pytest.mark.skipif(not has_r(), reason="no R with httr2")
def test_r_needs_httr2_alone(served: tuple[Path, Endpoint, list[str]]) -> None:
    """The functions answer a data frame, and name a missing column."""
    folder, endpoint, expected = served
    ROWS.to_json(folder / "rows.json", orient="records", double_precision=15)
    (folder / "ask.R").write_text(
        "source('owls_client.R')\nrows <- jsonlite::fromJSON('rows.json')\n"
        "cat(jsonlite::toJSON(predict_rows(rows)), '\\n')\n"
        "cat(tryCatch(predict_rows(data.frame(a = 1)), error = conditionMessage))\n",
        encoding="utf-8",
    )

    done = run([str(shutil.which("Rscript")), "ask.R"], folder, endpoint.token)

    answered, refused = done.stdout.splitlines()
    assert json.loads(answered) == expected
    assert "lack the columns" in refused


def test_settings_are_checked_before_anything_is_written(tmp_path: Path) -> None:
    """An address that is not one of HTTP, or another language, is refused; one language gives one file."""
    session = mm.Session(board=tmp_path / "board")
    session.pin(LogisticRegression().fit(ROWS, LABELS), "owls", data=ROWS, truth=LABELS)

    for settings in ({"url": 'http://x"; import os'}, {"url": "ftp://x"}, {"language": "cobol"}):
        with pytest.raises(InvalidInput):
            session.package("owls", to="client", path=tmp_path / "out", settings=settings)
        assert not (tmp_path / "out").exists()
    package = session.package("owls", to="client", path=tmp_path / "out", settings={"language": "r"})
    assert package.files == ("owls_client.R",)
