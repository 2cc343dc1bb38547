"""Endpoints: a version served by a Flask application in its own processes, with its answers logged.

``deploy`` starts one, ``running`` finds those that run, ``serve`` runs one in the foreground.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlops_magics.lazy_exports import lazy_exports

if TYPE_CHECKING:
    from mlops_magics.core.deploying.clients.client import Client
    from mlops_magics.core.deploying.contract.limits import Limits
    from mlops_magics.core.deploying.endpoints.endpoint import Endpoint
    from mlops_magics.core.deploying.endpoints.endpoint_table import EndpointTable
    from mlops_magics.core.deploying.endpoints.launch import deploy, running
    from mlops_magics.core.deploying.server.foreground import serve

__all__ = ["Client", "Endpoint", "EndpointTable", "Limits", "challenge", "deploy", "follow", "running", "serve"]

__getattr__, __dir__ = lazy_exports(
    __name__,
    {
        "Client": "clients.client",
        "Endpoint": "endpoints.endpoint",
        "EndpointTable": "endpoints.endpoint_table",
        "Limits": "contract.limits",
        "challenge": "endpoints.launch",
        "deploy": "endpoints.launch",
        "follow": "endpoints.launch",
        "running": "endpoints.launch",
        "serve": "server.foreground",
    },
)
