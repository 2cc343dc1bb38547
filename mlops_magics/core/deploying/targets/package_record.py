"""The record of a package: files that deploy one version elsewhere, and the next commands."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

from mlops_magics.core import phrases
from mlops_magics.core.sizes import readable_size


@dataclass(frozen=True, slots=True)
class Package:
    """The files written for a target.

    Attributes
    ----------
    ref
        The version.
    sha256
        Of the model file: the container refuses other bytes.
    target
        The place that the files are for.
    path
        Their folder.
    files
        Relative to the folder, in order of their names.
    size
        Of all files, in bytes.
    notes
        Notes on what could not be done, such as a digest of the base image without a network.
    commands
        The lines to paste next.
    image
        The image that was built, or None.
    """

    ref: str
    sha256: str
    target: str
    path: str
    files: tuple[str, ...]
    size: int
    notes: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    image: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the record for the wire."""
        return dataclasses.asdict(self)

    def __repr__(self) -> str:
        built = f", built as {self.image}" if self.image else ""
        lines = [
            f"{self.ref} for {self.target} in {self.path}: {phrases.counted(len(self.files), 'file')}, "
            f"{readable_size(self.size)}{built}"
        ]
        lines += [f"  note: {note}" for note in self.notes]
        lines += [f"  next: {command}" for command in self.commands]
        return "\n".join(lines)
