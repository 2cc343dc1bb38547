"""Requirements of an image: hashes from a resolver or from a folder of wheels, exact pins where there is neither."""

from __future__ import annotations

import dataclasses
import hashlib
import importlib.metadata
import io
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from mlops_magics.core.deploying.targets import own_wheel, requirements_lock
from mlops_magics.core.versioning import ModelVersion
from mlops_magics.errors import InvalidInput
from tests.core.deploying.conftest import Pinned


@pytest.fixture
def version(line: Pinned) -> ModelVersion:
    """A version whose lineage names two packages, one of which the server needs too."""
    lineage = dataclasses.replace(line.version.lineage, packages={"NumPy": "1.26.4", "a_model.lib": "2.0+local"})
    return dataclasses.replace(line.version, lineage=lineage)


def test_the_packages_of_the_training_come_first(version: ModelVersion) -> None:
    """The server's own are pinned as they are installed here, and nothing of a notebook is among them."""
    pins = requirements_lock.pins(version, also=["not-installed-here"])
    names = {re.split("[=><~;]", line)[0] for line in pins}

    assert {"numpy==1.26.4", "a-model-lib==2.0", "not-installed-here"} <= set(pins)
    assert f"pandas=={importlib.metadata.version('pandas')}" in pins
    assert not names & {"ipython", "ipywidgets", "altair", "anywidget", "vl-convert-python", "mlops-magics"}
    assert {"flask", "orjson", "pyarrow", "uvloop"} <= names


@pytest.mark.parametrize(
    "hostile", ["1.0\n--index-url=http://evil.example", "1.0 ; x", "-e .", "", "$(id)", "1.0 --hash"]
)
def test_a_lineage_that_another_program_wrote_adds_no_line(version: ModelVersion, hostile: str) -> None:
    """Names and numbers that pip would read as something else are left out."""
    packages = {"good": hostile, hostile: "1.0"}
    lineage = dataclasses.replace(version.lineage, packages=packages)
    wanted = requirements_lock.pins(dataclasses.replace(version, lineage=dataclasses.replace(lineage, packages={})))

    assert requirements_lock.pins(dataclasses.replace(version, lineage=lineage)) == wanted


def test_a_cloud_board_brings_its_reader(version: ModelVersion) -> None:
    """Each scheme has one distribution."""
    for url, name in (("s3://b/m", "s3fs"), ("gs://b/m", "gcsfs"), ("abfs://b/m", "adlfs")):
        pins = requirements_lock.pins(dataclasses.replace(version, board=url))
        assert any(line.startswith(name) for line in pins)


def test_without_a_resolver_pins_are_exact_and_the_package_says_so(
    version: ModelVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The whole closure of what is installed here."""
    monkeypatch.setattr(requirements_lock, "_uv", lambda: None)
    lock = requirements_lock.lock(version, "3.11")
    lines = lock.text.split()

    assert not lock.hashed
    assert "the requirements have no hashes: uv is not installed" in str(lock.note)
    assert {"numpy==1.26.4", f"werkzeug=={importlib.metadata.version('werkzeug')}"} <= set(lines)
    assert sorted(lines) == lines


def test_a_resolver_that_fails_is_named_and_does_not_stop_the_package(
    version: ModelVersion, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its last words are in the note; a resolver that answers is believed."""
    uv = tmp_path / "uv"
    monkeypatch.setattr(requirements_lock, "_uv", lambda: str(uv))
    uv.write_text("#!/bin/sh\necho no route to the index >&2\nexit 2\n")
    uv.chmod(0o755)
    assert "no route to the index" in str(requirements_lock.lock(version, "3.11").note)

    uv.write_text("#!/bin/sh\ncat > /dev/null < /dev/null\necho 'numpy==1.26.4 --hash=sha256:0'\n")
    lock = requirements_lock.lock(version, "3.11")
    assert (lock.hashed, lock.text) == (True, "numpy==1.26.4 --hash=sha256:0\n")


def test_a_folder_of_wheels_gives_hashes_of_its_files(version: ModelVersion, tmp_path: Path) -> None:
    """The only form that builds without a network; a wheel that is missing is named with the line that fetches it."""
    wanted = requirements_lock.pins(version)
    with pytest.raises(InvalidInput, match=r"has no wheel of a-model-lib==2\.0, .*pip download --only-binary"):
        requirements_lock.lock(version, "3.11", tmp_path)
    for line in wanted:
        name, _, number = line.partition("==")
        (tmp_path / f"{name.replace('-', '_')}-{number}-py3-none-any.whl").write_bytes(line.encode())
    (tmp_path / "notes.txt").write_text("not a wheel")

    lock = requirements_lock.lock(version, "3.11", tmp_path)

    assert lock.hashed
    assert f"numpy==1.26.4 --hash=sha256:{hashlib.sha256(b'numpy==1.26.4').hexdigest()}" in lock.text.splitlines()
    assert len(lock.wheels) == len(wanted)
    assert all(path.suffix == ".whl" for path in lock.wheels)


def test_the_wheel_of_the_server_runs_without_the_parts_of_a_notebook(tmp_path: Path) -> None:
    """The same code gives the same bytes; `serve --help` runs from the wheel alone, with notebook packages blocked."""
    wheel = own_wheel.build()
    assert wheel == own_wheel.build()
    with zipfile.ZipFile(io.BytesIO(wheel)) as archive:
        names = archive.namelist()
        archive.extractall(tmp_path)
    assert not [name for name in names if name.split("/")[1] in own_wheel.LEFT_OUT]
    code = f"""
import sys
for name in ("IPython", "ipywidgets", "anywidget", "altair", "vl_convert", "jedi"):
    sys.modules[name] = None
sys.path.insert(0, {str(tmp_path)!r})
import mlops_magics.cli
assert mlops_magics.cli.__file__.startswith({str(tmp_path)!r})
sys.argv = ["mlops-magics", "serve", "--help"]
mlops_magics.cli.main()
"""
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=False)
    assert "--allow-any-host" in done.stdout, done.stderr[-500:]
