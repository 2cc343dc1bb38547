"""PyTorch's own archive of a whole module, the notebook's classes by value."""

from __future__ import annotations

import io
from typing import Any, BinaryIO, ClassVar

from mlops_magics.core.versioning.formats.handler import comes_from


class TorchFormat:
    """``torch.nn.Module``. A module is code, so reading one needs a trusted board."""

    name: ClassVar[str] = "torch"
    suffix: ClassVar[str] = ".pt"
    magic: ClassVar[tuple[bytes, ...]] = (b"PK\x03\x04",)
    runs_code: ClassVar[bool] = True
    sequential: ClassVar[bool] = False

    def accepts(self, model: Any) -> bool:
        """Accept modules."""
        return comes_from(model, "torch.nn")

    def write(self, model: Any, stream: BinaryIO) -> None:
        """Write the module with cloudpickle, which brings the notebook's own classes along."""
        import cloudpickle
        import torch

        archive = io.BytesIO()  # torch seeks in what it writes
        torch.save(model, archive, pickle_module=cloudpickle)
        stream.write(archive.getbuffer())

    def read(self, stream: BinaryIO) -> Any:
        """Read the module onto the processor; it comes back ready to be asked."""
        import torch

        return torch.load(stream, map_location="cpu", weights_only=False).eval()

    def untrusted(self, stream: BinaryIO) -> list[str]:
        """Name the format: the archive holds a pickle."""
        return ["pickle"]
