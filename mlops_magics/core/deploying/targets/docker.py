"""An image for podman, buildah or docker: a Dockerfile with all that it needs, and on request the image itself."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from mlops_magics.core.deploying.targets import base_image, image_build, image_files, requirements_lock
from mlops_magics.core.deploying.targets.image_files import ImageOptions
from mlops_magics.core.deploying.targets.packaged_version import PackagedVersion
from mlops_magics.core.deploying.targets.target import Setting, Target, Written
from mlops_magics.core.versioning import AliasName
from mlops_magics.errors import InvalidInput

IMAGE_SETTINGS = (
    Setting("base", "the base image; Python's slim one by default, with the digest that its registry names"),
    Setting("wheels", "a folder of wheels to install from, for networks without an index"),
    Setting("user", "user and group of the server by their numbers", default=image_files.USER),
    Setting("token", "whether clients must send a token: from MLOPS_MAGICS_SERVE_TOKEN or …_FILE", bool, default=True),
    Setting("follow", "an alias: the server moves to the version that it means on the board, which has a URL"),
    Setting(
        "trust_board", "let versions that follow run code, as pickles do: who writes there is trusted", bool, False
    ),
    Setting("log_to", "where the prediction log is shipped, such as s3://bucket/log; it stays in the container else"),
    Setting("image", "the name of the image"),
    Setting("build", "build it: with podman, buildah or docker, whichever is there, or the one that is named"),
)


def image_settings(user: str = image_files.USER, *, token: bool = True) -> tuple[Setting, ...]:
    """Return the settings of a target that writes an image.

    Parameters
    ----------
    user
        Under which the platform runs it by default.
    token
        Whether there can be a token: not where the platform checks clients, and sends no header of ours.
    """
    kept = [each for each in IMAGE_SETTINGS if token or each.name != "token"]
    return tuple(dataclasses.replace(each, default=user) if each.name == "user" else each for each in kept)


class DockerTarget(Target):
    """A folder that is built into an image."""

    name: ClassVar[str] = "docker"
    summary: ClassVar[str] = "an image that serves the version"
    settings: ClassVar[tuple[Setting, ...]] = IMAGE_SETTINGS

    def write(self, source: PackagedVersion, folder: Path, settings: Mapping[str, Any]) -> Written:
        """Write the files of the image."""
        notes = image_files.write(source, folder, options_of(settings))
        tag = tag_of(source, settings)
        return Written(tuple(notes), commands(tag, settings, built=bool(settings["build"])))

    def build(self, source: PackagedVersion, folder: Path, settings: Mapping[str, Any]) -> str | None:
        """Build the image, where that is requested."""
        return image_build.build(folder, tag_of(source, settings), settings["build"]) if settings["build"] else None


def options_of(settings: Mapping[str, Any], trailing: tuple[str, ...] = (), **more: Any) -> ImageOptions:
    """Return how an image is made, by the settings of a target that has `IMAGE_SETTINGS`."""
    words = trailing if settings.get("token") else (*trailing, "--no-token")
    if settings.get("trust_board"):
        words = (*words, image_files.TRUST)
    log_to = settings.get("log_to")
    if log_to:
        _check_log(log_to)
        words = (*words, "--log-to", log_to)
        more["also"] = (*more.get("also", ()), *requirements_lock.readers_of(log_to))
    return ImageOptions(
        base=settings["base"],
        wheels=Path(settings["wheels"]) if settings["wheels"] else None,
        user=settings["user"],
        trailing=words,
        follow=_alias(settings.get("follow")),
        **more,
    )


def _check_log(url: str) -> None:
    """Refuse a place for the log that no reader of storages knows: each upload would fail in the container.

    Raises
    ------
    InvalidInput
    """
    import fsspec

    scheme, mark, _ = url.partition("://")
    if mark and scheme not in fsspec.available_protocols():
        raise InvalidInput(f"{url[:80]!r} is not a place for a log: use s3://…, gs://…, abfs://… or a mounted folder.")


def _alias(text: str | None) -> str | None:
    if text is None or AliasName.accepts(text):
        return text
    raise InvalidInput(f"{text[:60]!r} is not a valid alias: `--set follow=champion`.")


def tag_of(source: PackagedVersion, settings: Mapping[str, Any]) -> str:
    """Return the name of the image: by default the model's, with the version as its tag.

    Raises
    ------
    InvalidInput
    """
    name = re.sub(r"[^a-z0-9]+", "-", source.version.name.lower()).strip("-") or "model"
    return base_image.parse(settings["image"] or f"{name[:128]}:{source.version.version}").text


def commands(tag: str, settings: Mapping[str, Any], *, built: bool) -> tuple[str, ...]:
    """Return the lines that build and run the image."""
    token = "-e MLOPS_MAGICS_SERVE_TOKEN=$(openssl rand -hex 24) " if settings["token"] else ""
    run = (
        f"podman run --rm --read-only --tmpfs /tmp:rw,size=128m --cap-drop ALL {token}"
        f"-p 127.0.0.1:{image_files.PORT}:{image_files.PORT} {tag}"
    )
    return (run,) if built else (f"podman build --format docker -t {tag} {{path}}", run)
