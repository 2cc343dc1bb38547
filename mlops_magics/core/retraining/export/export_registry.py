"""The export targets: ours, and those that other packages add by an entry point."""

from __future__ import annotations

import functools

from mlops_magics.core import plug_ins
from mlops_magics.core.retraining.export.export_target import ENTRY_POINTS, ExportTarget
from mlops_magics.errors import NotFound

BUILT_IN = (
    "airflow_file.Airflow",
    "prefect_file.Prefect",
    "dagster_file.Dagster",
    "github_workflow.GitHubActions",
    "gitlab_pipeline.GitLabCI",
    "cluster_files.KubernetesCronJob",
    "cluster_files.ArgoWorkflow",
    "cluster_files.Kubeflow",
    "scheduler_notebook.JupyterScheduler",
    "machine_files.Systemd",
    "machine_files.Crontab",
)
"""The targets of this package, by module and class."""


@functools.cache
def targets() -> dict[str, ExportTarget]:
    """Return name → target: ours, then those of other packages, which take no name of ours."""
    own: list[ExportTarget] = plug_ins.listed(__package__ or "", BUILT_IN)
    return {str(each.name): each for each in (*plug_ins.of_packages(ENTRY_POINTS), *own)}


def target(name: str) -> ExportTarget:
    """Return a target.

    Raises
    ------
    NotFound
    """
    known = targets()
    if name not in known:
        raise NotFound("export target", name, known)
    return known[name]
