"""spaCy pipelines: the folder that spaCy itself writes, as one archive."""

from __future__ import annotations

import io
import tempfile
import zipfile
from pathlib import Path
from typing import Any, BinaryIO, ClassVar

from mlops_magics.core.versioning.formats.callable_model import CallableModel
from mlops_magics.core.versioning.formats.handler import Handler, comes_from
from mlops_magics.errors import DataMismatch


class SpacyFormat(Handler):
    """``spacy.Language``. Its configuration names registered components of spaCy.

    The folder and not ``to_bytes``: an entity ruler of spaCy 3.8 comes back from its bytes without its phrases.
    """

    name: ClassVar[str] = "spacy"
    suffix: ClassVar[str] = ".spacy"
    magic: ClassVar[tuple[bytes, ...]] = (b"PK\x03\x04",)
    runs_code: ClassVar[bool] = True  # a configuration may name any registered function
    checks_bytes: ClassVar[bool] = False
    threads: ClassVar[tuple[str, ...]] = ()

    def accepts(self, model: Any) -> bool:
        """Accept pipelines."""
        return comes_from(model, "spacy.language")

    def write(self, model: Any, stream: BinaryIO) -> None:
        """Write the folder's files, in the order of their names and without times, so that equal models are equal."""
        packed = io.BytesIO()  # an archive seeks in what it writes
        with tempfile.TemporaryDirectory() as folder:
            model.to_disk(folder)
            files = sorted(path for path in Path(folder).rglob("*") if path.is_file())
            with zipfile.ZipFile(packed, "w") as archive:
                for path in files:
                    archive.writestr(zipfile.ZipInfo(path.relative_to(folder).as_posix()), path.read_bytes())
        stream.write(packed.getbuffer())

    def read(self, stream: BinaryIO) -> Any:
        """Unpack the folder and let spaCy read it."""
        import spacy

        with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(stream) as archive:
            archive.extractall(folder)
            return spacy.load(folder)

    def untrusted(self, stream: BinaryIO) -> list[str]:
        """Return the format: its configuration chooses functions."""
        return ["spacy"]

    def with_predict(self, model: Any) -> Any:
        """Return a model that makes a document of each text of the first column of texts."""

        def documents(rows: Any) -> list[Any]:
            columns = [rows[name] for name in rows] if hasattr(rows, "columns") else [rows]
            texts = next((each for each in columns if all(isinstance(text, str) for text in each)), None)
            if texts is None:
                named = f" {', '.join(map(repr, rows))}"[:200] if hasattr(rows, "columns") else ""
                raise DataMismatch(f"The pipeline reads texts, and none of the columns{named} has only texts.", [])
            return [document.to_json() for document in model.pipe(texts)]

        return CallableModel(documents)
