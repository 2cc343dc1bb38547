"""joblib, which pins and vetiver read: arrays raw, the notebook's own classes by value."""

from __future__ import annotations

import types
from typing import Any, BinaryIO, ClassVar

import cloudpickle
from joblib.numpy_pickle import NumpyPickler

from mlops_magics.core.versioning.formats import by_value, joblib_reading


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
        return joblib_reading.read(stream)

    def untrusted(self, stream: BinaryIO) -> list[str]:
        """Name the format itself: nobody can say beforehand what a pickle does."""
        return ["pickle"]


class _Pickler(NumpyPickler):  # type: ignore[misc]
    """joblib's pickler, but for classes and functions that another process could not import.

    Not by ``reducer_override``, which would be asked for each of a model's objects.
    """

    dispatch = NumpyPickler.dispatch.copy()

    def save_global(self, obj: Any, name: str | None = None) -> None:
        if not isinstance(obj, type | types.FunctionType) or not by_value.only_here(obj):
            super().save_global(obj, name)
            return
        with by_value.by_value(obj):
            definition = cloudpickle.dumps(obj)
        self.save_reduce(cloudpickle.loads, (definition,), obj=obj)

    dispatch[types.FunctionType] = save_global
