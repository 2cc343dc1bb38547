"""Modal: a Python file with a web server of our image."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from mlops_magics.core.deploying.targets import docker, image_files
from mlops_magics.core.deploying.targets.docker import IMAGE_SETTINGS
from mlops_magics.core.deploying.targets.packaged_version import PackagedVersion
from mlops_magics.core.deploying.targets.platform_target import NAME, PlatformTarget
from mlops_magics.core.deploying.targets.target import Setting

TEMPLATE = '''"""Serves a version of a model on Modal: `modal deploy app.py`."""

import subprocess
from pathlib import Path

import modal

FOLDER = Path(__file__).parent / {context!r}
COMMAND = {command!r}

image = modal.Image.from_dockerfile(FOLDER / "Dockerfile", context_dir=FOLDER).entrypoint([])
app = modal.App({name!r})


@app.function(image=image, secrets={secrets})
@modal.concurrent(max_inputs=64)
@modal.web_server({port}, startup_timeout=120)
def serve() -> None:
    subprocess.Popen(COMMAND)
'''


class ModalTarget(PlatformTarget):
    """A file for ``modal deploy``."""

    name: ClassVar[str] = "modal"
    summary: ClassVar[str] = "a web server on Modal"
    settings: ClassVar[tuple[Setting, ...]] = (NAME, *IMAGE_SETTINGS)
    needs_image: ClassVar[bool] = False

    def documents(self, source: PackagedVersion, settings: Mapping[str, Any]) -> dict[str, str]:
        """Return the file, in which every value is a literal of Python."""
        name = self.name_of(source, settings)
        docker.tag_of(source, settings)  # refused where it is not valid, though Modal names its images itself
        secrets = f"[modal.Secret.from_name({name + '-token'!r})]" if settings["token"] else "[]"
        options = docker.options_of(settings)
        command = image_files.entry_point(source, options.trailing, options.follow)
        text = TEMPLATE.format(context=self.context, command=command, name=name, secrets=secrets, port=image_files.PORT)
        return {"app.py": text}

    def commands(self, source: PackagedVersion, settings: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the lines for modal."""
        name = self.name_of(source, settings)
        secret = f"modal secret create {name}-token MLOPS_MAGICS_SERVE_TOKEN=$(openssl rand -hex 24)"
        return (*([secret] if settings["token"] else []), "modal deploy {path}/app.py")
