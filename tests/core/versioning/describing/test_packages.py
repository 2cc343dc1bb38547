"""The lock of packages is a requirements file that uv installs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy
from packaging.requirements import Requirement

from mlops_magics.core.versioning.describing import lineage, packages


def test_the_lock_is_a_requirements_file_that_uv_takes(tmp_path: Path) -> None:
    """T19: Exact pins of what the model needs; every one is what is installed here, so nothing would change."""
    from sklearn.linear_model import LinearRegression

    recorded = lineage.record(LinearRegression().fit([[0.0], [1.0]], [0.0, 1.0]))
    lines = [line for line in recorded.lock().splitlines() if not line.startswith("#")]
    pins = {Requirement(line).name: str(Requirement(line).specifier) for line in lines}
    assert {"scikit-learn", "numpy", "scipy"} <= set(pins)
    assert pins["numpy"] == f"=={recorded.packages['numpy']}"

    (tmp_path / "requirements.txt").write_text(recorded.lock())
    command = ["uv", "pip", "install", "--dry-run", "--offline", "--python", sys.executable, "-r"]
    said = subprocess.run(
        [sys.executable, "-m", *command, str(tmp_path / "requirements.txt")],
        capture_output=True, text=True, check=True, env={**os.environ, "NO_COLOR": "1"},
    )  # fmt: skip
    assert "Would make no changes" in said.stderr


class Proxy:
    """Refuses every attribute, as proxies of web frameworks do outside of a request."""

    def __getattribute__(self, name: str) -> object:
        raise RuntimeError(f"no {name} outside of a request")


class Holder:
    """A model that holds modules, as a formula does."""

    def __init__(self) -> None:
        self.names = {"np": numpy, "proxy": Proxy()}


def test_a_module_in_a_model_is_its_package_alone() -> None:
    """What a module imports is not in the model, and an object that refuses to be searched stops no pin."""
    assert packages.required(Holder()) == ["numpy"]
