"""joblib, which pins and vetiver read: arrays raw, the notebook's own classes by value."""

from __future__ import annotations

import types
from typing import Any, BinaryIO, ClassVar

import cloudpickle
from joblib.numpy_pickle import NumpyPickler

from mlops_magics.core.versioning.formats import joblib_reading, own_code


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
    """joblib's pickler, but for classes and functions that another process could not import."""

    def reducer_override(self, obj: Any) -> Any:
        kind = type(obj)
        if (kind is types.FunctionType or isinstance(obj, type)) and own_code.only_here(obj):
            with own_code.by_value(obj):
                return cloudpickle.loads, (cloudpickle.dumps(obj),)
        return NotImplemented
