"""Completion of the command line in bash, which splits words at @ and at colons."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from sklearn.linear_model import LinearRegression

from mlops_magics.core.session import Session
from mlops_magics.magics.shell_completion import SCRIPTS

ASK = """
mlops-magics() {{ {python} -m mlops_magics.cli "$@"; }}
{script}
ask() {{ COMP_LINE=$1 COMP_POINT=${{#1}}; _mlops_magics mlops-magics "$2"; echo "${{COMPREPLY[*]}}"; }}
"""


def test_bash_completes_what_follows_an_at_and_a_colon(tmp_path: Path) -> None:
    """A number, an alias, the end of an id, and a second reference; bash replaces the text from the @ or the colon."""
    session = Session(board=tmp_path / "tides")
    model = LinearRegression().fit([[0.0], [1.0]], [0.0, 1.0])
    version = session.pin(model, "tide", data=[[0.0], [1.0]], format="joblib").version
    session.promote("tide", to="champion")
    asked = {
        "deploy tide@v": ("@v", "@v1"),
        "deploy tide@ch": ("@ch", "@champion"),
        f"use tide@{version[-4:]}": (f"@{version[-4:]}", f"@{version}"),
        "compare tide@v1 @ch": ("@ch", "@champion"),
        "deploy tides:ti": ("ti", "tide"),
    }
    calls = [f"ask 'mlops-magics {line}' '{replaced}'" for line, (replaced, _) in asked.items()]
    script = ASK.format(python=sys.executable, script=SCRIPTS["bash"]) + "\n".join(calls)
    environment = {**os.environ, "MLOPS_MAGICS_BOARD": str(tmp_path / "tides")}

    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, env=environment, cwd=tmp_path)

    assert done.stdout.split("\n")[:-1] == [offered for _, offered in asked.values()], done.stderr
