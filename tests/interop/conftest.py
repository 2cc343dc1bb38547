"""A virtual environment of its own for vetiver 0.2.6 and pins 0.9.2, which need older pandas and FastAPI than ours."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
REQUIREMENTS = ["vetiver==0.2.6", "pins==0.9.2", "pandas<3", "fastapi<0.130", "scikit-learn", "cloudpickle", "pyarrow"]

Peer = Callable[..., Any]


@pytest.fixture(scope="session")
def peer_python() -> Path:
    """The peer's interpreter; built once, under ``.venv-peers`` or where ``MLOPS_MAGICS_TEST_VENVS`` says."""
    place = Path(os.environ.get("MLOPS_MAGICS_TEST_VENVS") or ROOT / ".venv-peers") / "vetiver"
    python = place / "bin" / "python"
    ready = [str(python), "-c", "import vetiver, pins, pyarrow; assert pins.__version__ == '0.9.2'"]
    if not python.exists() or subprocess.run(ready, capture_output=True, check=False).returncode:
        subprocess.run([sys.executable, "-m", "venv", str(place)], check=True)
        install = [sys.executable, "-m", "uv", "pip", "install", "-q", "--python", str(python)]
        subprocess.run([*install, *REQUIREMENTS], check=True)
    return python


@pytest.fixture
def peer(peer_python: Path, tmp_path: Path) -> Peer:
    """Run a function of ``peer.py`` over there; what it returns comes back as JSON."""

    def call(function: str, *arguments: Any) -> Any:
        answer = tmp_path / "answer.json"
        subprocess.run(
            [str(peer_python), str(Path(__file__).with_name("peer.py")), str(answer), function, json.dumps(arguments)],
            check=True,
            cwd=tmp_path,
            env={**os.environ, "PINS_ALLOW_PICKLE_READ": "1", "PYTHONWARNINGS": "ignore"},
            timeout=200,
        )
        return json.loads(answer.read_text())

    return call
