"""Files for clusters: a CronJob of Kubernetes, a CronWorkflow of Argo, a pipeline of Kubeflow."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from mlops_magics.core.retraining.export import yaml_files
from mlops_magics.core.retraining.export.export_plan import BOARD, ExportPlan, ParsedExport

SECRET = "mlops-magics"  # noqa: S105 - the name of a Secret, not one
"""The Secret of the cluster that holds the board and all credentials as environment variables."""
DEADLINE = 3600
"""Seconds after which a missed start is given up. A CronJob without one never runs again after 100 missed starts."""
KEPT_SECONDS = 604_800
"""Seconds that a finished job is kept."""


class KubernetesCronJob:
    """A CronJob that never runs twice at once."""

    name = "kubernetes-cronjob"
    file = "retrain-{model}-cronjob.yaml"
    next_step = f"kubectl create secret generic {SECRET} --from-literal={BOARD}=…; then kubectl apply -f FILE"

    def render(self, plan: ExportPlan) -> Mapping[str, str]:
        """Return the file."""
        pod = {"restartPolicy": "Never", "containers": [_container(plan, _kubernetes)]}
        job = {
            "apiVersion": "batch/v1",
            "kind": "CronJob",
            "metadata": {"name": plan.kubernetes_name},
            "spec": {
                "schedule": plan.cron,
                "timeZone": plan.zone,
                "concurrencyPolicy": "Forbid",
                "startingDeadlineSeconds": DEADLINE,
                "jobTemplate": {
                    "spec": {
                        "backoffLimit": 0,
                        "activeDeadlineSeconds": plan.seconds,
                        "ttlSecondsAfterFinished": KEPT_SECONDS,
                        "template": {"spec": pod},
                    }
                },
            },
        }
        return {"": yaml_files.dump(job, comment=_comment(plan))}

    def parse(self, files: Mapping[str, str]) -> ParsedExport:
        """Read the file back."""
        (job,) = yaml_files.load(files[""])
        spec = job["spec"]
        (container,) = spec["jobTemplate"]["spec"]["template"]["spec"]["containers"]
        return ParsedExport(_argv(container, _from_kubernetes), _names(container), spec["schedule"], spec["timeZone"])


class ArgoWorkflow:
    """A CronWorkflow that never runs twice at once."""

    name = "argo"
    file = "retrain-{model}-argo.yaml"
    next_step = f"kubectl create secret generic {SECRET} --from-literal={BOARD}=…; then argo cron create FILE"

    def render(self, plan: ExportPlan) -> Mapping[str, str]:
        """Return the file."""
        template = {"name": "retrain", "container": _container(plan, _argo)}
        workflow = {
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": "CronWorkflow",
            "metadata": {"name": plan.kubernetes_name},
            "spec": {
                "schedules": [plan.cron],
                "timezone": plan.zone,
                "concurrencyPolicy": "Forbid",
                "startingDeadlineSeconds": DEADLINE,
                "workflowSpec": {
                    "entrypoint": "retrain",
                    "activeDeadlineSeconds": plan.seconds,
                    "templates": [template],
                },
            },
        }
        return {"": yaml_files.dump(workflow, comment=_comment(plan))}

    def parse(self, files: Mapping[str, str]) -> ParsedExport:
        """Read the file back."""
        (workflow,) = yaml_files.load(files[""])
        spec = workflow["spec"]
        (template,) = spec["workflowSpec"]["templates"]
        container = template["container"]
        return ParsedExport(_argv(container, _from_argo), _names(container), spec["schedules"][0], spec["timezone"])


class Kubeflow:
    """A pipeline of one container, written as Kubeflow's own intermediate form."""

    name = "kubeflow"
    file = "retrain-{model}-pipeline.yaml"
    next_step = "Upload it. The schedule is a recurring run, made by client.create_recurring_run(cron_expression=…)"

    def render(self, plan: ExportPlan) -> Mapping[str, str]:
        """Return the file. The board is a parameter of the pipeline, and credentials come from a Secret."""
        given = {"parameters": {"board": {"parameterType": "STRING", "description": "The URL of the board"}}}
        argv = [_kubeflow(word) for word in plan.argv_idle_ok]
        container = {
            "image": plan.image,
            "command": argv[:1],
            "args": [*argv[1:-1], "--board", "{{$.inputs.parameters['board']}}", argv[-1]],
        }
        task = {
            "taskInfo": {"name": "retrain"},
            "componentRef": {"name": "comp-retrain"},
            "cachingOptions": {},
            "inputs": {"parameters": {"board": {"componentInputParameter": "board"}}},
        }
        pipeline = {
            "components": {"comp-retrain": {"executorLabel": "exec-retrain", "inputDefinitions": given}},
            "deploymentSpec": {"executors": {"exec-retrain": {"container": container}}},
            "pipelineInfo": {"name": plan.kubernetes_name},
            "root": {"dag": {"tasks": {"retrain": task}}, "inputDefinitions": given},
            "schemaVersion": "2.1.0",
            "sdkVersion": "kfp-2.17.3",
        }
        comment = f"{_comment(plan)}\nThe schedule is a recurring run of this pipeline: {plan.cron}, {plan.zone}."
        return {"": yaml_files.dump(pipeline, *_secrets_of_kubeflow(plan), comment=comment)}

    def parse(self, files: Mapping[str, str]) -> ParsedExport:
        """Read the files back."""
        pipeline, *platform = yaml_files.load(files[""])
        container = pipeline["deploymentSpec"]["executors"]["exec-retrain"]["container"]
        words = [*container["command"], *container["args"]]
        place = words.index("--board")
        argv = [_from_kubeflow(word) for word in [*words[:place], *words[place + 2 :]]]
        secrets = platform[0]["platforms"]["kubernetes"]["deploymentSpec"]["executors"] if platform else {}
        entries = secrets.get("exec-retrain", {}).get("secretAsEnv", [{"keyToEnv": []}])[0]["keyToEnv"]
        return ParsedExport(tuple(argv), frozenset(each["envVar"] for each in entries))


def _container(plan: ExportPlan, escape: Any) -> dict[str, Any]:
    words = [escape(word) for word in plan.argv_idle_ok]
    keys = [
        {"name": name, "valueFrom": {"secretKeyRef": {"name": SECRET, "key": name}}} for name in (BOARD, *plan.secrets)
    ]
    return {"name": "retrain", "image": plan.image, "command": words[:1], "args": words[1:], "env": keys}


def _argv(container: Mapping[str, Any], unescape: Any) -> tuple[str, ...]:
    return tuple(unescape(word) for word in [*container["command"], *container["args"]])


def _names(container: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(each["name"] for each in container["env"]) - {BOARD}


def _secrets_of_kubeflow(plan: ExportPlan) -> Iterable[dict[str, Any]]:
    if not plan.secrets:
        return ()
    entries = [{"secretKey": name, "envVar": name} for name in plan.secrets]
    secret = {"secretAsEnv": [{"secretName": SECRET, "keyToEnv": entries}]}
    return ({"platforms": {"kubernetes": {"deploymentSpec": {"executors": {"exec-retrain": secret}}}}},)


def _comment(plan: ExportPlan) -> str:
    return f"{plan.title}\nThe image holds mlops-magics and the model's libraries. A new policy needs no new file."


def _kubernetes(word: str) -> str:
    # Kubernetes replaces $(NAME) in command and args, and reads $$ as a plain $
    return word.replace("$", "$$")


def _from_kubernetes(word: str) -> str:
    return word.replace("$$", "$")


def _argo(word: str) -> str:
    """Refuse text that Argo would replace: its templates cannot be escaped."""
    from mlops_magics.errors import InvalidInput

    if "{{" in word:
        raise InvalidInput(
            f"Argo reads {{{{ as a template, so the command cannot be {word!r:.60}. Give a path without it."
        )
    return _kubernetes(word)


def _from_argo(word: str) -> str:
    return _from_kubernetes(word)


def _kubeflow(word: str) -> str:
    from mlops_magics.errors import InvalidInput

    if re.search(r"\{\{\s*\$", word):
        raise InvalidInput(f"Kubeflow reads {{{{$ as a placeholder, so the command cannot be {word!r:.60}.")
    return word


def _from_kubeflow(word: str) -> str:
    return word
