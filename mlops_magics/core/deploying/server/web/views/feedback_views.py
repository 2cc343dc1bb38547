"""`POST /feedback`: the truth that became known later, by request id."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlops_magics.core.deploying import prediction_log
from mlops_magics.core.deploying.contract.http_error import UNPROCESSABLE, HttpError, problem
from mlops_magics.core.deploying.contract.http_messages import Request, Response, json_response
from mlops_magics.core.deploying.parsing.json_forms import json_value
from mlops_magics.core.log_columns import REQUEST_ID, ROW
from mlops_magics.errors import InvalidInput

if TYPE_CHECKING:
    from mlops_magics.core.deploying.server.service import Service

EXPECTED = (
    'Expected {"request_id": ID, "truth": VALUE or [VALUES]}, or a list of such objects, each with `row` if needed.'
)


def feedback(service: Service, request: Request, name: str = "") -> Response:
    """Add the truths of a request's body to the log, and return how many were added."""
    slot = service.slots.slot(name)
    value = json_value(request.body, service.limits)
    given = value if isinstance(value, list) else [value]
    records = [record for each in given for record in _records(each)]
    try:
        added = prediction_log.feedback(slot.name, records, board=slot.current.version.board)
    except InvalidInput as error:
        raise _unfit(str(error)) from None
    return json_response({"added": added})


def _records(given: Any) -> list[dict[str, Any]]:
    """Return one record for each row of one object."""
    if not isinstance(given, dict) or not isinstance(given.get("request_id"), str) or "truth" not in given:
        raise _unfit(EXPECTED)
    values = given["truth"] if isinstance(given["truth"], list) else [given["truth"]]
    rows = given.get("row", 0 if len(values) == 1 else list(range(len(values))))
    places = rows if isinstance(rows, list) else [rows]
    # the log's column has 64 bits with a sign
    if len(places) != len(values) or not all(type(place) is int and 0 <= place < 2**63 for place in places):
        raise _unfit("Expected a row number for each true value.")
    return [{REQUEST_ID: given["request_id"], ROW: place, "truth": value} for place, value in zip(places, values)]


def _unfit(message: str) -> HttpError:
    return HttpError(UNPROCESSABLE, message, [problem((), "feedback", message)])
