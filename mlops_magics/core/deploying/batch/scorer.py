"""A version in a worker process: loaded once by its hash, and called chunk by chunk."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from mlops_magics.core.deploying.batch.batch_task import VersionPlace
from mlops_magics.core.deploying.clients.request_rows import encode_rows
from mlops_magics.core.deploying.contract.http_error import HttpError
from mlops_magics.core.deploying.contract.limits import Limits
from mlops_magics.core.deploying.contract.media import ARROW
from mlops_magics.core.deploying.contract.model_options import ServingOptions
from mlops_magics.core.deploying.contract.value_columns import to_arrow
from mlops_magics.core.deploying.parsing import content
from mlops_magics.core.deploying.serving.loaded_model import LoadedModel
from mlops_magics.errors import DataMismatch, InvalidInput

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

MOST_MODELS = 4
"""In the memory of a worker process."""
LIMITS = Limits(body_bytes=1 << 31, decoded_bytes=1 << 32)
"""The chunks come from files of the user, and are small already."""


class Scorer:
    """A loaded version that answers chunks of rows by the checks of an endpoint, and the model itself."""

    def __init__(self, loaded: LoadedModel) -> None:
        self._loaded = loaded
        self.names = tuple(loaded.layout.names)

    def columns(self, body: bytes, kind: str, method: str, column: str) -> dict[str, pa.Array]:
        """Return the answers to a body as Arrow arrays by the names of their columns.

        Parameters
        ----------
        body, kind
            The rows as bytes, and their media type.
        method
            The model's method.
        column
            The name of the answers' column, or the beginning of several names.

        Raises
        ------
        DataMismatch
            For rows that do not fit the prototype.
        """
        try:
            table = self._loaded.table(*content.recognise(body, kind))
            values = self._loaded.predict(method, table)
        except HttpError as error:
            raise DataMismatch(str(error), [dict(each) for each in error.detail]) from error
        return dict(_named(values, column, self._labels(method)))

    def frame(self, rows: pd.DataFrame, method: str, column: str) -> pd.DataFrame:
        """Return the answers to a frame as a frame with its index.

        Raises
        ------
        DataMismatch
        """
        import pyarrow as pa

        body, kind = encode_rows(rows)
        answered: pd.DataFrame = pa.table(self.columns(body, kind, method, column)).to_pandas()
        return answered.set_index(rows.index)

    def chunk(self, table: pa.Table, method: str, column: str) -> dict[str, pa.Array]:
        """Return the answers to an Arrow table.

        Raises
        ------
        DataMismatch
        """
        import pyarrow as pa

        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table)
        return self.columns(sink.getvalue().to_pybytes(), ARROW, method, column)

    def types(self, method: str, column: str) -> dict[str, pa.DataType]:
        """Return the answers' columns with their types, by the version's example rows.

        Raises
        ------
        InvalidInput
            Where the version has no example rows.
        """
        examples = self._loaded.layout.prototype.examples
        if not examples:
            raise InvalidInput(f"{self._loaded.version.ref} has no example rows that name the type of its answers.")
        values = self._loaded.predict(method, self._loaded.check.records([dict(row) for row in examples]))
        return {name: array.type for name, array in _named(values, column, self._labels(method))}

    def _labels(self, method: str) -> list[Any] | None:
        return self._loaded.classes if method == "predict_proba" else None


def _named(values: Any, column: str, labels: list[Any] | None) -> Any:
    """Yield name and array of each column: one, one for each output by name, or one for each class."""
    if isinstance(values, list) and values and all(isinstance(value, dict) for value in values):
        for name in values[0]:
            yield f"{column}_{name}", _array([value[name] for value in values])
    elif getattr(values, "ndim", 1) == 2:
        named = labels if labels is not None and len(labels) == values.shape[1] else range(values.shape[1])
        for place, name in enumerate(named):
            yield f"{column}_{name}", _array(values[:, place])
    else:
        yield column, _array(values)


def _array(values: Any) -> pa.Array:
    """Return one column, texts without a look at each of them in Python, since labels of many rows are most of it."""
    import pandas as pd
    import pyarrow as pa

    kind = getattr(getattr(values, "dtype", None), "kind", "")
    if kind == "U" or (kind == "O" and pd.api.types.infer_dtype(values, skipna=False) == "string"):
        return pa.array(values, pa.string())
    return to_arrow(values)[0]


_loaded: OrderedDict[VersionPlace, Scorer] = OrderedDict()
_loading = threading.Lock()


def scorer_of(place: VersionPlace) -> Scorer:
    """Return the scorer of a version, loaded at the first call of a process.

    Raises
    ------
    IntegrityError
        When the board has other bytes under this version.
    NotFound, SerializationError
    """
    # two threads of a worker (Dask, Spark) would load the model twice at the same time
    with _loading:
        if place not in _loaded:
            _loaded[place] = _load(place)
            if len(_loaded) > MOST_MODELS:
                _loaded.popitem(last=False)
        _loaded.move_to_end(place)
        return _loaded[place]


def _load(place: VersionPlace) -> Scorer:
    from mlops_magics.core.deploying.endpoints import private_boards
    from mlops_magics.core.deploying.server import container
    from mlops_magics.core.versioning import open_board

    container.find_state()
    board = open_board(private_boards.reachable(place.board), create=False)
    version = board.version(place.name, place.version)
    # the driver trusted these bytes: a worker has no user who decides, and the hash refuses any others
    board.trust_bytes(version, place.sha256)
    return Scorer(LoadedModel(version, board.load(version), ServingOptions(exact=True), LIMITS, timed=False))
