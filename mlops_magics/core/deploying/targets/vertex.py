"""Vertex AI: a model with our container, whose `/invocations` takes its instances as it is."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, ClassVar

from mlops_magics.core.deploying.targets import docker, image_files
from mlops_magics.core.deploying.targets.docker import image_settings
from mlops_magics.core.deploying.targets.packaged_version import PackagedVersion
from mlops_magics.core.deploying.targets.platform_target import NAME, PlatformTarget, region_of
from mlops_magics.core.deploying.targets.target import Setting

PREDICT, HEALTH = "/invocations", "/ping"


class VertexTarget(PlatformTarget):
    """A file for ``gcloud ai models upload``, in the shape of its REST resource ``Model``."""

    name: ClassVar[str] = "vertex"
    summary: ClassVar[str] = "a model of Vertex AI"
    settings: ClassVar[tuple[Setting, ...]] = (
        NAME,
        Setting("region", "the region", default="europe-west6"),
        *image_settings(token=False),
    )
    name_length: ClassVar[int] = 63

    def documents(self, source: PackagedVersion, settings: Mapping[str, Any]) -> dict[str, str]:
        """Return the model."""
        name = self.name_of(source, settings)
        container = {
            "imageUri": docker.tag_of(source, settings),
            "ports": [{"containerPort": image_files.PORT}],
            "predictRoute": PREDICT,
            "healthRoute": HEALTH,
        }
        model = {
            "displayName": name,
            "versionDescription": f"{source.ref} sha256 {source.sha256}",
            "containerSpec": container,
        }
        return {"model.json": json.dumps(model, indent=2) + "\n"}

    def commands(self, source: PackagedVersion, settings: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the lines for gcloud."""
        name, image, region = self.name_of(source, settings), docker.tag_of(source, settings), region_of(settings)
        upload = (
            f"gcloud ai models upload --region={region} --display-name={name} "
            f"--container-image-uri={image} --container-ports={image_files.PORT} "
            f"--container-predict-route={PREDICT} --container-health-route={HEALTH}"
        )
        return f"podman push {image}", upload
