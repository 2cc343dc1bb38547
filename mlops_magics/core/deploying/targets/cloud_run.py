"""Google Cloud Run: a service of Knative's shape, on the port that the platform names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from mlops_magics.core.deploying.targets import docker, image_files
from mlops_magics.core.deploying.targets.docker import IMAGE_SETTINGS
from mlops_magics.core.deploying.targets.kubernetes import labels
from mlops_magics.core.deploying.targets.packaged_version import PackagedVersion
from mlops_magics.core.deploying.targets.platform_target import (
    NAME,
    PlatformTarget,
    as_yaml,
    between,
    quantity,
    region_of,
)
from mlops_magics.core.deploying.targets.target import Setting
from mlops_magics.errors import InvalidInput

CONCURRENCY = 64
"""Requests at once to one instance: they are answered in batches."""


class CloudRunTarget(PlatformTarget):
    """A file for ``gcloud run services replace``."""

    name: ClassVar[str] = "cloud-run"
    summary: ClassVar[str] = "a service of Google Cloud Run"
    settings: ClassVar[tuple[Setting, ...]] = (
        NAME,
        Setting("region", "the region", default="europe-west6"),
        Setting("instances", "instances at least; 0 starts one at the first request", int, 0),
        Setting("most_instances", "instances at most", int, 10),
        Setting("cpu", "processors of an instance", default="1"),
        Setting("memory", "memory of an instance; files are in it too", default="1Gi"),
        *IMAGE_SETTINGS,
    )
    # Cloud Run's limit for the name of a service
    name_length: ClassVar[int] = 49

    def documents(self, source: PackagedVersion, settings: Mapping[str, Any]) -> dict[str, str]:
        """Return the service.

        Raises
        ------
        InvalidInput
        """
        name = self.name_of(source, settings)
        low, high = between(settings, "instances", 0, 1000), between(settings, "most_instances", 1, 1000)
        if high < low:
            raise InvalidInput(f"most_instances is {high}, which is fewer than instances, {low}.")
        container: dict[str, Any] = {
            "image": docker.tag_of(source, settings),
            "ports": [{"containerPort": image_files.PORT}],
            "resources": {"limits": {"cpu": quantity(settings, "cpu"), "memory": quantity(settings, "memory")}},
            "startupProbe": {
                "httpGet": {"path": "/ping", "port": image_files.PORT},
                "periodSeconds": 2,
                "failureThreshold": 60,
            },
        }
        if settings["token"]:
            secret = {"secretKeyRef": {"name": f"{name}-token", "key": "latest"}}
            container["env"] = [{"name": "MLOPS_MAGICS_SERVE_TOKEN", "valueFrom": secret}]
        scale = {"autoscaling.knative.dev/minScale": str(low), "autoscaling.knative.dev/maxScale": str(high)}
        template = {
            "metadata": {"annotations": scale},
            "spec": {"containerConcurrency": CONCURRENCY, "timeoutSeconds": 60, "containers": [container]},
        }
        whole = {
            "apiVersion": "serving.knative.dev/v1",
            "kind": "Service",
            "metadata": {"name": name, "labels": _labels(name, source)},
            "spec": {"template": template},
        }
        return {"service.yaml": as_yaml(whole)}

    def commands(self, source: PackagedVersion, settings: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the lines for gcloud."""
        name, region = self.name_of(source, settings), region_of(settings)
        secret = f"openssl rand -hex 24 | gcloud secrets create {name}-token --data-file=-"
        push = f"podman push {docker.tag_of(source, settings)}"
        replace = f"gcloud run services replace {{path}}/service.yaml --region {region}"
        return (push, *([secret] if settings["token"] else []), replace)


def _labels(name: str, source: PackagedVersion) -> dict[str, str]:
    """Return labels as Google has them: small letters, digits, ``_`` and ``-``."""
    given = labels(name, source)
    return {"model": name, "version": given["app.kubernetes.io/version"].lower().replace(".", "-")}
