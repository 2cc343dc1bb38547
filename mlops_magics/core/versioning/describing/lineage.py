"""The lineage of a version: its code, commit, packages, machine and data, gathered once at the moment of pinning."""

from __future__ import annotations

import dataclasses
import platform
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mlops_magics.core.versioning.describing import fingerprint, json_values, packages
from mlops_magics.core.versioning.describing.secrets import redaction

GIT_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Lineage:
    """The origin of a version. Every part may be unknown.

    Attributes
    ----------
    source
        The code that trained the model, its secrets redacted.
    git_commit, git_dirty
        The commit that was checked out, and whether anything differed from it.
    packages
        Map from distribution to exact version, for the model's requirements and theirs in turn.
    data_fingerprint
        ``sha256:…`` over the columns, dtypes and values of the training data.
    training_seconds
        The duration of the training.
    recipe
        Whether the version can be made again with new data, in one sentence.
    retraining
        The run that made the version (its id, trigger, data and held-out rows), or None where a person trained it.
    """

    source: str | None = None
    notebook: str | None = None
    git_commit: str | None = None
    git_dirty: bool | None = None
    python: str | None = None
    platform: str | None = None
    packages: dict[str, str] = field(default_factory=dict)
    data_fingerprint: str | None = None
    training_seconds: float | None = None
    parent: str | None = None
    recipe: str | None = None
    retraining: dict[str, Any] | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the record as plain values."""
        return {entry.name: getattr(self, entry.name) for entry in dataclasses.fields(self)}

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> Lineage:
        """Read the value of `to_json`. Fields of a newer writer are left out.

        Raises
        ------
        ValueError
            A field is of another type.
        """
        return json_values.of_type(cls, record)

    def lock(self) -> str:
        """Return the packages as a requirements file that pip and uv install."""
        return packages.lock(self.packages, self.python)


def record(
    model: Any = None,
    *,
    data: Any = None,
    truth: Any = None,
    source: str | None = None,
    notebook: str | None = None,
    training_seconds: float | None = None,
    parent: str | None = None,
) -> Lineage:
    """Gather the lineage of a model that was just trained, in this process.

    Parameters
    ----------
    model
        The fitted model.
    data, truth
        Its training data.
    source, notebook
        The code that trained it, and the file that it is in.
    training_seconds
        The duration of the training.
    parent
        The version that it follows.
    """
    folder = Path(notebook).parent if notebook else Path.cwd()
    commit, dirty = _git_state(folder if folder.is_dir() else Path.cwd())
    return Lineage(
        source=None if source is None else redaction.redact(source),
        notebook=notebook,
        git_commit=commit,
        git_dirty=dirty,
        python=platform.python_version(),
        platform=platform.platform(),
        packages=packages.of(model) if model is not None else {},
        data_fingerprint=None if data is None else fingerprint.of(data, truth),
        training_seconds=training_seconds,
        parent=parent,
    )


def _git_state(folder: Path) -> tuple[str | None, bool | None]:
    """Return the commit checked out in a folder and whether files differ from it, or None outside a repository."""
    # without optional locks git does not write the index, which another git may be using
    command = ["git", "--no-optional-locks", "status", "--porcelain=v2", "--branch", "--untracked-files=no"]
    try:
        # a fixed command without user input, with git from the user's own PATH on purpose
        answer = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=GIT_SECONDS, check=True)  # noqa: S603
    except (OSError, subprocess.SubprocessError):
        return None, None
    lines = answer.stdout.splitlines()
    commit = next((line.split()[2] for line in lines if line.startswith("# branch.oid ")), None)
    if commit in (None, "(initial)"):
        return None, None
    return commit, any(not line.startswith("#") for line in lines)
