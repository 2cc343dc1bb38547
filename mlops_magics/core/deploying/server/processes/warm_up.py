"""What a warm spare does while it waits: import what models need, and go the way of a request once."""

from __future__ import annotations

import contextlib
import importlib

from mlops_magics.core.versioning.formats import registry

IMPORTED = (
    "mlops_magics.core.versioning.board",
    "mlops_magics.core.versioning.opening",
    "mlops_magics.core.versioning.formats.loading",
    "sklearn.compose",
    "sklearn.ensemble",
    "sklearn.linear_model",
    "sklearn.pipeline",
    "sklearn.preprocessing",
    "joblib",
    "skops.io",
)
"""Beside pandas; what is not installed is left out."""


def rehearse() -> None:
    """Import, and ask a tiny model: libraries look their plug-ins up when they are first used."""
    for name in IMPORTED:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    registry.handlers()
    with contextlib.suppress(ImportError):
        _ask_tiny_model()


def _ask_tiny_model() -> None:
    import pandas as pd
    from sklearn.linear_model import LinearRegression

    rows = pd.DataFrame({"x": [0.0, 1.0]})
    LinearRegression().fit(rows, rows["x"]).predict(rows)
