"""Batch scoring on a given engine, which only schedules parts: a Spark session or context, a Dask client, or Ray.

The function that travels is a function of this installed package, and its argument is a text: no model is pickled.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from mlops_magics.core.deploying.batch.batch_task import BatchTask, PartResult
from mlops_magics.core.deploying.batch.score_part import score_part
from mlops_magics.errors import InvalidInput, TargetError

LONGEST = 300
"""Characters of an engine's message."""
RETRIES = 3
"""Of a part whose worker is lost."""


def score_json(task: str) -> str:
    """Score a part that is given as JSON, and return the result as JSON."""
    return json.dumps(score_part(BatchTask.from_json(json.loads(task))).to_json())


def name_of(engine: Any) -> str:
    """Return ``spark``, ``dask`` or ``ray`` for an engine.

    Raises
    ------
    InvalidInput
    """
    module = (getattr(engine, "__name__", "") or type(engine).__module__).partition(".")[0]
    known = {"pyspark": "spark", "distributed": "dask", "dask": "dask", "ray": "ray"}
    if module in known:
        return known[module]
    raise InvalidInput(
        f"A {type(engine).__name__} does not schedule parts: give a Spark session, a Dask client or the module ray, "
        "or leave it out for processes of this machine."
    )


def is_local(engine: Any) -> bool:
    """Return whether all workers of an engine see the files of this machine."""
    name = name_of(engine)
    if name == "spark":
        master = str(_context(engine).master)
        return master.startswith("local")
    if name == "dask":
        hosts = {str(worker).partition("://")[2].rpartition(":")[0] for worker in engine.scheduler_info()["workers"]}
        return hosts <= {"127.0.0.1", "localhost", "[::1]", ""}
    return len(engine.nodes()) <= 1 if engine.is_initialized() else True


def run(engine: Any, tasks: Sequence[BatchTask]) -> Iterator[tuple[int, PartResult | None]]:
    """Yield the rows and the result of each part.

    Raises
    ------
    TargetError
        Where the engine ends the run: a part that cannot be scored is a result, not an error.
    """
    texts = [json.dumps(each.to_json()) for each in tasks]
    runs: dict[str, Callable[[Any, list[str]], Iterator[str]]] = {"spark": _spark, "dask": _dask, "ray": _ray}
    name = name_of(engine)
    try:
        for text in runs[name](engine, texts):
            result = PartResult(**json.loads(text))
            yield (result.rows if result.state == "scored" else 0), result
    except Exception as error:  # whatever an engine raises, from no workers to no package there
        reasons = [line.strip() for line in str(error).splitlines() if "Error" in line or "Exception" in line]
        reason = next((line for line in reversed(reasons) if line.partition(":")[0].isidentifier()), str(error))
        raise TargetError(
            f"{name} ended the run: {' '.join(reason.split())[:LONGEST]}. The outputs that were complete are kept. Its "
            "workers need this package and the model's."
        ) from error


def _context(engine: Any) -> Any:
    return getattr(engine, "sparkContext", engine)


def _spark(engine: Any, texts: list[str]) -> Iterator[str]:
    """Yield the results when all are there: `toLocalIterator` would run one part after another."""
    yield from _context(engine).parallelize(texts, len(texts)).map(score_json).collect()


def _dask(engine: Any, texts: list[str]) -> Iterator[str]:
    import distributed

    # pure=True would return what the scheduler remembers of an equal task, though the output was removed since
    futures = engine.map(score_json, texts, pure=False, retries=RETRIES)
    for future in distributed.as_completed(futures):
        yield future.result()


def _ray(engine: Any, texts: list[str]) -> Iterator[str]:
    remote = engine.remote(max_retries=RETRIES)(score_json)
    waiting = [remote.remote(text) for text in texts]
    while waiting:
        # `get` of all would show no progress until the last part is done
        done, waiting = engine.wait(waiting, num_returns=1)
        yield from engine.get(done)
