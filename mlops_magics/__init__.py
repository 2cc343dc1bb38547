"""Version, deploy and monitor machine-learning models without leaving the notebook.

In a notebook: ``%load_ext mlops_magics``, then ``%%pin_model``, ``%deploy``, ``%monitor``. In Python: ``Session``.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mlops_magics.core.monitoring import drift, performance
    from mlops_magics.core.session import Session

__version__ = "0.1.0"
__all__ = ["Session", "__version__", "drift", "performance"]

_HOMES = {
    "Session": "mlops_magics.core.session",
    "drift": "mlops_magics.core.monitoring",
    "performance": "mlops_magics.core.monitoring",
}


def __getattr__(name: str) -> Any:
    """Import a public name on first use: loading the extension must not cost pandas."""
    if name not in _HOMES:
        raise AttributeError(f"module 'mlops_magics' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


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
