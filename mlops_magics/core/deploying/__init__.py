"""A version becomes an endpoint: a Flask application in processes of its own; what it answers is logged.

``deploy`` starts one, ``running`` finds those that run, ``serve`` runs one in the foreground.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mlops_magics.core.deploying.clients.client import Client
    from mlops_magics.core.deploying.contract.limits import Limits
    from mlops_magics.core.deploying.endpoints.endpoint import Endpoint
    from mlops_magics.core.deploying.endpoints.endpoint_table import EndpointTable
    from mlops_magics.core.deploying.endpoints.launch import deploy, running, serve

__all__ = ["Client", "Endpoint", "EndpointTable", "Limits", "challenge", "deploy", "follow", "running", "serve"]

_HOMES = {
    "Client": "clients.client",
    "Endpoint": "endpoints.endpoint",
    "EndpointTable": "endpoints.endpoint_table",
    "Limits": "contract.limits",
    "challenge": "endpoints.launch",
    "deploy": "endpoints.launch",
    "follow": "endpoints.launch",
    "running": "endpoints.launch",
    "serve": "endpoints.launch",
}


def __getattr__(name: str) -> Any:
    """Import a public name on first use: the server's processes need only their own part."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
