"""A service in the test's own process: what the Flask application and the event loop stand on."""

from __future__ import annotations

from typing import Any

from mlops_magics.core.deploying.contract.limits import Limits
from mlops_magics.core.deploying.contract.model_options import ServingOptions
from mlops_magics.core.deploying.server.guard import Guard
from mlops_magics.core.deploying.server.service import Service
from mlops_magics.core.deploying.server.slots import SlotTable
from mlops_magics.core.deploying.serving.loaded_model import LoadedModel


def service_of(pinned: Any, *, token: str | None = None, limits: Limits | None = None, **options: Any) -> Service:
    """Return the service of one version, without a log."""
    slots = SlotTable()
    slots.add(LoadedModel(pinned.version, pinned.model, ServingOptions(**options), limits))
    return Service(slots, Guard("127.0.0.1", token), limits)
