"""joblib, which pins and vetiver read: arrays raw, the notebook's own classes by value."""

from __future__ import annotations

import contextlib
import functools
import sys
import types
from collections.abc import Iterator
from typing import Any, BinaryIO, ClassVar

import cloudpickle
from joblib.numpy_pickle import NumpyPickler

from mlops_magics.core.versioning import packages


class JoblibFormat:
    """Any Python object; reading one runs what the file says."""

    name: ClassVar[str] = "joblib"
    suffix: ClassVar[str] = ".joblib"
    magic: ClassVar[tuple[bytes, ...]] = ()
    runs_code: ClassVar[bool] = True
    sequential: ClassVar[bool] = True

    def accepts(self, model: Any) -> bool:
        """Accept everything: this is the format of last resort."""
        return True

    def write(self, model: Any, stream: BinaryIO) -> None:
        """Pickle the model; what the notebook or a module beside it defines travels by value."""
        _Pickler(stream).dump(model)

    def read(self, stream: BinaryIO) -> Any:
        """Unpickle the model."""
        import joblib

        return joblib.load(stream)

    def untrusted(self, stream: BinaryIO) -> list[str]:
        """Name the format itself: nobody can say beforehand what a pickle does."""
        return ["pickle"]


class _Pickler(NumpyPickler):  # type: ignore[misc]
    """joblib's pickler, but for classes and functions that another process could not import."""

    def reducer_override(self, obj: Any) -> Any:
        kind = type(obj)
        if (kind is types.FunctionType or isinstance(obj, type)) and _only_here(obj):
            with _by_value(obj):
                return cloudpickle.loads, (cloudpickle.dumps(obj),)
        return NotImplemented


def _only_here(definition: Any) -> bool:
    """Tell whether a class or function is the user's own: of the notebook, or of no distribution."""
    module = getattr(definition, "__module__", None) or "__main__"
    if module == "__main__" or "<locals>" in definition.__qualname__ or definition.__name__ == "<lambda>":
        return True
    return _of_no_distribution(module.partition(".")[0])


@functools.cache
def _of_no_distribution(top: str) -> bool:
    return top not in sys.stdlib_module_names and packages.distribution(top) is None


@contextlib.contextmanager
def _by_value(definition: Any) -> Iterator[None]:
    """Let cloudpickle write everything of the definition's module by value."""
    module = sys.modules.get(getattr(definition, "__module__", None) or "")
    if (
        module is None
        or module.__name__ == "__main__"
        or module.__name__ in cloudpickle.list_registry_pickle_by_value()
    ):
        yield
        return
    cloudpickle.register_pickle_by_value(module)
    try:
        yield
    finally:
        cloudpickle.unregister_pickle_by_value(module)
