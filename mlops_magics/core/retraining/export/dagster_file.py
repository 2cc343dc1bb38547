"""Definitions for Dagster: the model is an asset, its cadence a schedule."""

from __future__ import annotations

import re
from collections.abc import Mapping

from mlops_magics.core.retraining.export import python_files
from mlops_magics.core.retraining.export.export_plan import BOARD, IDLE, ExportPlan, ParsedExport


class Dagster:
    """An asset that the command makes. Its metadata hold the outcome."""

    name = "dagster"
    file = "retrain_{model}_definitions.py"
    next_step = f"Load it with `dagster dev -f FILE`. Set {BOARD} and the secrets in the environment."

    def render(self, plan: ExportPlan) -> Mapping[str, str]:
        """Return the file."""
        constants = python_files.head(plan, COMMAND=list(plan.argv), IDLE=IDLE)
        key = re.sub(r"\W", "_", f"model_{plan.model}", flags=re.ASCII)
        return {"": TEXT.format(title=plan.title, board=BOARD, constants=constants, key=key)}

    def parse(self, files: Mapping[str, str]) -> ParsedExport:
        """Read the file back."""
        return python_files.parsed(files, tuple(python_files.constants(files)["COMMAND"]))


TEXT = '''"""{title}

The board is the environment variable {board}. A change of the policy needs no new file.
"""

import json
import os
import subprocess

import dagster as dg

{constants}


@dg.asset(name={key!r}, op_tags={{"dagster/max_runtime": SECONDS}})
def model(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
    """Carry the policy out."""
    secrets = {{name: dg.EnvVar(name).get_value() or "" for name in SECRETS}}
    done = subprocess.run(COMMAND, check=False, stdout=subprocess.PIPE, text=True, env={{**os.environ, **secrets}})
    if done.returncode == IDLE:
        return dg.MaterializeResult(metadata={{"outcome": "nothing to do"}})
    if done.returncode:
        raise dg.Failure(f"the command ended with status {{done.returncode}}", allow_retries=False)
    runs = json.loads(done.stdout.splitlines()[-1])
    return dg.MaterializeResult(metadata={{"outcome": runs[0]["outcome"], "text": runs[0]["text"]}})


job = dg.define_asset_job("retrain_" + {key!r}, selection=[model])
schedule = dg.ScheduleDefinition(
    job=job, cron_schedule=CRON, execution_timezone=ZONE, default_status=dg.DefaultScheduleStatus.STOPPED
)
defs = dg.Definitions(assets=[model], jobs=[job], schedules=[schedule])
'''
