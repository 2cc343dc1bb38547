"""The verbs as plain Python: `Session` is the only interface between faces and the core."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlops_magics.lazy_exports import lazy_exports

if TYPE_CHECKING:
    from mlops_magics.core.session.session import Session

__all__ = ["Session"]

__getattr__, __dir__ = lazy_exports(__name__, {"Session": "session"})
