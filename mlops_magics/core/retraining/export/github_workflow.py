"""A workflow of GitHub Actions."""

from __future__ import annotations

import math
import shlex
from collections.abc import Mapping

from mlops_magics.core.retraining.export import quoting, yaml_files
from mlops_magics.core.retraining.export.export_plan import BOARD, ExportPlan, ParsedExport

MOST_MINUTES = 360
"""GitHub's limit of a job."""
INSTALL = "python -m pip install 'mlops-magics[retrain]'"
REQUIREMENTS = "test ! -f requirements.txt || python -m pip install -r requirements.txt"


class GitHubActions:
    """One job, which is never cancelled by the next one."""

    name = "github-actions"
    file = "retrain-{model}.yml"
    next_step = (
        f"Put it into .github/workflows on the default branch. Set {BOARD} as a variable and the secrets as secrets."
    )

    def render(self, plan: ExportPlan) -> Mapping[str, str]:
        """Return the file."""
        secrets = {name: f"${{{{ secrets.{name} }}}}" for name in plan.secrets}
        steps = [
            {"uses": "actions/checkout@v5"},
            {"uses": "actions/setup-python@v6", "with": {"python-version": "3.12"}},
            {"run": INSTALL},
            {"run": REQUIREMENTS},
            {"name": "Run the policy", "run": quoting.shell(plan.argv_idle_ok)},
        ]
        workflow = {
            "name": f"Retrain {plan.model}",
            "on": {"schedule": [{"cron": plan.cron, "timezone": plan.zone}], "workflow_dispatch": {}},
            "permissions": {"contents": "read"},
            "concurrency": {"group": f"mlops-magics-{plan.model}", "cancel-in-progress": False},
            "jobs": {
                "retrain": {
                    "runs-on": "ubuntu-latest",
                    "timeout-minutes": min(math.ceil(plan.seconds / 60), MOST_MINUTES),
                    "env": {BOARD: f"${{{{ vars.{BOARD} }}}}", **secrets},
                    "steps": steps,
                }
            },
        }
        return {"": yaml_files.dump(workflow, comment=f"{plan.title}\nA change of the policy needs no new file.")}

    def parse(self, files: Mapping[str, str]) -> ParsedExport:
        """Read the file back."""
        (workflow,) = yaml_files.load(files[""])
        job, (schedule,) = workflow["jobs"]["retrain"], workflow["on"]["schedule"]
        argv = tuple(shlex.split(job["steps"][-1]["run"]))
        return ParsedExport(argv, frozenset(job["env"]) - {BOARD}, schedule["cron"], schedule["timezone"])
