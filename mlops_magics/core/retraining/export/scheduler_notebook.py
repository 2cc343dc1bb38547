"""A notebook for jupyter-scheduler, which runs it as a job: one cell that calls the command."""

from __future__ import annotations

import json
from collections.abc import Mapping

from mlops_magics.core.retraining.export import python_files
from mlops_magics.core.retraining.export.export_plan import BOARD, IDLE, ExportPlan, ParsedExport


class JupyterScheduler:
    """One cell of code. The schedule is entered in JupyterLab, and the first cell names it.

    No parameter is used: jupyter-scheduler pastes these into the code as they are.
    """

    name = "jupyter-scheduler"
    file = "retrain_{model}.ipynb"
    next_step = f"In JupyterLab: Create Notebook Job, Run on a schedule, as FILE describes. Set {BOARD} for the server."

    def render(self, plan: ExportPlan) -> Mapping[str, str]:
        """Return the file."""
        constants = python_files.head(plan, COMMAND=list(plan.argv), IDLE=IDLE)
        said = (
            f"# {plan.title}\n\nCreate a notebook job of this file, on the schedule `{plan.cron}` in the time zone "
            f"{plan.zone}. The board is the environment variable {BOARD} of the server"
            + (f", and so are {', '.join(plan.secrets)}." if plan.secrets else ".")
        )
        cells = [
            {"cell_type": "markdown", "id": "about", "metadata": {}, "source": said},
            {
                "cell_type": "code", "execution_count": None, "id": "retrain", "metadata": {}, "outputs": [],
                "source": TEXT.format(constants=constants),
            },
        ]  # fmt: skip
        kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
        # the title comes first: the first lines of a file mark it as an export
        about = {"mlops_magics": plan.title, "kernelspec": kernel}
        whole = {"metadata": about, "cells": cells, "nbformat": 4, "nbformat_minor": 5}
        return {"": json.dumps(whole, indent=1) + "\n"}

    def parse(self, files: Mapping[str, str]) -> ParsedExport:
        """Read the file back."""
        code = {"": json.loads(files[""])["cells"][1]["source"]}
        return python_files.parsed(code, tuple(python_files.constants(code)["COMMAND"]))


TEXT = """import os
import subprocess

{constants}

missing = [name for name in SECRETS if name not in os.environ]
if missing:
    raise RuntimeError(f"not in the environment: {{', '.join(missing)}}")
done = subprocess.run(COMMAND, stdout=subprocess.PIPE, text=True, timeout=SECONDS)
print(done.stdout)
if done.returncode not in (0, IDLE):
    raise RuntimeError(f"exit status {{done.returncode}}")"""
