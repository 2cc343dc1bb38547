"""`%export`: a file with which an orchestrator runs a policy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlops_magics.magics.verb import option, verb, word

if TYPE_CHECKING:
    from mlops_magics.core.session import Session
    from mlops_magics.core.session.records import Exported

TARGETS = (
    "airflow, prefect, dagster, github-actions, gitlab-ci, kubernetes-cronjob, argo, kubeflow, jupyter-scheduler, "
    "systemd or cron"
)


@verb(
    word("name", "the model", "model"),
    option("--to", TARGETS, "export", required=True, metavar="TARGET"),
    option("--output", "the file, or a folder for it (default: the working folder)", metavar="PATH"),
    option("--policy", "the name of the policy, where the model has several", metavar="NAME"),
    option("--command", "the program, where it is in an environment of its own: an absolute path", metavar="PATH"),
    option(
        "--secret", "environment variables that come from the orchestrator's store of secrets", nargs="+", default=()
    ),
    option("--image", "the container image, for clusters and GitLab"),
    examples=(
        "%export penguins --to airflow --output dags/",
        "%export penguins --to kubernetes-cronjob --image registry.example.org/penguins:1",
        "%export penguins --to github-actions --output .github/workflows/ --secret AWS_SECRET_ACCESS_KEY",
    ),
)
def export(
    session: Session, name: str, to: str, output: str | None, policy: str | None, command: str | None,
    secret: list[str], image: str | None,
) -> Exported:  # fmt: skip
    """Write a file that calls the command line by model and policy. No value and no secret is in it.

    The board is the environment variable `MLOPS_MAGICS_BOARD` there. A change of the policy needs no new file, unless
    its time changes.
    """
    return session.export(name, to=to, path=output, policy=policy, command=command, secrets=secret, image=image)
