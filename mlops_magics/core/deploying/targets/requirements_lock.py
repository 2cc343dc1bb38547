"""The pinned requirements of a server and its model, with hashes where a resolver or a folder of wheels gives them."""

from __future__ import annotations

import hashlib
import importlib.metadata
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mlops_magics.core.deploying.targets import own_wheel
from mlops_magics.core.versioning.describing import packages
from mlops_magics.errors import InvalidInput

if TYPE_CHECKING:
    from mlops_magics.core.versioning import ModelVersion

PLATFORM = "x86_64-manylinux_2_28"
SECONDS = 180.0
"""Of the resolver: its first run fetches the metadata of all packages."""
_SAFE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,100}")
_SAFE_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9.!_-]{0,60}")
_WHEEL = re.compile(
    r"([A-Za-z0-9._]+)-([A-Za-z0-9.!_]+)(?:-[0-9][A-Za-z0-9_.]*)?-[A-Za-z0-9_.]+-[A-Za-z0-9_.]+-[A-Za-z0-9_.]+\.whl"
)
STORAGE = {"s3": "s3fs", "gs": "gcsfs", "gcs": "gcsfs", "abfs": "adlfs", "abfss": "adlfs", "az": "adlfs"}
"""Scheme of a board's URL → the distribution that reads it."""
NOTEBOOK_ALONE = frozenset({"altair", "anywidget", "ipython", "ipywidgets", "vl-convert-python", "jupyterlab"})
"""Distributions that a server never imports."""


@dataclass(frozen=True, slots=True)
class Lock:
    """Pinned requirements.

    Attributes
    ----------
    text
        For ``pip install -r``.
    hashed
        Whether each pin has hashes.
    wheels
        The files to install from, where they are copied along, empty where they come from an index.
    note
        The reason for missing hashes, or None.
    """

    text: str
    hashed: bool
    wheels: tuple[Path, ...] = ()
    note: str | None = None


def pins(version: ModelVersion, *, server: bool = True, also: Iterable[str] = ()) -> list[str]:
    """Return the packages of a model by its lineage, and those of the server as they are installed here.

    A package of both has the version that the model was trained with.

    Parameters
    ----------
    server
        Whether packages of the server alone have one version, else any that it works with.
    also
        Distributions that the target needs.
    """
    # a local version, such as +cpu of torch, is on no index
    found = {_canonical(name): number.partition("+")[0] for name, number in version.lineage.packages.items()}
    lines = {
        name: f"{name}=={number}"
        for name, number in found.items()
        if _SAFE_NAME.fullmatch(name) and _SAFE_VERSION.fullmatch(number)
    }
    for line in (*own_wheel.requirements(), *readers_of(version.board), *also):
        name = _canonical(_name_of(line))
        number = _installed(name)
        lines.setdefault(name, f"{name}=={number}" if server and number else line)
    return [line for name, line in sorted(lines.items()) if name not in NOTEBOOK_ALONE and name != "mlops-magics"]


def lock(version: ModelVersion, python: str, wheels: Path | None = None, also: Iterable[str] = ()) -> Lock:
    """Return the pinned requirements of an image.

    Parameters
    ----------
    python
        Its version: ``3.11``.
    wheels
        A folder of wheels to install from, for networks without an index.
    also
        Distributions that the target needs.

    Raises
    ------
    InvalidInput
        Where the folder has no wheel of a requirement.
    """
    also = tuple(also)
    if wheels is not None:
        return _from_wheels(pins(version, also=also), wheels)
    uv = _uv()
    if uv is None:
        return _without_hashes(version, "uv is not installed: `pip install uv`", also)
    reason = ""
    for server in (True, False):  # the model may have been trained with packages that ours do not work with
        found, reason = _compiled(uv, pins(version, server=server, also=also), python)
        if found is not None:
            return Lock(found, hashed=True)
    return _without_hashes(version, f"uv could not resolve them ({reason})", also)


def _compiled(uv: str, wanted: list[str], python: str) -> tuple[str | None, str]:
    """Return the pins that uv resolved for Linux, with the hashes of all files, or None, and why."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "requirements.in"
        source.write_text("\n".join([*wanted, ""]))
        command = [
            uv, "pip", "compile", "--quiet", "--no-header", "--no-annotate", "--generate-hashes",
            "--python-version", python, "--python-platform", PLATFORM, str(source),
        ]  # fmt: skip
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)  # noqa: S603
        except (OSError, subprocess.TimeoutExpired) as error:
            return None, type(error).__name__
    return (done.stdout, "") if done.returncode == 0 else (None, " ".join(done.stderr.split())[:300])


def _without_hashes(version: ModelVersion, why: str, also: tuple[str, ...] = ()) -> Lock:
    """Return the whole closure of the packages installed here: exact, but any file of these versions would be taken."""
    given = pins(version, also=also)
    closure = packages.closure([_name_of(line) for line in given])
    found = {_canonical(name): f"=={number.partition('+')[0]}" for name, number in closure.items()}
    found |= {name: f"=={number}" for name, mark, number in (line.partition("==") for line in given) if mark}
    found = {_canonical(_name_of(line)): "" for line in given if _canonical(_name_of(line)) not in found} | found
    lines = [
        f"{name}{pin}" for name, pin in sorted(found.items()) if name not in NOTEBOOK_ALONE and name != "mlops-magics"
    ]
    return Lock("\n".join([*lines, ""]), hashed=False, note=f"the requirements have no hashes: {why}")


def _from_wheels(wanted: list[str], folder: Path) -> Lock:
    """Return pins of all wheels in a folder, with the hashes of its files."""
    found: dict[str, tuple[str, Path]] = {}
    # `os.path` gives False for a name that is too long, where `Path` raises
    if not os.path.isdir(folder):
        raise InvalidInput(f"{str(folder)[:200]!r} is not a folder of wheels: `--wheels DIR` names one that exists.")
    for path in sorted(folder.glob("*.whl")):
        parts = _WHEEL.fullmatch(path.name)
        if parts is not None:
            found[_canonical(parts[1])] = parts[2], path
    missing = [line for line in wanted if _canonical(_name_of(line)) not in found]
    if missing:
        raise InvalidInput(
            f"The folder {folder} has no wheel of {', '.join(missing[:5])}. "
            f"To fill it: `pip download --only-binary :all: --dest {shlex.quote(str(folder))} {' '.join(missing[:5])}`."
        )
    lines, used = [], []
    for name, (number, path) in sorted(found.items()):
        if name not in NOTEBOOK_ALONE and name != "mlops-magics":
            lines.append(f"{name}=={number} --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}")
            used.append(path)
    return Lock("\n".join([*lines, ""]), hashed=True, wheels=tuple(used))


def readers_of(url: str) -> list[str]:
    """Return the distribution that reads and writes at a URL."""
    name = STORAGE.get(url.partition("://")[0])
    return [name] if name else []


def _uv() -> str | None:
    beside = Path(sys.executable).with_name("uv")
    return str(beside) if beside.exists() else shutil.which("uv")


def _installed(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _name_of(requirement: str) -> str:
    return re.split(r"[\s;\[<>=!~]", requirement, maxsplit=1)[0]


def _canonical(name: str) -> str:
    """Return the name of a distribution as PEP 503 compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()
