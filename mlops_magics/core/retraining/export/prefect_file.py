"""A flow for Prefect 3, which runs the command as a process."""

from __future__ import annotations

from collections.abc import Mapping

from mlops_magics.core.retraining.export import python_files
from mlops_magics.core.retraining.export.export_plan import BOARD, IDLE, ExportPlan, ParsedExport


class Prefect:
    """A flow with its schedule, one run at a time."""

    name = "prefect"
    file = "retrain_{model}_flow.py"
    next_step = (
        f"Run `python FILE` to serve it. Set {BOARD}, and each secret as a Secret block of its name in small letters."
    )

    def render(self, plan: ExportPlan) -> Mapping[str, str]:
        """Return the file."""
        constants = python_files.head(plan, COMMAND=list(plan.argv), IDLE=IDLE)
        name = f"retrain-{plan.model}-{plan.policy}"
        return {"": TEXT.format(title=plan.title, board=BOARD, constants=constants, name=name)}

    def parse(self, files: Mapping[str, str]) -> ParsedExport:
        """Read the file back."""
        return python_files.parsed(files, tuple(python_files.constants(files)["COMMAND"]))


TEXT = '''"""{title}

The board is the environment variable {board}. A change of the policy needs no new file.
"""

from __future__ import annotations

import json
import os
import subprocess

from prefect import flow
from prefect.schedules import Cron

{constants}


@flow(name={name!r}, retries=0, timeout_seconds=SECONDS)
def retrain() -> dict:
    """Carry the policy out, and return its outcome."""
    done = subprocess.run(COMMAND, check=False, stdout=subprocess.PIPE, text=True, env={{**os.environ, **secrets()}})
    if done.returncode not in (0, IDLE):
        raise RuntimeError(f"the command ended with status {{done.returncode}}")
    return json.loads(done.stdout.splitlines()[-1]) if done.returncode == 0 else {{"outcome": "nothing to do"}}


def secrets() -> dict[str, str]:
    """Return the secrets from their blocks."""
    if not SECRETS:
        return {{}}
    from prefect.blocks.system import Secret

    return {{name: Secret.load(name.lower().replace("_", "-")).get() for name in SECRETS}}


def schedules() -> list:
    """Return when it runs."""
    return [Cron(CRON, timezone=ZONE)]


if __name__ == "__main__":
    retrain.serve(name={name!r}, schedules=schedules(), limit=1)
'''
