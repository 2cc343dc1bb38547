"""What a handler of a format is; third parties register theirs under the entry point group ``mlops_magics.formats``."""

from __future__ import annotations

from typing import Any, BinaryIO, ClassVar, Protocol

ENTRY_POINTS = "mlops_magics.formats"


class Handler(Protocol):
    """A format that some models can be written in.

    Attributes
    ----------
    name
        The word that ``format=`` takes.
    suffix
        Of the model file, with the dot.
    magic
        How files of the format start; bytes that start otherwise are never handed to `read`. Empty: cannot be told.
    runs_code
        Whether reading can run code that the file brings along.
    sequential
        Whether `read` goes through the file once from start to end, so that it can be verified on the way.
    """

    name: ClassVar[str]
    suffix: ClassVar[str]
    magic: ClassVar[tuple[bytes, ...]]
    runs_code: ClassVar[bool]
    sequential: ClassVar[bool]

    def accepts(self, model: Any) -> bool:
        """Tell whether the format is meant for such a model; without importing the model's library."""

    def write(self, model: Any, stream: BinaryIO) -> None:
        """Write the model."""

    def read(self, stream: BinaryIO) -> Any:
        """Return the model; the bytes were verified."""

    def untrusted(self, stream: BinaryIO) -> list[str]:
        """Return what reading would run that is on no list of ours; empty where reading is safe."""


def comes_from(model: Any, *modules: str) -> bool:
    """Tell whether a class in the model's ancestry is defined in one of these modules or below."""
    homes = [str(getattr(kind, "__module__", "")) for kind in type(model).__mro__]
    return any(home == module or home.startswith(f"{module}.") for home in homes for module in modules)
