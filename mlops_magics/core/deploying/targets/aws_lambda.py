"""AWS Lambda: an image with Lambda's runtime client, whose handler answers function URLs and API Gateways."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, ClassVar

from mlops_magics.core.deploying.targets import docker, embedded_files
from mlops_magics.core.deploying.targets.docker import image_settings
from mlops_magics.core.deploying.targets.packaged_version import PackagedVersion
from mlops_magics.core.deploying.targets.platform_target import NAME, PlatformTarget, between, role_of
from mlops_magics.core.deploying.targets.target import Setting

RUNTIME = "awslambdaric"
"""The distribution that requests events from Lambda."""
FILE = "served.py"
SECONDS = 30
PUBLIC = (
    "aws lambda add-permission --function-name {name} --statement-id url --action lambda:InvokeFunctionUrl"
    " --principal '*' --function-url-auth-type NONE",
    "aws lambda add-permission --function-name {name} --statement-id invoke --action lambda:InvokeFunction"
    " --principal '*' --invoked-via-function-url",
)
"""Without both permissions a URL that has no authentication of its own answers 403."""


class LambdaTarget(PlatformTarget):
    """An image, and the request that makes a function of it."""

    name: ClassVar[str] = "lambda"
    summary: ClassVar[str] = "a function of AWS Lambda"
    settings: ClassVar[tuple[Setting, ...]] = (
        NAME,
        Setting("role", "the ARN of the function's role"),
        # 1,769 MB come with one whole processor (AWS)
        Setting("memory", "megabytes; processors come with them", int, 1769),
        *image_settings(),
    )

    def image_options(self, source: PackagedVersion, settings: Mapping[str, Any]) -> dict[str, Any]:
        """Return the handler's file, and the command that runs it."""
        return {
            "also": (RUNTIME,),
            "files": {FILE: embedded_files.text(source, token=settings["token"])},
            "command": ("python", "-m", RUNTIME, "served.handler"),
        }

    def documents(self, source: PackagedVersion, settings: Mapping[str, Any]) -> dict[str, str]:
        """Return the request to create the function."""
        role = role_of(settings)
        asked: dict[str, Any] = {
            "FunctionName": self.name_of(source, settings),
            "PackageType": "Image",
            "Code": {"ImageUri": docker.tag_of(source, settings)},
            "MemorySize": between(settings, "memory", 512, 10_240),
            "Timeout": SECONDS,
            # the characters, and their number, that AWS takes in a tag
            "Tags": {"mlops-magics-version": re.sub(r"[^\w.:/=+@ -]", "-", source.ref)[:256]},
        }
        return {"create-function.json": json.dumps({**asked, **({"Role": role} if role else {})}, indent=2) + "\n"}

    def notes(self, source: PackagedVersion, settings: Mapping[str, Any]) -> tuple[str, ...]:
        """Name the settings that are missing."""
        notes = []
        if settings["token"]:
            notes.append("set the variable MLOPS_MAGICS_SERVE_TOKEN of the function")
        if not settings["role"]:
            notes.append("name the role of the function: `--set role=arn:aws:iam::ACCOUNT:role/NAME`")
        return tuple(notes)

    def commands(self, source: PackagedVersion, settings: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the lines for aws."""
        # a function's URL checks nothing itself where the server checks a token
        name, auth = self.name_of(source, settings), "NONE" if settings["token"] else "AWS_IAM"
        return (
            f"podman push {docker.tag_of(source, settings)}",
            "aws lambda create-function --cli-input-json file://{path}/create-function.json",
            f"aws lambda create-function-url-config --function-name {name} --auth-type {auth}",
            *(line.format(name=name) for line in PUBLIC if auth == "NONE"),
        )
