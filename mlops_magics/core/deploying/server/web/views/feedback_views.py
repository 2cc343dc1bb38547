"""`POST /feedback`: the truth that came out later, by request id."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response

from mlops_magics.core.deploying import prediction_log
from mlops_magics.core.deploying.contract.http_error import UNPROCESSABLE, Refusal, problem
from mlops_magics.core.deploying.parsing import bodies
from mlops_magics.core.deploying.server.web.flask_messages import incoming, told
from mlops_magics.errors import InvalidInput

if TYPE_CHECKING:
    from mlops_magics.core.deploying.server.service import Service

EXPECTED = (
    'Expected {"request_id": ID, "truth": VALUE or [VALUES]}, or a list of such objects, each with `row` if needed.'
)


def blueprint(service: Service) -> Blueprint:
    """Return `/feedback` and `/NAME/feedback`."""
    routes = Blueprint("feedback", __name__)

    def take(name: str = "") -> Response:
        slot = service.catalogue.slot(name) if name else service.catalogue.first
        value = bodies.json_value(incoming().body, service.limits)
        given = value if isinstance(value, list) else [value]
        records = [record for each in given for record in _records(each)]
        try:
            added = prediction_log.feedback(slot.name, records, board=slot.current.version.board)
        except InvalidInput as error:
            raise _unfit(str(error)) from None
        return told({"added": added})

    routes.add_url_rule("/feedback", "feedback", take, methods=["POST"])
    routes.add_url_rule("/<name>/feedback", "named feedback", take, methods=["POST"])
    return routes


def _records(given: Any) -> list[dict[str, Any]]:
    """Return one record for each row that one object speaks of."""
    if not isinstance(given, dict) or not isinstance(given.get("request_id"), str) or "truth" not in given:
        raise _unfit(EXPECTED)
    values = given["truth"] if isinstance(given["truth"], list) else [given["truth"]]
    rows = given.get("row", 0 if len(values) == 1 else list(range(len(values))))
    places = rows if isinstance(rows, list) else [rows]
    if len(places) != len(values) or not all(type(place) is int and 0 <= place < 2**63 for place in places):
        raise _unfit("Expected a row number for each true value.")
    return [
        {"mlops.request_id": given["request_id"], "mlops.row": place, "truth": value}
        for place, value in zip(places, values)
    ]


def _unfit(message: str) -> Refusal:
    return Refusal(UNPROCESSABLE, message, [problem((), "feedback", message)])
