"""A job of a pipeline of GitLab, whose schedule GitLab itself keeps."""

from __future__ import annotations

import math
import shlex
from collections.abc import Mapping

from mlops_magics.core.retraining.export import quoting, yaml_files
from mlops_magics.core.retraining.export.export_plan import BOARD, IDLE, ExportPlan, ParsedExport
from mlops_magics.core.retraining.export.github_workflow import INSTALL, REQUIREMENTS


class GitLabCI:
    """One job of scheduled pipelines, one at a time."""

    name = "gitlab-ci"
    file = "retrain-{model}.gitlab-ci.yml"
    next_step = (
        f"Include it in .gitlab-ci.yml. Make a pipeline schedule, and set {BOARD} and the secrets as CI/CD variables."
    )

    def render(self, plan: ExportPlan) -> Mapping[str, str]:
        """Return the file."""
        pipeline = {
            f"retrain-{plan.model}": {
                "image": plan.image,
                "rules": [{"if": '$CI_PIPELINE_SOURCE == "schedule"'}],
                "resource_group": f"mlops-magics-{plan.model}",
                "timeout": f"{math.ceil(plan.seconds / 60)} minutes",
                "allow_failure": {"exit_codes": [IDLE]},
                "script": [INSTALL, REQUIREMENTS, quoting.shell(plan.argv)],
            }
        }
        comment = f"{plan.title}\nThe schedule is kept by GitLab (Pipeline schedules): {plan.cron}, {plan.zone}."
        return {"": yaml_files.dump(pipeline, comment=comment)}

    def parse(self, files: Mapping[str, str]) -> ParsedExport:
        """Read the file back."""
        (pipeline,) = yaml_files.load(files[""])
        (job,) = pipeline.values()
        return ParsedExport(tuple(shlex.split(job["script"][-1])))
