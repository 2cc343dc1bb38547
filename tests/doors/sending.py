"""A model pinned from training data, and requests to it as people write them: the service behind every endpoint."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from mlops_magics.core.deploying.contract.http_messages import Request, Response
from mlops_magics.core.deploying.contract.model_options import ServingOptions
from mlops_magics.core.deploying.server.guard import Guard
from mlops_magics.core.deploying.server.in_process import InProcessClient
from mlops_magics.core.deploying.server.service import Service
from mlops_magics.core.deploying.server.slots import SlotTable
from mlops_magics.core.deploying.serving.loaded_model import LoadedModel
from mlops_magics.core.versioning import ModelVersion, Prototype
from tests.doors.forms import Fingerprint


class Endpoint:
    """The service of one model, without a process of its own."""

    def __init__(self, data: Any, model: Any = None, **options: Any) -> None:
        version = ModelVersion("doors", "v", datetime.now(UTC), "", "", prototype=Prototype.from_data(data))
        self.loaded = LoadedModel(version, model or Fingerprint(), ServingOptions(**{"exact": True, **options}))
        slots = SlotTable()
        slots.add(self.loaded)
        self.service = Service(slots, Guard("127.0.0.1", None))
        self.client = InProcessClient(self.loaded)

    def post(self, body: Any, content_type: str = "", path: str = "/predict", **headers: str) -> Response:
        """Send a body; what is not bytes is written as JSON."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        if content_type:
            given["content-type"] = content_type
        written = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.service.respond(Request("POST", path, "", given, written))

    def predict(self, body: Any, content_type: str = "", **headers: str) -> Any:
        """Send a body that must be answered, and return the values."""
        response = self.post(body, content_type, **headers)
        assert response.status == 200, response.body
        return json.loads(response.body)["predict"]

    def refusal(self, body: Any, content_type: str = "", path: str = "/predict", **headers: str) -> tuple[int, str]:
        """Send a body that must be refused, and return status and message."""
        response = self.post(body, content_type, path, **headers)
        assert 400 <= response.status < 500, (response.status, response.body)
        message: str = json.loads(response.body)["message"]
        assert "\n" not in message
        return response.status, message
