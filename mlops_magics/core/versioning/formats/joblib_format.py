"""joblib, which pins and vetiver read. Arrays are stored raw, classes of the notebook by value."""

from __future__ import annotations

import types
from typing import Any, BinaryIO, ClassVar

import cloudpickle
from joblib.numpy_pickle import NumpyPickler

from mlops_magics.core.versioning.formats import by_value, formula_names
from mlops_magics.core.versioning.formats.handler import ANY_OBJECT, Handler


class JoblibFormat(Handler):
    """Any Python object. Reading a file runs the code that it contains."""

    name: ClassVar[str] = "joblib"
    suffix: ClassVar[str] = ".joblib"
    runs_code: ClassVar[bool] = True
    checks_bytes: ClassVar[bool] = False
    threads: ClassVar[tuple[str, ...]] = ()  # a library's own threads are declared by its own format
    order: ClassVar[int] = ANY_OBJECT

    def accepts(self, model: Any) -> bool:
        """Accept everything, because this is the format of last resort."""
        return True

    def write(self, model: Any, stream: BinaryIO) -> None:
        """Pickle the model. Definitions of the notebook and of the user's own modules are stored by value."""
        _Pickler(stream).dump(model)

    def read(self, stream: BinaryIO) -> Any:
        """Unpickle the model."""
        import joblib

        return joblib.load(stream)

    def untrusted(self, stream: BinaryIO) -> list[str]:
        """Return ``pickle``, because its effect is not known before it is read."""
        return ["pickle"]


class _Pickler(NumpyPickler):  # type: ignore[misc]
    """joblib's pickler, except for classes and functions that another process could not import.

    Not by ``reducer_override``, which is called for each object of a model.
    """

    # a copy, because the table is a class attribute of joblib's own pickler
    dispatch = NumpyPickler.dispatch.copy()

    def __init__(self, stream: BinaryIO) -> None:
        super().__init__(stream)
        self.dispatch_table = formula_names.reducers()

    def save_global(self, obj: Any, name: str | None = None) -> None:
        if not isinstance(obj, type | types.FunctionType) or not by_value.only_here(obj):
            super().save_global(obj, name)
            return
        with by_value.by_value(obj):
            definition = cloudpickle.dumps(obj)
        self.save_reduce(cloudpickle.loads, (definition,), obj=obj)

    dispatch[types.FunctionType] = save_global
