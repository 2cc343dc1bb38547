"""A fitted model becomes an immutable version on a board: names, records, boards; imported lazily."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mlops_magics.core.versioning.board import Board
    from mlops_magics.core.versioning.comparing.comparison import VersionDiff
    from mlops_magics.core.versioning.describing.column import Column
    from mlops_magics.core.versioning.describing.lineage import Lineage
    from mlops_magics.core.versioning.describing.model_version import ModelVersion, StoredFile
    from mlops_magics.core.versioning.describing.prototype import Prototype
    from mlops_magics.core.versioning.history.events import AliasMove
    from mlops_magics.core.versioning.maintenance.verification import VerifyReport
    from mlops_magics.core.versioning.names import AliasName, FileName, ModelName, ModelRef, VersionName
    from mlops_magics.core.versioning.opening import open_board

__all__ = [
    "AliasMove",
    "AliasName",
    "Board",
    "Column",
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

_HOMES = {
    "AliasMove": "history.events",
    "AliasName": "names",
    "Board": "board",
    "Column": "describing.column",
    "FileName": "names",
    "Lineage": "describing.lineage",
    "ModelName": "names",
    "ModelRef": "names",
    "ModelVersion": "describing.model_version",
    "Prototype": "describing.prototype",
    "StoredFile": "describing.model_version",
    "VerifyReport": "maintenance.verification",
    "VersionDiff": "comparing.comparison",
    "VersionName": "names",
    "open_board": "opening",
}


def __getattr__(name: str) -> Any:
    """Import a public name on first use."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
