"""The facts of an endpoint from its announcement, and whether its process runs, without a request."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from mlops_magics.core.deploying.endpoints import announcement, processes
from mlops_magics.core.deploying.endpoints.announcement import Announcement, State
from mlops_magics.core.deploying.endpoints.plan import Challenger
from mlops_magics.core.known_boards import key_of

if TYPE_CHECKING:
    from mlops_magics.core.versioning import ModelVersion


class EndpointInfo:
    """The announced facts, read again on each access, so that changes by other notebooks are visible."""

    def __init__(self, announced: Announcement) -> None:
        self._announced = announced

    def __repr__(self) -> str:
        rivals = "".join(f", {challenger.text}" for challenger in self.challengers.values())
        return f"<Endpoint {self.name}@{self.version} {self.state} at {self.url}{rivals}>"

    @property
    def announced(self) -> Announcement:
        """The announcement on disk, or the last known one when the endpoint was stopped."""
        found = announcement.announced_now(self._announced)
        # another endpoint of the model may be announced by now
        if found is not None and found.pid == self._announced.pid:
            self._announced = found
        return self._announced

    @property
    def name(self) -> str:
        """The model's name."""
        return self._announced.name

    @property
    def version(self) -> str:
        """The version that answers."""
        return self.announced.version

    @property
    def models(self) -> dict[str, str]:
        """The version of every name that is served."""
        return dict(self.announced.models)

    @property
    def challengers(self) -> dict[str, Challenger]:
        """The canary or shadow of each name."""
        return {name: Challenger(**rival) for name, rival in self.announced.challengers.items()}

    @property
    def routes(self) -> list[str]:
        """The paths of the owner's own routes."""
        return sorted(self.announced.plan.get("routes", {}))

    @property
    def alias(self) -> str | None:
        """The alias by which it was deployed."""
        return self.announced.alias

    @property
    def board(self) -> str:
        """The board's URL, without credentials."""
        return self._announced.board

    @property
    def board_key(self) -> str:
        """The word for the board in addresses and file names."""
        return key_of(self.board)

    @property
    def url(self) -> str:
        """The address, without a trailing slash."""
        host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(self._announced.host, self._announced.host)  # noqa: S104
        return f"http://{f'[{host}]' if ':' in host and not host.startswith('[') else host}:{self._announced.port}"

    @property
    def port(self) -> int:
        """The port."""
        return self._announced.port

    @property
    def pid(self) -> int:
        """The supervisor's process id."""
        return self._announced.pid

    @property
    def token(self) -> str | None:
        """The bearer token, ``None`` for an open endpoint."""
        return self._announced.token

    @property
    def started(self) -> dt.datetime:
        """The time of its start, in UTC."""
        return dt.datetime.fromtimestamp(self._announced.started, dt.UTC)

    @property
    def notebook(self) -> str | None:
        """The notebook that started it."""
        return self._announced.notebook

    @property
    def log_path(self) -> str | None:
        """The log file of its processes."""
        return self._announced.log

    @property
    def fast_path(self) -> str:
        """The way of calling the model, and its reason."""
        return self.announced.fast_path

    @property
    def state(self) -> State:
        """``running``, ``starting``, ``stopped`` or ``died``."""
        found = announcement.announced_now(self._announced)
        if found is None or found.pid != self.pid:
            return (
                "stopped" if self._announced.state == "stopped" or found is not None or not self._runs() else "running"
            )
        self._announced = found
        return found.current_state

    def _proof_key(self) -> str:
        """Return the key of the endpoint now announced for this port, since it may have been restarted elsewhere."""
        found = announcement.announced_now(self._announced)
        if found is not None and (found.host, found.port) == (self._announced.host, self._announced.port):
            return found.proof_key
        return self._announced.proof_key

    def _runs(self) -> bool:
        return processes.runs(self._announced.pid, self._announced.pid_started)

    def serves(self, version: ModelVersion) -> bool:
        """Return whether this endpoint runs and answers with this version."""
        announced = self.announced
        return (
            self.board == version.board
            and announced.models.get(version.name) == version.version
            and announced.current_state == "running"
        )

    def to_json(self) -> dict[str, Any]:
        """Return the record for views: everything but the token."""
        announced = self.announced
        return {
            "name": self.name,
            "version": announced.version,
            "alias": self.alias,
            "board": self.board,
            "url": self.url,
            "host": announced.host,
            "port": self.port,
            "pid": self.pid,
            "state": self.state,
            "started": self.started.isoformat(),
            "notebook": self.notebook,
            "log": self.log_path,
            "workers": announced.workers,
            "models": dict(announced.models),
            "challengers": {name: dict(rival) for name, rival in announced.challengers.items()},
            "routes": sorted(announced.plan.get("routes", {})),
            "fast_path": announced.fast_path,
            "asks_for_token": self.token is not None,
        }
