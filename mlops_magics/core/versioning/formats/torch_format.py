"""PyTorch's own archive of a whole module, the user's own classes by value."""

from __future__ import annotations

import contextlib
import io
from typing import Any, BinaryIO, ClassVar

from mlops_magics.core.versioning.formats import by_value
from mlops_magics.core.versioning.formats.callable_model import CallableModel
from mlops_magics.core.versioning.formats.handler import Handler, comes_from


class TorchFormat(Handler):
    """``torch.nn.Module``. A module of the user's own is code, so reading one needs a trusted board.

    An archive that names nothing but torch's own modules is read by torch's restricted unpickler, which runs nothing.
    """

    name: ClassVar[str] = "torch"
    suffix: ClassVar[str] = ".pt"
    magic: ClassVar[tuple[bytes, ...]] = (b"PK\x03\x04",)
    runs_code: ClassVar[bool] = True
    checks_bytes: ClassVar[bool] = False
    threads: ClassVar[tuple[str, ...]] = ("torch",)

    def accepts(self, model: Any) -> bool:
        """Accept modules."""
        return comes_from(model, "torch.nn")

    def write(self, model: Any, stream: BinaryIO) -> None:
        """Write the module with cloudpickle, which includes classes of the notebook and of the user's own modules."""
        import cloudpickle
        import torch

        archive = io.BytesIO()  # torch seeks in what it writes
        with contextlib.ExitStack() as own:
            for part in model.modules():
                if by_value.only_here(type(part)):
                    own.enter_context(by_value.by_value(type(part)))
            torch.save(model, archive, pickle_module=cloudpickle)
        stream.write(archive.getbuffer())

    def read(self, stream: BinaryIO) -> Any:
        """Read the module onto the processor, in evaluation mode."""
        import torch

        restricted = torchs_own(stream)
        stream.seek(0)
        with torch.serialization.safe_globals(_modules_of_torch()):
            return torch.load(stream, map_location="cpu", weights_only=restricted).eval()

    def untrusted(self, stream: BinaryIO) -> list[str]:
        """Return ``pickle``, which the archive contains."""
        return ["pickle"]

    def with_predict(self, model: Any) -> Any:
        """Return a model that evaluates the network without gradients and leaves its mode as it was."""

        def outputs(rows: Any) -> Any:
            import numpy as np
            import torch

            like = next(iter(model.parameters()), torch.empty(0))
            tensor = torch.as_tensor(np.asarray(rows), dtype=like.dtype, device=like.device)
            # by module: a frozen part may be in evaluation mode while the rest is in training
            modes = {part: part.training for part in model.modules()}
            try:
                with torch.no_grad():
                    return model.eval()(tensor).cpu().numpy()
            finally:
                for part, training in modes.items():
                    part.training = training

        return model if hasattr(model, "predict") else CallableModel(outputs)


def torchs_own(stream: BinaryIO) -> bool:
    """Return whether an archive names only tensors and torch's own modules. Nothing of it is unpickled."""
    import pickle

    import torch

    with torch.serialization.safe_globals(_modules_of_torch()):
        try:
            return not torch.serialization.get_unsafe_globals_in_checkpoint(stream)
        except pickle.UnpicklingError:  # an operation that the restricted unpickler does not know
            return False


def _modules_of_torch() -> list[Any]:
    """Return the layers and containers of ``torch.nn``: the restricted unpickler may build them, and tensors."""
    import torch

    return [kind for kind in vars(torch.nn).values() if isinstance(kind, type) and issubclass(kind, torch.nn.Module)]
