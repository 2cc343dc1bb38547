"""Flask's views: functions of the service, the request and the steps of the path, one module for each subject.

`VIEWS` maps the name in a route's ``view`` to its function.
"""

from __future__ import annotations

from collections.abc import Callable

from mlops_magics.core.deploying.contract.http_messages import Response
from mlops_magics.core.deploying.server.web.views import (
    description_views,
    feedback_views,
    open_inference_views,
    state_views,
)

View = Callable[..., Response]

VIEWS: dict[str, View] = {
    "predict": lambda service, request, **steps: service.respond(request),
    "feedback": feedback_views.feedback,
    "metadata": state_views.metadata,
    "prototype": state_views.prototype,
    "ping": state_views.ping,
    "pin_url": state_views.pin_url,
    "version": state_views.version,
    "health": state_views.health,
    "metrics": state_views.metrics,
    "openapi": description_views.openapi,
    "page": description_views.page,
    "server": open_inference_views.server,
    "live": open_inference_views.live,
    "ready": open_inference_views.ready,
    "model": open_inference_views.model,
    "model_ready": open_inference_views.model_ready,
}
"""Under a foreign WSGI server ``predict`` is answered here too. The event loop does not pass it to Flask."""
