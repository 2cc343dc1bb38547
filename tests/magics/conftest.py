"""A real IPython shell with the extension loaded, a board folder of its own, and small data with known answers."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from IPython.core.interactiveshell import InteractiveShell


class Shell:
    """IPython's shell as a notebook uses it: what a cell raises is raised, what it answers is returned."""

    def __init__(self, shell: InteractiveShell) -> None:
        self.ip = shell

    def run(self, cell: str) -> Any:
        """Run a cell and return its value."""
        result = self.ip.run_cell(cell, store_history=True)
        result.raise_error()
        return result.result

    def __getitem__(self, name: str) -> Any:
        return self.ip.user_ns[name]

    def give(self, **names: Any) -> None:
        """Bind names as an earlier cell would."""
        self.ip.user_ns.update(names)

    @property
    def session(self) -> Any:
        """The session that the magics call."""
        return self.ip._mlops_magics_extension.notebook.session


@pytest.fixture
def shell(bare_shell: InteractiveShell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shell]:
    """A fresh namespace in a fresh folder, with the extension loaded; unloaded afterwards."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, "__main__", bare_shell.user_module)
    bare_shell.reset(new_session=True)
    bare_shell.run_line_magic("load_ext", "mlops_magics")
    try:
        yield Shell(bare_shell)
    finally:
        for endpoint in _running():
            endpoint.stop()
        bare_shell.run_line_magic("unload_ext", "mlops_magics")
        bare_shell.config.pop("MLOpsMagics", None)  # what one test set is not for the others


@pytest.fixture
def printed_warnings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Print warnings as Python does by itself. Pytest would keep them for its report."""

    def show(message: Any, category: Any, filename: str, lineno: int, file: Any = None, line: Any = None) -> None:
        sys.stderr.write(warnings.formatwarning(message, category, filename, lineno, line))

    monkeypatch.setattr(warnings, "showwarning", show)
    warnings.simplefilter("default")


def _running() -> list[Any]:
    from mlops_magics.core import deploying

    return deploying.running()


@pytest.fixture
def rows() -> pd.DataFrame:
    """Three features; the target depends on the first."""
    choice = np.random.default_rng(0)
    return pd.DataFrame(choice.normal(size=(400, 3)), columns=["bill", "flipper", "mass"])


@pytest.fixture
def species(rows: pd.DataFrame) -> pd.Series:
    """Two classes, told by ``bill`` with some noise."""
    noise = np.random.default_rng(1).normal(scale=0.4, size=len(rows))
    return pd.Series(np.where(rows["bill"] + noise > 0, "gentoo", "adelie"), name="species")


@pytest.fixture
def birds(shell: Shell, rows: pd.DataFrame, species: pd.Series) -> Shell:
    """A notebook that has its data ready: X, y, X_test, y_test."""
    shell.give(X=rows[:300], y=species[:300], X_test=rows[300:], y_test=species[300:])
    shell.run("from sklearn.linear_model import LogisticRegression")
    return shell
