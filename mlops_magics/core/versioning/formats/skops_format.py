"""skops, for scikit-learn and estimators like its own: a zip of plain data that is checked before anything is built."""

from __future__ import annotations

from typing import Any, BinaryIO, ClassVar

from mlops_magics.core.versioning.formats import archive_limits
from mlops_magics.core.versioning.formats.handler import CHECKED, Handler, comes_from


class SkopsFormat(Handler):
    """Estimators made of classes on skops' own list, and of nodes: see `mlops_magics.core.versioning.formats.nodes`.

    skops loads such a file without trust. Where the file has nodes, they come back as dictionaries from skops alone.
    """

    name: ClassVar[str] = "skops"
    suffix: ClassVar[str] = ".skops"
    magic: ClassVar[tuple[bytes, ...]] = (b"PK\x03\x04",)
    runs_code: ClassVar[bool] = False
    checks_bytes: ClassVar[bool] = True
    threads: ClassVar[tuple[str, ...]] = ()  # a booster inside loads its library, which its own format declares
    order: ClassVar[int] = CHECKED

    def accepts(self, model: Any) -> bool:
        """Accept descendants of scikit-learn's classes."""
        return comes_from(model, "sklearn")

    def write(self, model: Any, stream: BinaryIO) -> None:
        """Write the model as skops does, with nodes in place of the parts that skops does not trust."""
        import skops.io

        from mlops_magics.core.versioning.formats.nodes.encoder import Encoder
        from mlops_magics.core.versioning.formats.nodes.node_list import NODES

        stream.write(skops.io.dumps(Encoder(NODES).encode(model)))

    def read(self, stream: BinaryIO) -> Any:
        """Return the model. skops refuses classes that are not on its list, and each node checks its content."""
        return _read(stream, [])

    def read_trusted(self, stream: BinaryIO) -> Any:
        """Return the model, with classes that are not on the list of skops. Their code is trusted."""
        unknown = self.untrusted(stream)
        stream.seek(0)
        return _read(stream, unknown)

    def untrusted(self, stream: BinaryIO) -> list[str]:
        """Return the classes in the file that are not on the list of skops."""
        import skops.io

        archive_limits.check(stream)
        return list(skops.io.get_untrusted_types(file=stream))


def _read(stream: BinaryIO, unknown: list[str]) -> Any:
    import skops.io

    from mlops_magics.core.versioning.formats.nodes.decoder import Decoder
    from mlops_magics.core.versioning.formats.nodes.node_list import BY_KIND

    archive_limits.check(stream)
    return Decoder(BY_KIND, trusted=bool(unknown)).decode(skops.io.load(stream, trusted=unknown))
