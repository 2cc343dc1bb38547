"""KServe: an InferenceService with our container as its predictor, by the Open Inference Protocol."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from mlops_magics.core.deploying.targets import docker
from mlops_magics.core.deploying.targets.docker import IMAGE_SETTINGS
from mlops_magics.core.deploying.targets.kubernetes import (
    CLUSTER_SETTINGS,
    container,
    first_commands,
    labels,
    namespace_of,
)
from mlops_magics.core.deploying.targets.packaged_version import PackagedVersion
from mlops_magics.core.deploying.targets.platform_target import PlatformTarget, as_yaml, between
from mlops_magics.core.deploying.targets.target import Setting
from mlops_magics.errors import InvalidInput

CONTAINER = "kserve-container"
"""The name by which KServe finds the predictor."""


class KserveTarget(PlatformTarget):
    """An ``InferenceService`` of ``serving.kserve.io/v1beta1``."""

    name: ClassVar[str] = "kserve"
    summary: ClassVar[str] = "an InferenceService of KServe"
    settings: ClassVar[tuple[Setting, ...]] = (
        *CLUSTER_SETTINGS,
        Setting("canary", "percent of the requests that the new revision answers", int),
        Setting("knative", "whether the cluster has Knative", bool, default=False),
        *IMAGE_SETTINGS,
    )
    name_length: ClassVar[int] = 40

    def documents(self, source: PackagedVersion, settings: Mapping[str, Any]) -> dict[str, str]:
        """Return the one object.

        Raises
        ------
        InvalidInput
        """
        name = self.name_of(source, settings)
        low, high = between(settings, "replicas", 0, 1000), between(settings, "most_replicas", 1, 1000)
        if high < low:
            raise InvalidInput(f"most_replicas is {high}, which is fewer than replicas, {low}.")
        one = container(name, source, docker.tag_of(source, settings), settings, called=CONTAINER)
        predictor: dict[str, Any] = {"minReplicas": low, "maxReplicas": high, "containers": [one]}
        predictor["volumes"] = [{"name": "tmp", "emptyDir": {"medium": "Memory", "sizeLimit": "128Mi"}}]
        if settings["canary"] is not None:
            predictor["canaryTrafficPercent"] = between(settings, "canary", 0, 100)
        metadata: dict[str, Any] = {"name": name, "labels": labels(name, source)}
        namespace = namespace_of(settings)
        if namespace is not None:
            metadata["namespace"] = namespace
        if not settings["knative"]:
            metadata["annotations"] = {"serving.kserve.io/deploymentMode": "RawDeployment"}  # newer: also Standard
        whole = {"apiVersion": "serving.kserve.io/v1beta1", "kind": "InferenceService"}
        return {"inference-service.yaml": as_yaml({**whole, "metadata": metadata, "spec": {"predictor": predictor}})}

    def commands(self, source: PackagedVersion, settings: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the lines for kubectl."""
        first = first_commands(self.name_of(source, settings), source, settings)
        return (*first, "kubectl apply -f {path}/inference-service.yaml")
