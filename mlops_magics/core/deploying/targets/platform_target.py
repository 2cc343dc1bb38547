"""Targets that run the image of a version: the folder ``image``, and next to it the files of the platform."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

import yaml

from mlops_magics.core.deploying.targets import docker, image_build, image_files
from mlops_magics.core.deploying.targets.packaged_version import PackagedVersion
from mlops_magics.core.deploying.targets.target import Setting, Target, Written
from mlops_magics.errors import InvalidInput

LONGEST_NAME = 63
"""Of RFC 1123, which Kubernetes and most clouds follow."""
_QUANTITY = re.compile(r"[0-9]+(\.[0-9]+)?(m|k|Ki|M|Mi|G|Gi|T|Ti)?")
_ROLE = re.compile(r"arn:aws[a-z-]*:iam::[0-9]{12}:role/[\w+=,.@/-]{1,512}", re.ASCII)
_REGION = re.compile(r"[a-z]{2,20}(-[a-z0-9]{1,20}){1,4}")
NAME = Setting("name", "the name at the platform (default: the model's in small letters)")


class PlatformTarget(Target):
    """A platform that runs an image.

    Attributes
    ----------
    needs_image
        Whether the image is built here, and not by the platform.
    name_length
        Characters of a name at the platform.
    """

    context: ClassVar[str] = "image"
    needs_image: ClassVar[bool] = True
    name_length: ClassVar[int] = LONGEST_NAME

    def write(self, source: PackagedVersion, folder: Path, settings: Mapping[str, Any]) -> Written:
        """Write the image's files and those of the platform."""
        documents = self.documents(source, settings)
        options = docker.options_of(settings, **self.image_options(source, settings))
        notes = image_files.write(source, folder / self.context, options)
        for name, text in documents.items():
            (folder / name).write_text(text, encoding="utf-8")
        tag = docker.tag_of(source, settings)
        given = settings["build"] or not self.needs_image
        built = () if given else (f"podman build --format docker -t {tag} {{path}}/{self.context}",)
        return Written((*notes, *self.notes(source, settings)), (*built, *self.commands(source, settings)))

    def build(self, source: PackagedVersion, folder: Path, settings: Mapping[str, Any]) -> str | None:
        """Build the image, where that is requested."""
        wanted = settings["build"]
        return image_build.build(folder / self.context, docker.tag_of(source, settings), wanted) if wanted else None

    def documents(self, source: PackagedVersion, settings: Mapping[str, Any]) -> dict[str, str]:
        """Return file name → text of the platform's own files.

        Raises
        ------
        InvalidInput
            For a setting that the platform does not take.
        """
        raise NotImplementedError

    def image_options(self, source: PackagedVersion, settings: Mapping[str, Any]) -> dict[str, Any]:
        """Return the further `ImageOptions` of this platform."""
        return {}

    def notes(self, source: PackagedVersion, settings: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the notes for the user of this package."""
        return ()

    def commands(self, source: PackagedVersion, settings: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the lines that deploy the files, once the image is built."""
        return ()

    def name_of(self, source: PackagedVersion, settings: Mapping[str, Any]) -> str:
        """Return the name at the platform.

        Raises
        ------
        InvalidInput
        """
        return platform_name(settings.get("name") or source.version.name, self.name_length, given=settings.get("name"))


def platform_name(text: str, longest: int, *, given: str | None = None) -> str:
    """Return a name as RFC 1123 has it: small letters, digits and hyphens, with a letter first.

    Parameters
    ----------
    given
        The name that the user chose, which is not changed.

    Raises
    ------
    InvalidInput
        Where a chosen name is not valid, or a model's name has nothing that is.
    """
    name = text if given else re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:longest].strip("-")
    name = name if given or not name[:1].isdigit() else f"m-{name}"[:longest].strip("-")
    if len(name) > longest or not re.fullmatch(r"[a-z]([-a-z0-9]*[a-z0-9])?", name):
        raise InvalidInput(
            f"{text[:80]!r} is not a valid name there: use at most {longest} small letters, digits and hyphens, "
            "with a letter first: `--set name=NAME`."
        )
    return name


def quantity(settings: Mapping[str, Any], name: str) -> str:
    """Return a quantity of processors or memory: ``500m``, ``1Gi``.

    Raises
    ------
    InvalidInput
    """
    text = str(settings[name])
    if not _QUANTITY.fullmatch(text):
        raise InvalidInput(f"The setting {name} is {text[:40]!r}: use a quantity such as 500m, 2, 512Mi or 1Gi.")
    return text


def between(settings: Mapping[str, Any], name: str, low: int, high: int) -> int:
    """Return a whole number within limits, both included.

    Parameters
    ----------
    settings, name
        The options of the target, and the one that is read.
    low, high
        The limits.

    Raises
    ------
    InvalidInput
    """
    value = int(settings[name])
    if not low <= value <= high:
        raise InvalidInput(f"The setting {name} is {value}: use a number from {low} to {high}.")
    return value


class _Dumper(yaml.SafeDumper):
    """Quotes texts that YAML 1.2, or Go's reader of YAML, reads as a number or a boolean: ``1e3``, ``y``."""


def _quoted(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    other = text[:1] in tuple("0123456789+-.") or text.lower() in {"y", "n"}
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"' if other else None)


_Dumper.add_representer(str, _quoted)


def as_yaml(*documents: Mapping[str, Any]) -> str:
    """Return documents as YAML. Every text that could read as something else is quoted."""
    given = [dict(each) for each in documents]
    return yaml.dump_all(given, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10_000)


def region_of(settings: Mapping[str, Any]) -> str | None:
    """Return the region of a cloud, or None where none is given.

    Raises
    ------
    InvalidInput
    """
    region: str | None = settings["region"]
    if region is None or _REGION.fullmatch(region):
        return region
    raise InvalidInput(f"{region[:40]!r} is not a valid region, such as europe-west6 or eu-central-1.")


def role_of(settings: Mapping[str, Any]) -> str | None:
    """Return the ARN of a role of AWS, or None where none is given.

    Raises
    ------
    InvalidInput
    """
    role: str | None = settings["role"]
    if role is None or _ROLE.fullmatch(role):
        return role
    raise InvalidInput(f"{role[:80]!r} is not the ARN of a role, such as arn:aws:iam::123456789012:role/NAME.")
