"""MLflow's scoring protocol: `/invocations` with a split frame, records, instances, inputs, CSV or Parquet."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from mlops_magics.core.deploying.contract.http_error import malformed
from mlops_magics.core.deploying.contract.http_messages import Request, Response, json_response
from mlops_magics.core.deploying.contract.media import JSON
from mlops_magics.core.deploying.parsing import content
from mlops_magics.core.deploying.parsing.arrow_values import NESTED_KINDS
from mlops_magics.core.deploying.parsing.json_forms import json_value, split_table
from mlops_magics.core.deploying.protocols.protocol import Protocol
from mlops_magics.core.deploying.validation.check import Check
from mlops_magics.core.deploying.validation.layout import Table

if TYPE_CHECKING:
    from mlops_magics.core.deploying.serving.loaded_model import LoadedModel
    from mlops_magics.core.deploying.serving.prediction_request import Render
    from mlops_magics.core.deploying.validation.layout import Part

SAGEMAKER_ATTRIBUTES = "X-Amzn-SageMaker-Custom-Attributes"


def read(request: Request, loaded: LoadedModel) -> tuple[Part, Render]:
    """Read a scoring request."""
    write = _write_for_sagemaker if SAGEMAKER_ATTRIBUTES.lower() in request.headers else _write
    body, kind = content.recognise(request.body, request.header("content-type"))
    if kind != JSON:
        return loaded.table(body, kind), write
    value = json_value(body, loaded.limits, loaded.layout.row_keys)
    given = [name for name in FORMS if isinstance(value, dict) and name in value]
    if len(given) != 1:
        raise malformed(f"Expected a JSON object with exactly one of {', '.join(FORMS)}.")
    return FORMS[given[0]](value[given[0]], loaded.check), write


def _split(value: Any, check: Check) -> Table:
    if not isinstance(value, dict) or not isinstance(value.get("data"), list):
        raise malformed("Expected dataframe_split with `columns` and `data`.")
    if not isinstance(value.get("columns"), list):
        return check.lists(value["data"])
    return split_table(value, check)


def _records(value: Any, check: Check) -> Table:
    if not isinstance(value, list):
        raise malformed("Expected dataframe_records as a list of records.")
    return check.records(value)


def _inputs(value: Any, check: Check) -> Table:
    """Read columns by name, or rows."""
    if isinstance(value, dict):
        nested = {name for name, kind in zip(check.layout.names, check.layout.kinds) if kind in NESTED_KINDS}
        return check.columns({name: values if name in nested else _flat(values) for name, values in value.items()})
    return _records(value, check)


def _flat(values: Any) -> list[Any]:
    """Return a column of values, also where each is in a list of its own."""
    if not isinstance(values, list):
        return [values]
    return [value[0] if isinstance(value, list) and len(value) == 1 else value for value in values]


FORMS: dict[str, Callable[[Any, Check], Table]] = {
    "dataframe_split": _split,
    "dataframe_records": _records,
    "instances": _records,
    "inputs": _inputs,
}


def _write(loaded: LoadedModel, values: Any) -> Response:
    return json_response({"predictions": values})


def _write_for_sagemaker(loaded: LoadedModel, values: Any) -> Response:
    """Name the version in the one header that SageMaker lets through, for clients that send it."""
    response = _write(loaded, values)
    response.headers.append((SAGEMAKER_ATTRIBUTES, f"model-version={loaded.version.version}"))
    return response


def error_fields(error: dict[str, Any]) -> dict[str, Any]:
    """Add ``error_code``, which MLflow's clients read."""
    invalid = any(entry.get("loc") for entry in error["detail"])
    return {"error_code": "INVALID_PARAMETER_VALUE" if invalid else "BAD_REQUEST", **error}


PROTOCOL = Protocol("MLflow", read, error_fields)
