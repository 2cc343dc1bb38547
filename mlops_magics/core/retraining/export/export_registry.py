"""The export targets: ours, and those that other packages add by an entry point."""

from __future__ import annotations

import functools
import importlib
import importlib.metadata
import logging

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
logger = logging.getLogger(__name__)


@functools.cache
def targets() -> dict[str, ExportTarget]:
    """Return name → target: ours, then those of other packages, which take no name of ours."""
    own = {each.name: each for each in map(_built_in, BUILT_IN)}
    return {**_registered(), **own}


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


def _built_in(place: str) -> ExportTarget:
    module, _, name = place.partition(".")
    made: ExportTarget = getattr(importlib.import_module(f"mlops_magics.core.retraining.export.{module}"), name)()
    return made


def _registered() -> dict[str, ExportTarget]:
    found = {}
    for entry in importlib.metadata.entry_points(group=ENTRY_POINTS):
        try:
            made = entry.load()()
            found[str(made.name)] = made
        except Exception:  # another package's own code
            logger.warning("The export target %s cannot be loaded.", entry.name, exc_info=True)
    return found
