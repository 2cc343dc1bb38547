"""Virtual environments for the clients of others, made once for a list of packages and kept between runs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).parents[3]
REQUIREMENTS = {
    "vetiver": ["vetiver==0.2.6", "pins==0.9.2", "pandas<3", "fastapi<0.130", "scikit-learn", "cloudpickle", "pyarrow"],
    "clients": [
        "kserve==0.21.0",
        "mlflow-skinny==3.17.2",
        "open-inference-openapi==2.0.0.1",
        "pandas",
        "schemathesis>=4,<5",
        "scipy",
        "tritonclient[http]==2.73.0",
    ],
}
FOR_ONCE = {"clients": {"UV_COMPILE_BYTECODE": "0"}}
"""Most of what these bring along is never imported."""


def python_of(peer: str) -> Path:
    """Return the interpreter of a peer's environment, made when it is not there or wants other packages.

    The folder is ``MLOPS_MAGICS_TEST_VENVS``, else ``.venv-peers`` in the repository.
    """
    folder = Path(os.environ.get("MLOPS_MAGICS_TEST_VENVS") or REPOSITORY / ".venv-peers") / peer
    python = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    done, wanted = folder / ".done", "\n".join(REQUIREMENTS[peer])
    if not done.exists() or done.read_text() != wanted:
        uv = [sys.executable, "-m", "uv"]
        subprocess.run([*uv, "venv", "-q", "--clear", "--python", sys.executable, str(folder)], check=True)
        install = [*uv, "pip", "install", "-q", "--python", str(python)]
        subprocess.run([*install, *REQUIREMENTS[peer]], check=True, env={**os.environ, **FOR_ONCE.get(peer, {})})
        done.write_text(wanted)
    return python


def run(peer: str, code: str, **values: Any) -> Any:
    """Run Python in a peer's environment; ``values`` are its ``given``, and what it assigns to ``found`` comes back."""
    script = f"import json, sys\ngiven = json.load(sys.stdin)\n{code}\nprint('found:' + json.dumps(found))"
    command = [str(python_of(peer)), "-W", "ignore", "-c", script]
    done = subprocess.run(command, input=json.dumps(values), capture_output=True, text=True, timeout=200, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.rsplit("found:", 1)[1])
