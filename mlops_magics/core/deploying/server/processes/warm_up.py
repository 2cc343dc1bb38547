"""The warm-up of the spare worker: imports of libraries and one prediction."""

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
"""In addition to pandas. Libraries that are not installed are left out."""


def warm_up_libraries() -> None:
    """Import the libraries, and call a tiny model: some libraries load plug-ins on first use."""
    for name in IMPORTED:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    registry.handlers()
    with contextlib.suppress(ImportError):
        _predict_once()


def _predict_once() -> None:
    import pandas as pd
    from sklearn.linear_model import LinearRegression

    rows = pd.DataFrame({"x": [0.0, 1.0]})
    LinearRegression().fit(rows, rows["x"]).predict(rows)
