"""MLflow's scoring protocol: `/invocations` with frames split or as records, instances, inputs, CSV or Parquet."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from mlops_magics.core.deploying.contract.http_error import malformed
from mlops_magics.core.deploying.contract.http_messages import Answer, Request, json_answer
from mlops_magics.core.deploying.parsing import bodies
from mlops_magics.core.deploying.validation.check import Check
from mlops_magics.core.deploying.validation.layout import Table

if TYPE_CHECKING:
    from mlops_magics.core.deploying.serving.loaded_model import Serving
    from mlops_magics.core.deploying.serving.prediction_request import Part, Question, Render


def read(request: Request, serving: Serving) -> tuple[Part, Render]:
    """Read a scoring request."""
    kind = bodies.media_type(request.header("content-type"))
    if kind != bodies.JSON:
        return serving.table(request.body, kind), _answer
    value = bodies.json_value(request.body, serving.limits)
    given = [name for name in FORMS if isinstance(value, dict) and name in value]
    if len(given) != 1:
        raise malformed(f"Expected a JSON object with exactly one of {', '.join(FORMS)}.")
    return FORMS[given[0]](value[given[0]], serving.check), _answer


def _split(value: Any, check: Check) -> Table:
    if not isinstance(value, dict) or not isinstance(value.get("data"), list):
        raise malformed("Expected dataframe_split with `columns` and `data`.")
    if not isinstance(value.get("columns"), list):
        return check.lists(value["data"])
    return bodies.split_table(value, check)


def _records(value: Any, check: Check) -> Table:
    if not isinstance(value, list):
        raise malformed("Expected dataframe_records as a list of records.")
    return check.records(value)


def _inputs(value: Any, check: Check) -> Table:
    """Read columns by name, or rows."""
    if isinstance(value, dict):
        return check.columns({name: _flat(values) for name, values in value.items()})
    return _records(value, check)


def _flat(values: Any) -> list[Any]:
    """Take a column of values, or of lists of one value each."""
    if not isinstance(values, list):
        return [values]
    return [value[0] if isinstance(value, list) and len(value) == 1 else value for value in values]


FORMS: dict[str, Callable[[Any, Check], Table]] = {
    "dataframe_split": _split,
    "dataframe_records": _records,
    "instances": _records,
    "inputs": _inputs,
}


def _answer(question: Question, values: Any) -> Answer:
    return json_answer({"predictions": values})


def dressed(told: dict[str, Any]) -> dict[str, Any]:
    """Add the word that MLflow's clients look for."""
    invalid = any(entry.get("loc") for entry in told["detail"])
    return {"error_code": "INVALID_PARAMETER_VALUE" if invalid else "BAD_REQUEST", **told}
