"""The unit of batch scoring: one input file, or a range of the row groups of a large one."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, Literal

from mlops_magics.core.remote_errors import shown

KEY_LENGTH = 16
"""Hexadecimal digits of a key in the name of an output: enough that two inputs of one run never meet."""
State = Literal["scored", "skipped", "failed"]


@dataclass(frozen=True, slots=True)
class VersionPlace:
    """A version as a worker finds it, in plain texts: no model travels.

    Attributes
    ----------
    board
        The URL of the board.
    sha256
        Of the model file: other bytes are refused, and these are trusted.
    """

    board: str
    name: str
    version: str
    sha256: str


@dataclass(frozen=True, slots=True)
class ScoringOptions:
    """The method to compute, and the input columns to keep.

    Attributes
    ----------
    method
        The model's method.
    column
        The name of the answers' column, or with several outputs the beginning of their names.
    keep
        ``unread`` for the columns that the model does not read, ``all``, ``none``, or names with commas between.
    """

    method: str = "predict"
    column: str = "prediction"
    keep: str = "unread"


@dataclass(frozen=True, slots=True)
class InputPart:
    """An input file, or some of its row groups.

    Attributes
    ----------
    path
        Its path or URL.
    state
        Its size with a hash or a time of the file system: another state is another input.
    groups
        The first row group and the one after the last, or None for the whole file.
    """

    path: str
    state: str
    groups: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class BatchTask:
    """Everything that a worker needs to score one part, sent as JSON."""

    place: VersionPlace
    options: ScoringOptions
    part: InputPart
    folder: str

    @property
    def key(self) -> str:
        """The hash of input, version and options: equal keys give equal bytes."""
        facts = dataclasses.asdict(self)
        facts.pop("folder")
        # the same version of a copied board gives the same answers, so its outputs are not written again
        facts["place"].pop("board")
        return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:KEY_LENGTH]

    @property
    def target(self) -> str:
        """The output: the name of the input with the key."""
        # a Windows path has backslashes, which URLs and POSIX paths do not part
        name = PurePosixPath(shown(self.part.path).replace("\\", "/")).name
        return f"{self.folder.rstrip('/')}/{name.partition('.')[0][:100]}-{self.key}.parquet"

    def to_json(self) -> dict[str, Any]:
        """Return the task as JSON values."""
        return dataclasses.asdict(self)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> BatchTask:
        """Return the task that `to_json` wrote."""
        groups = value["part"]["groups"]
        part = InputPart(**{**value["part"], "groups": tuple(groups) if groups else None})
        return cls(VersionPlace(**value["place"]), ScoringOptions(**value["options"]), part, value["folder"])


@dataclass(frozen=True, slots=True)
class PartResult:
    """The result of one part.

    Attributes
    ----------
    rows
        That were written, by this run or an earlier one.
    message
        The reason of a failure.
    """

    source: str
    target: str
    state: State
    rows: int = 0
    message: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return the record for the wire."""
        return dataclasses.asdict(self)
