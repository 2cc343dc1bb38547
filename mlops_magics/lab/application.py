"""The extension of a Jupyter server: routes and the watcher."""

from __future__ import annotations

from typing import Any

from mlops_magics.lab.routes import routes
from mlops_magics.lab.watcher import SCHEMA, Watcher
from mlops_magics.panel.board_pool import BoardPool


def attach(serverapp: Any) -> None:
    """Add every route and start the watcher, which the server's own loop ends."""
    settings = serverapp.web_app.settings
    settings["mlops_magics_boards"] = pool = BoardPool()
    serverapp.web_app.add_handlers(".*$", routes(settings["base_url"]))
    # registering a schema twice raises, where the extension is loaded again
    if SCHEMA["$id"] not in serverapp.event_logger.schemas:
        serverapp.event_logger.register_event_schema(SCHEMA)
    Watcher(serverapp.event_logger, serverapp.log, pool).start()
