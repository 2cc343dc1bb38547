"""skops, for scikit-learn: a zip of plain data that names the classes it is made of, checked before any is built."""

from __future__ import annotations

from typing import Any, BinaryIO, ClassVar

from mlops_magics.core.versioning.formats.handler import Handler, comes_from


class SkopsFormat(Handler):
    """Estimators of scikit-learn made only of classes on skops' own list."""

    name: ClassVar[str] = "skops"
    suffix: ClassVar[str] = ".skops"
    magic: ClassVar[tuple[bytes, ...]] = (b"PK\x03\x04",)
    runs_code: ClassVar[bool] = False
    checks_bytes: ClassVar[bool] = True
    threads: ClassVar[tuple[str, ...]] = ()

    def accepts(self, model: Any) -> bool:
        """Accept what descends from scikit-learn."""
        return comes_from(model, "sklearn")

    def write(self, model: Any, stream: BinaryIO) -> None:
        """Write the model as skops does."""
        import skops.io

        stream.write(skops.io.dumps(model))

    def read(self, stream: BinaryIO) -> Any:
        """Build the model. skops itself refuses classes that are not on its list."""
        import skops.io

        return skops.io.load(stream, trusted=None)

    def untrusted(self, stream: BinaryIO) -> list[str]:
        """Return the classes in the file that skops' list does not have."""
        import skops.io

        return list(skops.io.get_untrusted_types(file=stream))
