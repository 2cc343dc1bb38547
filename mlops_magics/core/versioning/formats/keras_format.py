"""Keras' own ``.keras`` archive, read in its safe mode."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any, BinaryIO, ClassVar

from mlops_magics.core.versioning.formats.handler import Handler, comes_from


class KerasFormat(Handler):
    """Models of Keras 3."""

    name: ClassVar[str] = "keras"
    suffix: ClassVar[str] = ".keras"
    magic: ClassVar[tuple[bytes, ...]] = (b"PK\x03\x04",)
    runs_code: ClassVar[bool] = True  # safe mode was bypassed before: see the CVEs of Keras
    checks_bytes: ClassVar[bool] = False
    threads: ClassVar[tuple[str, ...]] = ("jax", "tensorflow", "torch")  # its backends

    def accepts(self, model: Any) -> bool:
        """Accept Keras models."""
        return comes_from(model, "keras") and hasattr(model, "save")

    def write(self, model: Any, stream: BinaryIO) -> None:
        """Write the archive through a private file, because Keras writes only to paths."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "model.keras"
            model.save(path)
            stream.write(path.read_bytes())

    def read(self, stream: BinaryIO) -> Any:
        """Read the archive in safe mode, which refuses lambdas."""
        import keras

        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "model.keras"
            path.write_bytes(stream.read())
            return keras.saving.load_model(path, safe_mode=True)

    def untrusted(self, stream: BinaryIO) -> list[str]:
        """Return the format, because its reader may import names in the archive."""
        return ["keras"]
