"""Posit Connect: a bundle of a WSGI application, with its manifest: https://docs.posit.co/connect/.

Connect installs the requirements itself, checks clients, and answers below a path of its own. This package is in the
bundle, since it is the code that was tried here. The requirements have no hashes, since Connect adds its own packages.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import shlex
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from mlops_magics.core.deploying.targets import embedded_files, image_files, own_wheel, requirements_lock
from mlops_magics.core.deploying.targets.packaged_version import PackagedVersion
from mlops_magics.core.deploying.targets.target import Setting, Target, Written

MANIFEST, REQUIREMENTS = "manifest.json", "requirements.txt"
PIP = "24.0"
"""The version that the manifest names. Connect takes its own."""
_HASH = re.compile(r"\s*\\?\s*--hash=\S+")


class ConnectTarget(Target):
    """A folder that ``rsconnect deploy manifest`` takes."""

    name: ClassVar[str] = "connect"
    summary: ClassVar[str] = "an API on Posit Connect"
    settings: ClassVar[tuple[Setting, ...]] = (Setting("title", "the title at Connect (default: the model's name)"),)

    def write(self, source: PackagedVersion, folder: Path, settings: Mapping[str, Any]) -> Written:
        """Write application, requirements, this package, and the manifest that lists every file."""
        python = image_files.python_of(source)
        lock = requirements_lock.lock(source.version, python)
        (folder / REQUIREMENTS).write_text(_HASH.sub("", lock.text))
        (folder / "app.py").write_text(embedded_files.text(source, token=False), encoding="utf-8")
        with zipfile.ZipFile(io.BytesIO(own_wheel.build())) as wheel:
            wheel.extractall(folder)
        (folder / MANIFEST).write_text(json.dumps(manifest(folder, python), indent=2) + "\n")
        title = settings["title"] or source.version.name
        command = f"rsconnect deploy manifest {{path}}/{MANIFEST} --title {shlex.quote(title)}"
        return Written((lock.note,) if lock.note and not lock.hashed and "resolve" in lock.note else (), (command,))


def manifest(folder: Path, python: str) -> dict[str, Any]:
    """Return the manifest of all files in a folder."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != MANIFEST)
    return {
        "version": 1,
        "locale": "en_US.UTF-8",
        "metadata": {"appmode": "python-api", "entrypoint": "app:app"},
        "python": {
            "version": f"{python}.0",
            "package_manager": {"name": "pip", "version": PIP, "package_file": REQUIREMENTS},
        },
        "files": {path.relative_to(folder).as_posix(): {"checksum": _md5(path)} for path in files},
    }


def _md5(path: Path) -> str:
    return hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()
