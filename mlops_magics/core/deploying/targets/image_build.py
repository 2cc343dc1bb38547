"""Builds the image of a package with podman, buildah or docker, and says in one line why an engine could not."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import TYPE_CHECKING

from mlops_magics.core import progress
from mlops_magics.errors import InvalidInput, MissingDependency, TargetError

if TYPE_CHECKING:
    from pathlib import Path

ENGINES: dict[str, tuple[str, ...]] = {
    "podman": ("build", "--format", "docker"),
    "buildah": ("bud", "--format", "docker"),
    "docker": ("build",),
}
"""Engine → its command to build. A health check is only in the format of Docker."""
WHICHEVER = frozenset({"yes", "true", "any", "auto", "1"})
"""Words for whichever engine is there."""
BUILD_SECONDS = 1800.0
CAUSES = (
    (r"no space left on device", "no space is left on the device"),
    (
        r"exec: \W*python\W*:? .*not found|python: (not found|No such file)",
        "its base image has no `python`: choose one that has, such as `--base python:3.11-slim`",
    ),
    (
        r"No module named (pip|venv|ensurepip)",
        "the Python of its base image has no pip: choose another image, such as `--base python:3.11-slim`",
    ),
    (
        r"Temporary failure in name resolution|NewConnectionError|Network is unreachable|ProxyError",
        "no package index answered: `--wheels DIR` installs from a folder of wheels instead",
    ),
    (
        r"No matching distribution found for (?P<name>[\w.=!+-]+)",
        "the package index has no {name} for the Python of the base image",
    ),
    (
        r"initializing source|pinging container registry|manifest unknown|pull access denied|failed to resolve",
        "its base image is not on this machine, and no registry gave it: pull it first, or choose one by `--base`",
    ),
)
"""What an engine writes, and what that means. The first that is found is the cause; later lines follow from it."""


def build(folder: Path, tag: str, engine: str) -> str:
    """Build the image, and return its name.

    Raises
    ------
    InvalidInput
        For an engine that is not known.
    MissingDependency
        Where no engine is installed.
    TargetError
        Where the engine fails. The message has the cause, or the last line that it wrote.
    """
    wanted = engine if engine in ENGINES else ""
    if not wanted and engine.lower() not in WHICHEVER:
        raise InvalidInput(f"{engine[:40]!r} is not an engine that builds images: use {', '.join(ENGINES)}, or yes.")
    found = next((each for each in ([wanted] if wanted else ENGINES) if shutil.which(each)), None)
    if found is None:
        raise MissingDependency(
            f"An image is built by {wanted or 'podman, buildah or docker'}, which is not installed. "
            "The files are complete: build them where an engine is."
        )
    progress.report(f"building {tag} with {found}")
    command = [found, *ENGINES[found], "-t", tag, str(folder)]
    try:
        done = subprocess.run(  # noqa: S603, a list of words, of which tag and folder are checked
            command, capture_output=True, text=True, timeout=BUILD_SECONDS, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise TargetError(f"{found} did not build {tag} within {BUILD_SECONDS:g} s.") from error
    if done.returncode != 0:
        raise TargetError(
            f"{found} could not build {tag}: {_cause(done.stderr + done.stdout)}. The files are complete in {folder}."
        )
    return tag


def _cause(written: str) -> str:
    """Return the reason of a failure, or the last line where it is none of the known ones."""
    for pattern, sentence in CAUSES:
        if found := re.search(pattern, written):
            return sentence.format(**found.groupdict())
    lines = [line for line in written.splitlines() if line.strip()]
    return lines[-1][:300] if lines else "it wrote nothing"
