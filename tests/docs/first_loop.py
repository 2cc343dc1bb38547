"""The first loop in an environment that has the package and scikit-learn alone: `make dist` runs it."""

from __future__ import annotations

import importlib.resources
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression

import mlops_magics as mm


def main() -> None:
    """Pin, deploy, ask, monitor, assess and write documents; any fault ends the process with an error."""
    rows = pd.DataFrame(np.random.default_rng(0).normal(size=(100, 2)), columns=["a", "b"])
    truth = (rows["a"] > 0).astype(int)
    model = LogisticRegression().fit(rows, truth)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["MLOPS_MAGICS_STATE"] = str(Path(folder) / "state")
        board = Path(folder) / "board"
        session = mm.Session(board=board)
        session.pin(model, "owls", data=rows, truth=truth, test=(rows, truth))
        endpoint = session.deploy("owls")
        try:
            assert (np.asarray(session.remote("owls").predict(rows)) == model.predict(rows)).all()
            assert session.package("owls", to="client", path=Path(folder) / "client").files
            endpoint.settle()
            assert session.monitor("owls").rows == len(rows)
        finally:
            endpoint.stop()
        assert session.readiness(files=None).pay_off.models == 1
        assert session.catalogue(to=Path(folder) / "site").written == 1
        command = [sys.executable, "-m", "mlops_magics", "models", "--board", str(board), "--json"]
        listed = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
        assert json.loads(listed.splitlines()[-1])[0]["name"] == "owls"
    views = importlib.resources.files("mlops_magics") / "static"
    assert (views / "drift.js").is_file()
    print(f"mlops_magics {mm.__version__} works")


if __name__ == "__main__":
    main()
