"""A Space of Hugging Face: the image's files, and the front matter that makes a Space of them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

import yaml

from mlops_magics.core.deploying.targets import docker, image_files
from mlops_magics.core.deploying.targets.docker import image_settings
from mlops_magics.core.deploying.targets.packaged_version import PackagedVersion
from mlops_magics.core.deploying.targets.platform_target import NAME, platform_name
from mlops_magics.core.deploying.targets.target import Setting, Target, Written

LONGEST = 96
"""Characters of a Space's name."""
USER = "1000:1000"
"""The user under which a Space runs its image."""


class HuggingfaceTarget(Target):
    """A folder that is pushed to a Space."""

    name: ClassVar[str] = "huggingface"
    summary: ClassVar[str] = "a Space of Hugging Face"
    settings: ClassVar[tuple[Setting, ...]] = (NAME, *image_settings(USER))

    def write(self, source: PackagedVersion, folder: Path, settings: Mapping[str, Any]) -> Written:
        """Write the image's files, and a README with the front matter."""
        title = platform_name(settings["name"] or source.version.name, LONGEST, given=settings["name"])
        notes = image_files.write(source, folder, docker.options_of(settings))
        front = {"title": title, "sdk": "docker", "app_port": image_files.PORT, "pinned": False}
        text = f"---\n{yaml.safe_dump(front, sort_keys=False)}---\n\nPredictions of {title} at `/predict`.\n"
        (folder / "README.md").write_text(text, encoding="utf-8")
        secret = ("add the secret MLOPS_MAGICS_SERVE_TOKEN in the settings of the Space",) if settings["token"] else ()
        create = f"hf repo create {title} --repo-type space --space-sdk docker"
        return Written((*notes, *secret), (create, f"hf upload OWNER/{title} {{path}} . --repo-type space"))
