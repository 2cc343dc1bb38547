"""spaCy pipelines: their configuration and their weights, both data."""

from __future__ import annotations

import json
from typing import Any, BinaryIO, ClassVar

from mlops_magics.core.versioning.formats.handler import comes_from

_HEAD = b"mlops-spacy\n"
_LENGTH = 8


class SpacyFormat:
    """``spacy.Language``; what its configuration names is looked up among spaCy's registered components."""

    name: ClassVar[str] = "spacy"
    suffix: ClassVar[str] = ".spacy"
    magic: ClassVar[tuple[bytes, ...]] = (_HEAD,)
    runs_code: ClassVar[bool] = True  # a configuration may name any registered function
    sequential: ClassVar[bool] = False

    def accepts(self, model: Any) -> bool:
        """Accept pipelines."""
        return comes_from(model, "spacy.language")

    def write(self, model: Any, stream: BinaryIO) -> None:
        """Write configuration, then weights."""
        config = json.dumps(dict(model.config)).encode()
        stream.write(_HEAD + len(config).to_bytes(_LENGTH, "big") + config + model.to_bytes())

    def read(self, stream: BinaryIO) -> Any:
        """Build the pipeline from its configuration and fill in the weights."""
        import spacy

        stream.read(len(_HEAD))
        config = json.loads(stream.read(int.from_bytes(stream.read(_LENGTH), "big")))
        language = spacy.util.get_lang_class(config["nlp"]["lang"])
        return language.from_config(config).from_bytes(stream.read())

    def untrusted(self, stream: BinaryIO) -> list[str]:
        """Name the format: its configuration chooses functions."""
        return ["spacy"]
