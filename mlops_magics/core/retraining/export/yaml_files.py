"""Files of YAML: written by a library and read back by it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml


def dump(*documents: Mapping[str, Any], comment: str) -> str:
    """Return documents as YAML below a comment."""
    lines = [f"# {line}" for line in comment.splitlines()]
    text = yaml.safe_dump_all(
        [dict(each) for each in documents], sort_keys=False, width=10**6, explicit_start=len(documents) > 1
    )
    return "\n".join([*lines, text])


def load(text: str) -> list[Any]:
    """Return the documents of a file."""
    return list(yaml.safe_load_all(text))
