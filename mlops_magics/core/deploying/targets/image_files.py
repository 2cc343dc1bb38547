"""The files of an image: Dockerfile, pinned requirements, this package as a wheel, and the version itself.

No value of a board is written into a line that a shell or Docker expands: commands are JSON arrays, and the reference,
the hash and the address of the board are arguments in them.
"""

from __future__ import annotations

import json
import platform
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from mlops_magics.core.deploying.targets import base_image, own_wheel, requirements_lock
from mlops_magics.errors import InvalidInput

if TYPE_CHECKING:
    from mlops_magics.core.deploying.targets.packaged_version import PackagedVersion

PORT = 8080
"""The port of all platforms that do not name another one."""
USER = "10001:0"
"""Not root. The group 0 lets OpenShift choose any user."""
BOARD, HOME, PLACE = "/app/board", "/tmp", "/opt/server"  # noqa: S108, paths in the image
INSTALL = "install.py"
TRUST = "--trust-board"
"""The server's word for a board whose writers may run code in the container."""
_PYTHON = re.compile(r"(3\.\d{1,2})(?:\.\d+)?")
HEALTH = (
    "import os, urllib.request as r; "
    f"r.urlopen('http://127.0.0.1:' + os.environ.get('PORT', '{PORT}') + '/ping', timeout=8).read()"
)
INSTALLER = '''"""Installs the requirements and the server, and removes what is never imported: tests and headers."""

import filecmp
import pathlib
import shutil
import subprocess
import sys

PLACE = pathlib.Path("/opt/server")
PYTHON = PLACE / "bin" / "python"
PIP = [sys.executable, "-m", "pip", "--python", str(PYTHON), "install"]
PIP += ["--no-cache-dir", "--no-deps", "--compile", "--disable-pip-version-check"]
OFFLINE = ["--no-index", "--find-links", "/app/wheels"] if pathlib.Path("/app/wheels").is_dir() else []
HASHES = ["--require-hashes"] if "--hash=" in pathlib.Path("/app/requirements.txt").read_text() else []
TESTED = ("numpy", "pandas", "pyarrow", "scipy", "sklearn", "xgboost", "lightgbm", "skops", "joblib", "pins")
UNUSED = ("include", "src", "*flight*", "libarrow_s3*", "_s3fs*", "_gcsfs*", "_azurefs*", "_hdfs*", "*.pxi", "*.pyx")
"""Of pyarrow: its clients of Flight and of clouds, which fsspec replaces here, and its sources."""

subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(PLACE)], check=True)
subprocess.run([*PIP, *OFFLINE, *HASHES, "-r", "/app/requirements.txt"], check=True)
subprocess.run([*PIP, "--no-index", *sys.argv[1:]], check=True)
(site,) = PLACE.glob("lib/python*/site-packages")
unused = [path for name in TESTED for path in (site / name).rglob("test*") if path.name in ("test", "tests")]
unused += [path for pattern in UNUSED for path in (site / "pyarrow").glob(pattern)]
for path in unused:
    shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)
libraries = sorted((site / "pyarrow").glob("lib*.so*"))  # a wheel has no links: it holds the same library three times
for first, second in zip(libraries, libraries[1:]):
    if first.resolve().stat().st_size == second.stat().st_size and filecmp.cmp(first, second, shallow=False):
        second.unlink()
        second.symlink_to(first.resolve().name)
'''


@dataclass(frozen=True, slots=True)
class ImageOptions:
    """The options of an image.

    Attributes
    ----------
    base
        The base image, by default Python's slim one of the version that the model was trained with.
    wheels
        A folder of wheels, for networks without an index.
    user
        User and group by their numbers.
    trailing
        Further words of the server's command, such as ``--no-token``.
    also
        Distributions that the target needs.
    files
        Name → text of further files in ``/app``.
    command
        The command in place of the server, with its arguments.
    follow
        The alias whose version answers, read again and again from a board with a URL.
    """

    base: str | None = None
    wheels: Path | None = None
    user: str = USER
    trailing: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)
    command: tuple[str, ...] = ()
    follow: str | None = None


def user_number(user: str) -> int:
    """Return the number of a user from ``UID`` or ``UID:GID``.

    Raises
    ------
    InvalidInput
    """
    if not re.fullmatch(r"[0-9]{1,10}(:[0-9]{1,10})?", user, re.ASCII):
        raise InvalidInput(f"{user[:40]!r} is not a user of an image: use numbers, UID or UID:GID.")
    return int(user.partition(":")[0])


def write(source: PackagedVersion, folder: Path, options: ImageOptions) -> list[str]:
    """Write the files of an image, and return notes on what could not be done.

    Raises
    ------
    InvalidInput
        For a base image, a user or a folder of wheels that is not valid.
    """
    user_number(options.user)
    if options.follow and source.copied:
        raise InvalidInput(
            f"The image holds a copy of {source.ref}, which follows no alias: package it from a board with a URL, such "
            "as s3://…, that its replicas read."
        )
    if options.follow and TRUST not in options.trailing:
        _check_follows(source)
    python = python_of(source)
    image, no_digest = base_image.pinned(options.base or f"python:{python}-slim")
    lock = requirements_lock.lock(source.version, python, options.wheels, options.also)
    (folder / own_wheel.file_name()).write_bytes(own_wheel.build())
    (folder / "requirements.txt").write_text(lock.text)
    (folder / INSTALL).write_text(INSTALLER)
    for name, text in options.files.items():
        (folder / name).write_text(text, encoding="utf-8")
    if lock.wheels:
        (folder / "wheels").mkdir()
        for path in lock.wheels:
            shutil.copyfile(path, folder / "wheels" / path.name)
    # the engine is sent nothing but these files
    (folder / ".dockerignore").write_text("*\n" + "".join(f"!{name}\n" for name in _copied(source, lock, options)))
    (folder / "Dockerfile").write_text(dockerfile(source, str(image), lock, options))
    return [note for note in (no_digest, lock.note) if note]


def _check_follows(source: PackagedVersion) -> None:
    """Refuse to follow versions that run code on a board that the container does not trust: it would load none."""
    from mlops_magics.core.versioning.formats import registry

    if not registry.read_without_trust(source.version.format):
        raise InvalidInput(
            f"{source.ref} runs code when it is read, and a container trusts no board by itself: "
            "`--set trust_board=yes` where only trusted people write there."
        )


def dockerfile(source: PackagedVersion, image: str, lock: requirements_lock.Lock, options: ImageOptions) -> str:
    """Return the Dockerfile.

    Parameters
    ----------
    source
        The packaged version.
    image
        The base image.
    lock
        The packages, with their versions.
    options
        User, port, environment and wheels.
    """
    wheel = own_wheel.file_name()
    lines = [
        f"FROM {image} AS base",
        "",
        # a stage of its own: neither the installer nor the wheels are in the image
        "FROM base AS build",
        f"COPY {json.dumps(['requirements.txt', INSTALL, wheel, '/app/'])}",
        *(['COPY ["wheels", "/app/wheels/"]'] if lock.wheels else []),
        f"RUN {json.dumps(['python', f'/app/{INSTALL}', f'/app/{wheel}'])}",
        "",
        "FROM base",
        f"ENV HOME={HOME} MLOPS_MAGICS_STATE={HOME}/state PORT={PORT} PYTHONUNBUFFERED=1 PATH={PLACE}/bin:$PATH",
        "WORKDIR /app",
        f'COPY --from=build ["{PLACE}", "{PLACE}"]',
        *(['COPY ["board", "/app/board/"]'] if source.copied else []),
        *([f"COPY {json.dumps([*options.files, '/app/'])}"] if options.files else []),
        f"USER {options.user}",
        *([f"ENTRYPOINT {json.dumps(options.command)}"] if options.command else _serving(source, options)),
    ]
    return "\n".join([*lines, ""])


def _serving(source: PackagedVersion, options: ImageOptions) -> list[str]:
    return [
        f"EXPOSE {PORT}",
        "STOPSIGNAL SIGTERM",
        "HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --retries=3 "
        f"CMD {json.dumps(['python', '-c', HEALTH])}",
        f"ENTRYPOINT {json.dumps(entry_point(source, options.trailing, options.follow))}",
    ]


def entry_point(source: PackagedVersion, trailing: tuple[str, ...] = (), follow: str | None = None) -> list[str]:
    """Return the command of the container: the version by its reference and its hash, or by the alias to follow."""
    board = BOARD if source.copied else source.board
    command = ["mlops-magics", "serve", source.ref, "--board", board, "--sha256", source.sha256]
    if follow:
        command = ["mlops-magics", "serve", f"{source.version.name}@{follow}", "--board", board, "--follow"]
    return [*command, "--host", "0.0.0.0", "--allow-any-host", "--most-log", "64", *trailing]  # noqa: S104


def python_of(source: PackagedVersion) -> str:
    """Return the Python of the model's training, ``3.11``, or this one where it is not known."""
    found = _PYTHON.match(source.version.lineage.python or platform.python_version())
    return found[1] if found else ".".join(platform.python_version_tuple()[:2])


def _copied(source: PackagedVersion, lock: requirements_lock.Lock, options: ImageOptions) -> list[str]:
    names = ["requirements.txt", INSTALL, own_wheel.file_name(), *options.files]
    return [*names, *(["wheels"] if lock.wheels else []), *(["board"] if source.copied else [])]
