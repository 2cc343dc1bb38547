"""Version, deploy and monitor machine-learning models without leaving the notebook.

In a notebook: ``%load_ext mlops_magics``, then ``%%pin_model``, ``%deploy``, ``%monitor``. In Python: ``Session``.
"""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING, Any

from mlops_magics.lazy_exports import lazy_exports
from mlops_magics.version import __version__

if TYPE_CHECKING:
    from mlops_magics.core.monitoring import drift, performance
    from mlops_magics.core.session import Session

__all__ = ["Session", "__version__", "drift", "performance"]

_load, __dir__ = lazy_exports(
    __name__, {"Session": "core.session", "drift": "core.monitoring", "performance": "core.monitoring"}
)


def __getattr__(name: str) -> Any:
    """Import a public name on its first use. In a marimo notebook, records show their views from then on."""
    found = _load(name)
    if "marimo" in sys.modules:
        importlib.import_module("mlops_magics.marimo_views").register()
    return found


def load_ipython_extension(shell: Any) -> None:
    """Wire magics, completion and displays into this shell (``%load_ext mlops_magics``)."""
    importlib.import_module("mlops_magics.extension").load(shell)


def unload_ipython_extension(shell: Any) -> None:
    """Undo everything that loading did."""
    importlib.import_module("mlops_magics.extension").unload(shell)


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    return [{"src": "labextension", "dest": "mlops-magics"}]


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "mlops_magics.lab"}]
