"""A service in the test's own process: what the Flask application and the event loop stand on."""

from __future__ import annotations

from typing import Any

from mlops_magics.core.deploying.limits import Limits
from mlops_magics.core.deploying.options import ServingOptions
from mlops_magics.core.deploying.server.catalogue import Catalogue
from mlops_magics.core.deploying.server.guard import Guard
from mlops_magics.core.deploying.server.service import Service
from mlops_magics.core.deploying.serving import Serving


def service_of(pinned: Any, *, token: str | None = None, limits: Limits | None = None, **options: Any) -> Service:
    """Return the service of one version, without a log."""
    catalogue = Catalogue()
    catalogue.add(Serving(pinned.version, pinned.model, ServingOptions(**options), limits))
    return Service(catalogue, Guard("127.0.0.1", token), limits)
