"""The base class of a format's handler, the interface between a format and the rest of the package.

To add a format, subclass `Handler` in a module of this folder whose name ends in ``_format``: it is found there.
Another package registers its handler under the entry point group ``mlops_magics.formats``, without the need to
subclass.
"""

from __future__ import annotations

from typing import Any, BinaryIO, ClassVar

from mlops_magics.core.versioning.formats.callable_model import wrapped

ENTRY_POINTS = "mlops_magics.formats"
ONE_LIBRARY, CHECKED, ANY_OBJECT = 0, 1, 2
"""Orders of formats: of one library's models, of several libraries' as checked data, and of any object at all."""


class Handler:
    """A format that some models can be written in.

    Attributes
    ----------
    name
        The word that ``format=`` takes.
    suffix
        The suffix of the model file, with the dot.
    magic
        The first bytes of such a file. Other bytes are never handed to `read`. Empty where the format has none.
    runs_code
        Whether reading a file can run code that the file contains.
    checks_bytes
        Whether `read` checks every byte before it builds anything. Only such a file is read from an untrusted board.
    threads
        The libraries, loaded with a model of the format, whose own threads do not survive a fork.
    order
        The place among the formats that accept a model: a smaller number is tried first.
    """

    name: ClassVar[str]
    suffix: ClassVar[str]
    magic: ClassVar[tuple[bytes, ...]] = ()
    runs_code: ClassVar[bool]
    checks_bytes: ClassVar[bool]
    threads: ClassVar[tuple[str, ...]]
    order: ClassVar[int] = ONE_LIBRARY

    def accepts(self, model: Any) -> bool:
        """Return whether the format is meant for a model, without importing the model's library."""
        raise NotImplementedError

    def write(self, model: Any, stream: BinaryIO) -> None:
        """Write the model."""
        raise NotImplementedError

    def read(self, stream: BinaryIO) -> Any:
        """Return the model. The hash of the bytes was verified before."""
        raise NotImplementedError

    def read_trusted(self, stream: BinaryIO) -> Any:
        """Return the model of a trusted board. Parts that `read` would refuse as unchecked are read too."""
        return self.read(stream)

    def untrusted(self, stream: BinaryIO) -> list[str]:
        """Return the names that reading would run or build without a check. Empty where reading is safe."""
        return []

    def with_predict(self, model: Any) -> Any:
        """Return an object whose ``predict`` takes rows: the model itself, or a wrapper where it has no such method."""
        return wrapped(model)


class ForeignHandler(Handler):
    """A handler of another package that does not subclass `Handler`. Missing declarations have cautious values."""

    runs_code: ClassVar[bool] = True
    checks_bytes: ClassVar[bool] = False
    threads: ClassVar[tuple[str, ...]] = ()

    def __init__(self, own: Any) -> None:
        for name in (each for each in dir(Handler) if not each.startswith("_")):
            if hasattr(own, name):
                setattr(self, name, getattr(own, name))
        self.name, self.suffix = own.name, own.suffix  # type: ignore[misc]


def comes_from(model: Any, *modules: str) -> bool:
    """Return whether a class in the model's ancestry is defined in one of these modules or below."""
    homes = [str(getattr(kind, "__module__", "")) for kind in type(model).__mro__]
    return any(home == module or home.startswith(f"{module}.") for home in homes for module in modules)
