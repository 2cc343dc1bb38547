"""Versioning: boards, and the names and records of immutable model versions, imported lazily."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlops_magics.lazy_exports import lazy_exports

if TYPE_CHECKING:
    from mlops_magics.core.versioning.board import Board
    from mlops_magics.core.versioning.comparing.diff import VersionDiff
    from mlops_magics.core.versioning.describing.column import Column
    from mlops_magics.core.versioning.describing.lineage import Lineage
    from mlops_magics.core.versioning.describing.model_version import ModelVersion, StoredFile
    from mlops_magics.core.versioning.describing.prototype import Prototype
    from mlops_magics.core.versioning.history.events import AliasMove
    from mlops_magics.core.versioning.maintenance.verification import VerifyReport
    from mlops_magics.core.versioning.names import AliasName, FileName, ModelName, ModelRef, VersionName
    from mlops_magics.core.versioning.opening import open_board
    from mlops_magics.core.versioning.publishing.facts import Facts

__all__ = [
    "AliasMove",
    "AliasName",
    "Board",
    "Column",
    "Facts",
    "FileName",
    "Lineage",
    "ModelName",
    "ModelRef",
    "ModelVersion",
    "Prototype",
    "StoredFile",
    "VerifyReport",
    "VersionDiff",
    "VersionName",
    "open_board",
]

__getattr__, __dir__ = lazy_exports(
    __name__,
    {
        "AliasMove": "history.events",
        "AliasName": "names",
        "Board": "board",
        "Column": "describing.column",
        "Facts": "publishing.facts",
        "FileName": "names",
        "Lineage": "describing.lineage",
        "ModelName": "names",
        "ModelRef": "names",
        "ModelVersion": "describing.model_version",
        "Prototype": "describing.prototype",
        "StoredFile": "describing.model_version",
        "VerifyReport": "maintenance.verification",
        "VersionDiff": "comparing.diff",
        "VersionName": "names",
        "open_board": "opening",
    },
)
