"""Fresh processes without their start: a helper that has only imported libraries forks one for each recipe.

Run as a script it reads a JSON object (folder, place, starter, variables) a line and answers each with the exit status.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path


class FreshProcesses:
    """Starts the helper, and runs recipes in its forks."""

    def __init__(self) -> None:
        self._helper = subprocess.Popen(
            [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def run(self, folder: Path, place: str) -> int:
        """Run the recipe of a job's folder and return the exit status."""
        assert self._helper.stdin is not None
        assert self._helper.stdout is not None
        variables = {key: value for key, value in os.environ.items() if key.startswith("MLOPS_MAGICS_")}
        order = {"folder": str(folder), "place": place, "starter": os.getpid(), "variables": variables}
        self._helper.stdin.write(json.dumps(order) + "\n")
        self._helper.stdin.flush()
        return int(self._helper.stdout.readline().rpartition(" ")[2])

    def close(self) -> None:
        """End the helper."""
        assert self._helper.stdin is not None
        self._helper.stdin.close()
        self._helper.wait(30)
        self._helper.stdout.close()  # type: ignore[union-attr]


def main() -> None:
    """Fork a process for each line."""
    import sklearn.ensemble
    import sklearn.model_selection
    import sklearn.pipeline  # noqa: F401 - imported once for all forks

    out = os.dup(1)
    os.dup2(2, 1)  # what a recipe prints is no answer
    for line in sys.stdin:
        order = json.loads(line)
        child = os.fork()
        if not child:
            _run(**order)
        _, status = os.waitpid(child, 0)
        os.write(out, f"status {os.waitstatus_to_exitcode(status)}\n".encode())


def _run(folder: str, place: str, starter: int, variables: dict[str, str]) -> None:
    os.environ.update(variables)  # of this test: the helper is older than its state folder
    os.environ["MLOPS_MAGICS_RETRAINING"] = folder
    os.chdir(place)
    from mlops_magics.core.deploying.endpoints import processes
    from mlops_magics.magics import recipe_runner

    status = recipe_runner.main(folder, str(starter), str(processes.started_at(starter)))
    sys.stdout.flush()
    os._exit(status)


if __name__ == "__main__":
    main()
