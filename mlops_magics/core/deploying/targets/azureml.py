"""Azure ML: a managed online endpoint and its deployment, with our container."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from mlops_magics.core.deploying.targets import docker, image_files
from mlops_magics.core.deploying.targets.docker import image_settings
from mlops_magics.core.deploying.targets.packaged_version import PackagedVersion
from mlops_magics.core.deploying.targets.platform_target import NAME, PlatformTarget, as_yaml, between
from mlops_magics.core.deploying.targets.target import Setting
from mlops_magics.errors import InvalidInput

SCHEMA = "https://azuremlschemas.azureedge.net/latest"


class AzuremlTarget(PlatformTarget):
    """Files for ``az ml online-endpoint create`` and ``az ml online-deployment create``."""

    name: ClassVar[str] = "azureml"
    summary: ClassVar[str] = "an online endpoint of Azure ML"
    settings: ClassVar[tuple[Setting, ...]] = (
        NAME,
        Setting("instances", "instances", int, 1),
        Setting("instance_type", "the type of an instance", default="Standard_DS2_v2"),
        *image_settings(token=False),
    )
    # Azure ML's limit for the name of an endpoint
    name_length: ClassVar[int] = 32

    def documents(self, source: PackagedVersion, settings: Mapping[str, Any]) -> dict[str, str]:
        """Return endpoint and deployment.

        Raises
        ------
        InvalidInput
        """
        name, kind = self.name_of(source, settings), settings["instance_type"]
        if not kind.isascii() or not kind.replace("_", "").isalnum():
            raise InvalidInput(f"{kind[:40]!r} is not a type of an instance, such as Standard_DS2_v2.")
        port = image_files.PORT
        routes = {
            "liveness_route": {"port": port, "path": "/ping"},
            "readiness_route": {"port": port, "path": "/v2/health/ready"},
            "scoring_route": {"port": port, "path": "/predict"},
        }
        endpoint = {"$schema": f"{SCHEMA}/managedOnlineEndpoint.schema.json", "name": name, "auth_mode": "key"}
        deployment = {
            "$schema": f"{SCHEMA}/managedOnlineDeployment.schema.json",
            "name": "current",
            "endpoint_name": name,
            "environment": {
                "name": f"{name}-server",
                "image": docker.tag_of(source, settings),
                "inference_config": routes,
            },
            "instance_type": kind,
            "instance_count": between(settings, "instances", 1, 500),
            "request_settings": {"request_timeout_ms": 60_000, "max_concurrent_requests_per_instance": 64},
        }
        return {"endpoint.yaml": as_yaml(endpoint), "deployment.yaml": as_yaml(deployment)}

    def commands(self, source: PackagedVersion, settings: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the lines for az."""
        return (
            f"podman push {docker.tag_of(source, settings)}",
            "az ml online-endpoint create -f {path}/endpoint.yaml",
            "az ml online-deployment create -f {path}/deployment.yaml --all-traffic",
        )
