"""Lazy predictions for frames of Spark, Dask and Ray: a frame of the same engine, with the answers as columns.

Columns are passed by their names. Their types come from the version, by its example rows. Each worker process loads the
version once, by its hash.
"""

from __future__ import annotations

import dataclasses
import functools
import importlib
import json
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from mlops_magics.core.deploying.batch.batch_task import ScoringOptions, VersionPlace
from mlops_magics.core.deploying.batch.scorer import scorer_of
from mlops_magics.errors import InvalidInput

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

METHODS = {"pyspark": "mapInPandas", "dask": "map_partitions", "ray": "map_batches"}
"""The package of an engine, and the method of its frames that takes a function of pandas frames."""


def engine_of(data: Any) -> str | None:
    """Return the package whose lazy frame this is, or None for other data."""
    for each in type(data).__mro__:
        package = each.__module__.partition(".")[0]
        if (
            package in METHODS
            and hasattr(data, METHODS[package])
            and (each.__name__ == "DataFrame" or package == "ray")
        ):
            return package
    return None


def predict(place: VersionPlace, frame: Any, options: ScoringOptions) -> Any:
    """Return a frame of the same engine: its columns, and the answers.

    Raises
    ------
    InvalidInput
        Where the frame has a column of the answers' name.
    """
    answers: dict[str, Callable[..., Any]] = {"pyspark": _spark, "dask": _dask, "ray": _ray}
    return answers[engine_of(frame) or ""](place, frame, options)


def is_local(frame: Any) -> bool:
    """Return whether the workers of a frame's engine see the files of this machine."""
    from mlops_magics.core.deploying.batch import engines

    package = engine_of(frame)
    if package == "pyspark":
        return engines.is_local(frame.sparkSession)
    if package == "ray":
        import ray

        return engines.is_local(ray)
    import sys

    distributed = sys.modules.get("distributed")
    if distributed is None:
        return True
    try:
        return engines.is_local(distributed.default_client())
    except ValueError:  # no cluster: threads of this process
        return True


def answered(rows: pd.DataFrame, place: VersionPlace, options: ScoringOptions) -> pd.DataFrame:
    """Return rows with their answers, in a worker of an engine.

    Raises
    ------
    DataMismatch
    """
    import pandas as pd

    scorer = scorer_of(place)
    if not len(rows):
        types = scorer.types(options.method, options.column)
        return rows.assign(**{name: pd.Series(dtype=_dtype(kind)) for name, kind in types.items()})
    return pd.concat([rows, scorer.frame(rows[_read(rows, scorer.names)], options.method, options.column)], axis=1)


def types_as_json(text: str) -> str:
    """Return the answers' columns with their types, as JSON, in a worker, which knows the model's classes."""
    given = json.loads(text)
    types = scorer_of(VersionPlace(**given["place"])).types(given["method"], given["column"])
    return json.dumps({name: _written(kind) for name, kind in types.items()})


def _read(rows: pd.DataFrame, names: tuple[str, ...]) -> list[Any]:
    """Return the columns that the model reads, or all of them where one is missing, so that the check names it."""
    return list(names) if set(names) <= set(rows.columns) else list(rows.columns)


def _spark(place: VersionPlace, frame: Any, options: ScoringOptions) -> Any:
    from pyspark.sql.pandas.types import from_arrow_type
    from pyspark.sql.types import StructField, StructType

    context = frame.sparkSession.sparkContext
    # a worker names them: the driver then needs neither the model nor its packages
    found = json.loads(context.parallelize([_task_text(place, options)], 1).map(types_as_json).first())
    _refuse_twice(frame.columns, found)
    more = [StructField(name, from_arrow_type(_type_of(kind))) for name, kind in found.items()]
    schema = StructType([*frame.schema.fields, *more])
    return frame.mapInPandas(functools.partial(answered_batches, place=place, options=options), schema)


def answered_batches(
    batches: Iterator[pd.DataFrame], place: VersionPlace, options: ScoringOptions
) -> Iterator[pd.DataFrame]:
    """Yield batches with their answers, in a worker of Spark."""
    for rows in batches:
        yield answered(rows, place, options)


def _dask(place: VersionPlace, frame: Any, options: ScoringOptions) -> Any:
    import pandas as pd

    dask: Any = importlib.import_module("dask")

    (text,) = dask.compute(dask.delayed(types_as_json)(_task_text(place, options)))
    found = json.loads(text)
    _refuse_twice(frame.columns, found)
    # Dask plans by an empty frame with the columns of the result, and would else call the model with invented rows
    more = {name: pd.Series(dtype=_dtype(_type_of(kind))) for name, kind in found.items()}
    return frame.map_partitions(answered, place, options, meta=frame._meta.assign(**more))


def _ray(place: VersionPlace, frame: Any, options: ScoringOptions) -> Any:
    return frame.map_batches(answered, batch_format="pandas", fn_kwargs={"place": place, "options": options})


def _task_text(place: VersionPlace, options: ScoringOptions) -> str:
    return json.dumps({"place": dataclasses.asdict(place), "method": options.method, "column": options.column})


def _refuse_twice(columns: Any, answers: dict[str, str]) -> None:
    twice = sorted(set(map(str, columns)) & answers.keys())
    if twice:
        raise InvalidInput(f"The frame has a column {twice[0]!r} itself: choose another name, `column=NAME`.")


def _written(kind: pa.DataType) -> str:
    import base64

    import pyarrow as pa

    return base64.b64encode(pa.schema([("answer", kind)]).serialize().to_pybytes()).decode()


def _type_of(text: str) -> pa.DataType:
    import base64

    import pyarrow as pa

    return pa.ipc.read_schema(pa.py_buffer(base64.b64decode(text))).field(0).type


def _dtype(kind: pa.DataType) -> Any:
    import pyarrow as pa

    return pa.array([], kind).to_pandas().dtype
