"""Public names that a package imports on first use: `import mlops_magics` must not cost pandas."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping
from typing import Any


def lazy_exports(package: str, homes: Mapping[str, str]) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Return the ``__getattr__`` and ``__dir__`` of a package.

    Parameters
    ----------
    package
        The package's ``__name__``.
    homes
        The module of each name: below the package (``board``), or by its whole name (``mlops_magics.core.state``).
    """

    def load(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        home = homes[name] if homes[name].startswith("mlops_magics.") else f"{package}.{homes[name]}"
        return getattr(importlib.import_module(home), name)

    return load, lambda: sorted({*vars(sys.modules[package]), *homes})
