"""Client files: one each for Python, JavaScript and R that calls an endpoint, without this package or the model."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from string import Template
from typing import Any, ClassVar

from mlops_magics.core.deploying.targets.packaged_version import PackagedVersion
from mlops_magics.core.deploying.targets.target import Setting, Target, Written
from mlops_magics.errors import InvalidInput

TEMPLATES = Path(__file__).with_name("client_templates")
LANGUAGES = {"py": "python", "mjs": "javascript", "R": "r"}
"""The ending of a client's file, and the name of the language."""
_URL = re.compile(r"https?://[^\s\"'\\<>]+")


class ClientTarget(Target):
    """One file for each language."""

    name: ClassVar[str] = "client"
    summary: ClassVar[str] = "one file for Python, JavaScript and R that calls an endpoint, without any package"
    settings: ClassVar[tuple[Setting, ...]] = (
        Setting("url", "the endpoint's address; the variable MLOPS_MAGICS_URL where it is left out"),
        Setting("language", "python, javascript or r (default: all)"),
    )
    carries_version: ClassVar[bool] = False

    def write(self, source: PackagedVersion, folder: Path, settings: Mapping[str, Any]) -> Written:
        """Write the files, with the columns that the version reads.

        Raises
        ------
        InvalidInput
            For an address that is not one of HTTP, or an unknown language.
        """
        url, language = settings["url"] or "", settings["language"]
        if url and not _URL.fullmatch(url):
            raise InvalidInput(f"{url!r:.80} is not the address of an endpoint, such as https://models.example.org.")
        if language is not None and language not in LANGUAGES.values():
            raise InvalidInput(f"No client in {language!r:.40}. Known: {', '.join(LANGUAGES.values())}.")
        facts = _facts(source, url)
        module = re.sub(r"\W", "_", source.version.name) + "_client"
        for ending, called in LANGUAGES.items():
            if language in (None, called):
                text = Template((TEMPLATES / f"client.{ending}.txt").read_text(encoding="utf-8"))
                (folder / f"{module}.{ending}").write_text(text.substitute(facts, module=module), encoding="utf-8")
        notes = () if url else ("set MLOPS_MAGICS_URL to the endpoint's address",)
        return Written((*notes, "set MLOPS_MAGICS_TOKEN to the endpoint's token"))


def _facts(source: PackagedVersion, url: str) -> dict[str, str]:
    """Return the facts of the templates, each as a literal that Python, JavaScript and R read alike, or as words."""
    prototype = source.version.prototype
    columns = {column.name: column.kind for column in prototype.columns} if prototype is not None else {}
    single = prototype is not None and (prototype.form.is_single or prototype.input_kind == "array")
    return {
        # in a comment of the file, which a line break would end
        "ref": re.sub(r"[^\w.@:-]", "_", source.ref),
        "url": json.dumps(url),
        "columns": json.dumps({} if single else columns),
        "names": ", ".join(json.dumps(name) for name in ([] if single else columns)),
    }
