"""A DAG for Airflow 2.10 to 3.3, which calls the command in a shell."""

from __future__ import annotations

from collections.abc import Mapping

from mlops_magics.core.retraining.export import python_files, quoting
from mlops_magics.core.retraining.export.export_plan import BOARD, IDLE, ExportPlan, ParsedExport


class Airflow:
    """One task of a shell: Airflow stops its whole process group, and skips it at exit status 75."""

    name = "airflow"
    file = "retrain_{model}.py"
    next_step = f"Put it into the DAGs folder. Set {BOARD} for the workers, and each secret as a Variable."

    def render(self, plan: ExportPlan) -> Mapping[str, str]:
        """Return the file."""
        # a command that ends in .sh would be read as the name of a template file: hence the blank
        constants = python_files.head(plan, COMMAND=f"{quoting.bash(plan.argv)} ", IDLE=IDLE)
        return {
            "": TEXT.format(
                title=plan.title,
                board=BOARD,
                constants=constants,
                dag=f"mlops_magics.retrain.{plan.model}.{plan.policy}",
            )
        }

    def parse(self, files: Mapping[str, str]) -> ParsedExport:
        """Read the file back."""
        return python_files.parsed(files, quoting.bash_words(python_files.constants(files)["COMMAND"]))


TEXT = '''"""{title}

The board is the environment variable {board}. A change of the policy needs no new file.
"""

from __future__ import annotations

import datetime as dt

import pendulum

try:
    from airflow.sdk import DAG
except ImportError:  # Airflow 2
    from airflow import DAG
try:
    from airflow.providers.standard.operators.bash import BashOperator
except ImportError:  # Airflow 2
    from airflow.operators.bash import BashOperator

{constants}

with DAG(
    dag_id={dag!r},
    schedule=CRON,
    start_date=pendulum.datetime(2026, 1, 1, tz=ZONE),
    catchup=False,
    max_active_runs=1,
    tags=["mlops_magics"],
) as dag:
    BashOperator(
        task_id="run_policies",
        bash_command=COMMAND,
        env={{name: "{{{{ var.value." + name + " }}}}" for name in SECRETS}},
        append_env=True,
        skip_on_exit_code=[IDLE],
        retries=0,
        execution_timeout=dt.timedelta(seconds=SECONDS),
    )
'''
