"""Amazon SageMaker: a real-time or serverless endpoint of our image, by files or by the API.

A model and a configuration never change there, so that both have names of their content. An endpoint is moved from one
configuration to the next while it answers, and the platform moves it back where the new instances fail.
"""

from __future__ import annotations

import functools
import hashlib
import json
import re
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from mlops_magics.core import progress
from mlops_magics.core.deploying.targets import docker, remote, sagemaker_api
from mlops_magics.core.deploying.targets.docker import image_settings
from mlops_magics.core.deploying.targets.packaged_version import PackagedVersion
from mlops_magics.core.deploying.targets.platform_target import (
    NAME,
    PlatformTarget,
    between,
    platform_name,
    region_of,
    role_of,
)
from mlops_magics.core.deploying.targets.remote import RemoteDeployment
from mlops_magics.core.deploying.targets.target import Setting
from mlops_magics.errors import InvalidInput, TargetError

if TYPE_CHECKING:
    from mlops_magics.core.versioning import ModelVersion

ROOT = "0:0"
"""SageMaker's documentation: containers run as root. ``--set user=10001:0`` tries another user."""
VARIANT = "current"
SHIFTS = {
    "all-at-once": {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 120},
    "canary": {
        "Type": "CANARY",
        "CanarySize": {"Type": "CAPACITY_PERCENT", "Value": 10},
        "WaitIntervalInSeconds": 300,
    },
    "linear": {
        "Type": "LINEAR",
        "LinearStepSize": {"Type": "CAPACITY_PERCENT", "Value": 25},
        "WaitIntervalInSeconds": 180,
    },
}
"""The ways in which an endpoint moves to new instances, which wait that long for an alarm."""
SUFFIX = 9
"""Characters of a name that its content takes."""
POLL_SECONDS = 10.0


class SagemakerTarget(PlatformTarget):
    """Files for ``aws sagemaker … --cli-input-json``, and the same requests by the API."""

    name: ClassVar[str] = "sagemaker"
    summary: ClassVar[str] = "an endpoint of Amazon SageMaker"
    by_api: ClassVar[bool] = True
    settings: ClassVar[tuple[Setting, ...]] = (
        NAME,
        Setting("role", "the ARN of the role under which the endpoint runs"),
        Setting("region", "the region (default: that of the AWS configuration)"),
        Setting("instance_type", "the type of an instance", default="ml.m5.large"),
        Setting("instances", "instances", int, 1),
        Setting("serverless", "megabytes of a serverless endpoint, 1024 to 6144; 0 for instances", int, 0),
        Setting("shift", "how an endpoint moves to a new version: all-at-once, canary, linear", default="all-at-once"),
        Setting("alarms", "alarms of CloudWatch that move it back, separated by commas"),
        Setting("wait", "seconds to wait until it answers; 0 does not wait", int, 1800),
        *image_settings(ROOT, token=False),
    )
    name_length: ClassVar[int] = 63 - SUFFIX

    def documents(self, source: PackagedVersion, settings: Mapping[str, Any]) -> dict[str, str]:
        """Return the three requests."""
        asked = self.requests(source.version, source.sha256, docker.tag_of(source, settings), settings)
        names = ("create-model", "create-endpoint-config", "create-endpoint")
        return {f"{name}.json": json.dumps(each, indent=2) + "\n" for name, each in zip(names, asked, strict=True)}

    def notes(self, source: PackagedVersion, settings: Mapping[str, Any]) -> tuple[str, ...]:
        """Name the settings that are missing."""
        role = ("name the role of the endpoint: `--set role=arn:aws:iam::ACCOUNT:role/NAME`",)
        image = ("SageMaker pulls the image from ECR: `--set image=ACCOUNT.dkr.ecr.REGION.amazonaws.com/NAME:TAG`",)
        return (*(() if settings["role"] else role), *(() if settings["image"] else image))

    def commands(self, source: PackagedVersion, settings: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the lines for aws."""
        push, region = f"podman push {docker.tag_of(source, settings)}", region_of(settings)
        where = f" --region {region}" if region else ""
        names = ("create-model", "create-endpoint-config", "create-endpoint")
        return (push, *(f"aws sagemaker {name} --cli-input-json file://{{path}}/{name}.json{where}" for name in names))

    def requests(
        self, version: ModelVersion, sha256: str, image: str, settings: Mapping[str, Any]
    ) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
        """Return the requests that make model, configuration and endpoint.

        Parameters
        ----------
        version, sha256
            The version and the hash of its model file.
        image
            The image in Amazon's registry.
        settings
            Options of the target by name.

        Raises
        ------
        InvalidInput
        """
        given = settings["name"]
        name, role = platform_name(given or version.name, self.name_length, given=given), role_of(settings)
        container = {"Image": image, "Environment": {"MLOPS_MAGICS_SERVE_SHA256": sha256}}
        content = {"PrimaryContainer": container, **({"ExecutionRoleArn": role} if role else {})}
        tags = [
            {"Key": "mlops-magics-version", "Value": re.sub(r"[^\w.:/=+@ -]", "-", version.ref)[:256]},
            {"Key": "mlops-magics-sha256", "Value": sha256},
        ]
        model = {"ModelName": f"{name}-{_key(content)}", **content, "Tags": tags}
        variant: dict[str, Any] = {"VariantName": VARIANT, "ModelName": model["ModelName"]}
        if settings["serverless"]:
            megabytes = between(settings, "serverless", 1024, 6144)
            if megabytes % 1024:
                raise InvalidInput(f"The setting serverless is {megabytes}: use a multiple of 1024.")
            variant["ServerlessConfig"] = {"MemorySizeInMB": megabytes, "MaxConcurrency": 20}
        else:
            variant["InstanceType"] = _instance_type(settings)
            variant["InitialInstanceCount"] = between(settings, "instances", 1, 1000)
        config = {"EndpointConfigName": f"{name}-{_key(variant)}", "ProductionVariants": [variant], "Tags": tags}
        return model, config, {"EndpointName": name, "EndpointConfigName": config["EndpointConfigName"], "Tags": tags}

    def deploy(self, version: ModelVersion, sha256: str, settings: Mapping[str, Any]) -> RemoteDeployment:
        """Create the endpoint, or move the one of this name to the version.

        Raises
        ------
        InvalidInput
            Without a role and an image.
        MissingDependency
            Without boto3.
        TargetError
            When the platform refuses. An endpoint that answered goes on with its former version.
        """
        for name in ("role", "image"):
            if not settings[name]:
                raise InvalidInput(f"A deployment at SageMaker needs `--set {name}=…`.")
        model, config, endpoint = self.requests(version, sha256, settings["image"], settings)
        policy = _policy(settings)
        client = sagemaker_api.client(region_of(settings))
        sagemaker_api.unless_there(lambda: client.create_model(**model))
        sagemaker_api.unless_there(lambda: client.create_endpoint_config(**config))
        name = endpoint["EndpointName"]
        before = sagemaker_api.described(client, name)
        if before is None:
            progress.report(f"creating the endpoint {name}")
            sagemaker_api.send(lambda: client.create_endpoint(**endpoint))
        elif before["EndpointConfigName"] != config["EndpointConfigName"]:
            progress.report(f"moving the endpoint {name} to {version.ref}")
            sagemaker_api.send(
                lambda: client.update_endpoint(
                    EndpointName=name, EndpointConfigName=config["EndpointConfigName"], DeploymentConfig=policy
                )
            )
        region = client.meta.region_name
        url = f"https://runtime.sagemaker.{region}.amazonaws.com/endpoints/{name}/invocations"
        kept = {"config": config["EndpointConfigName"], "made": _made(region, name, model, config)}
        made = RemoteDeployment.starting(self.name, version, sha256, (region, name), url, kept)
        # kept before the wait: an interrupt must not lose an endpoint that costs money
        made.keep()
        return self._answering(client, made, settings["wait"]) if settings["wait"] else self.looked_up(made)

    def looked_up(self, deployment: RemoteDeployment) -> RemoteDeployment:
        """Return a deployment with the state that SageMaker reports.

        Raises
        ------
        MissingDependency, TargetError
        """
        return sagemaker_api.with_state(
            deployment, sagemaker_api.described(sagemaker_api.client(deployment.scope), deployment.place)
        )

    def delete(self, deployment: RemoteDeployment) -> None:
        """Delete the endpoint, and all configurations and models that were made for it. Missing ones are passed over.

        Raises
        ------
        MissingDependency, TargetError
        """
        client = sagemaker_api.client(deployment.scope)
        sagemaker_api.unless_missing(lambda: client.delete_endpoint(EndpointName=deployment.place))
        for model, config in deployment.kept["made"]:
            sagemaker_api.unless_missing(functools.partial(client.delete_endpoint_config, EndpointConfigName=config))
            sagemaker_api.unless_missing(functools.partial(client.delete_model, ModelName=model))

    def _answering(self, client: Any, made: RemoteDeployment, seconds: int) -> RemoteDeployment:
        """Wait until the endpoint answers with the version.

        Raises
        ------
        TargetError
            When it failed, or was moved back.
        """
        deadline = time.monotonic() + seconds
        while True:
            described = sagemaker_api.described(client, made.place)
            found = sagemaker_api.with_state(made, described)
            if found.state == "failed" or described is None:
                raise TargetError(f"SageMaker did not start {made.ref}: {found.message or 'the endpoint is gone'}")
            if found.state == "running":
                if described["EndpointConfigName"] != made.kept["config"]:
                    raise TargetError(
                        f"SageMaker moved {made.place} back to {described['EndpointConfigName']}: "
                        f"{found.message or 'the new instances failed'}. The earlier version goes on."
                    )
                found.keep()
                return found
            if time.monotonic() > deadline:
                return found
            progress.report(f"{made.place}: {described['EndpointStatus']}")
            time.sleep(POLL_SECONDS)


def _made(region: str, place: str, model: Mapping[str, Any], config: Mapping[str, Any]) -> list[list[str]]:
    """Return the models and configurations that were made for an endpoint, these two last."""
    here = (each for each in remote.kept() if (each.target, each.scope, each.place) == ("sagemaker", region, place))
    before: list[list[str]] = next((list(each.kept["made"]) for each in here), [])
    now = [model["ModelName"], config["EndpointConfigName"]]
    return [*(each for each in before if each != now), now]


def _key(content: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[: SUFFIX - 1]


def _instance_type(settings: Mapping[str, Any]) -> str:
    kind = str(settings["instance_type"])
    if not re.fullmatch(r"ml\.[a-z0-9-]{1,20}\.[a-z0-9]{1,20}", kind):
        raise InvalidInput(f"{kind[:40]!r} is not a type of an instance, such as ml.m5.large.")
    return kind


def _policy(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the policy by which an endpoint moves from one configuration to the next."""
    shift = settings["shift"]
    if shift not in SHIFTS:
        raise InvalidInput(f"The setting shift is {shift[:40]!r}: use one of {', '.join(SHIFTS)}.")
    policy: dict[str, Any] = {
        "BlueGreenUpdatePolicy": {
            "TrafficRoutingConfiguration": SHIFTS[shift],
            "TerminationWaitInSeconds": 60,
            "MaximumExecutionTimeoutInSeconds": 3600,
        }
    }
    if settings["alarms"]:
        names = [{"AlarmName": name.strip()} for name in settings["alarms"].split(",") if name.strip()]
        policy["AutoRollbackConfiguration"] = {"Alarms": names}
    return policy
