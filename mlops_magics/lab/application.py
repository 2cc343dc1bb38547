"""Hooks the routes and the watcher into a Jupyter server."""

from __future__ import annotations

from typing import Any

from mlops_magics.lab.routes import routes
from mlops_magics.lab.watcher import SCHEMA, Watcher
from mlops_magics.panel.board_pool import BoardPool


def attach(serverapp: Any) -> None:
    """Add every route and start watching; the server's own loop ends the watcher."""
    settings = serverapp.web_app.settings
    settings["mlops_magics_boards"] = pool = BoardPool()
    serverapp.web_app.add_handlers(".*$", routes(settings["base_url"]))
    if SCHEMA["$id"] not in serverapp.event_logger.schemas:
        serverapp.event_logger.register_event_schema(SCHEMA)
    Watcher(serverapp.event_logger, serverapp.log, pool).start()
