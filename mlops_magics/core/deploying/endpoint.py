"""The handle of an endpoint: whoever holds it can ask, change and stop what answers, from any notebook of this user."""

from __future__ import annotations

import base64
import datetime as dt
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from mlops_magics.core.deploying import announcement, control, places, process, snippets
from mlops_magics.core.deploying.announcement import Announcement, State
from mlops_magics.core.deploying.client import AsyncClient, Client
from mlops_magics.core.deploying.plan import Plan
from mlops_magics.errors import EndpointError, InvalidInput

if TYPE_CHECKING:
    import numpy.typing as npt

    from mlops_magics.core.versioning import ModelVersion

Handler = TypeVar("Handler", bound=Callable[[Any, Any], Any])


class Endpoint:
    """A version that answers at a URL, in a process of its own.

    The facts are those of its announcement and are read again when asked for: what another notebook did to the endpoint
    is seen here.
    """

    def __init__(self, announced: Announcement) -> None:
        self._announced = announced
        self._client: Client | None = None

    def __repr__(self) -> str:
        return f"<Endpoint {self.name}@{self.version} {self.state} at {self.url}>"

    # Facts

    @property
    def announced(self) -> Announcement:
        """The announcement as it lies on disk now; the last one known when the endpoint was stopped."""
        found = announcement.read(places.announcement_of(self._announced.board, self._announced.name))
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
    def alias(self) -> str | None:
        """The alias by which it was asked for."""
        return self.announced.alias

    @property
    def board(self) -> str:
        """The board's URL, without credentials."""
        return self._announced.board

    @property
    def url(self) -> str:
        """Where it answers, without a trailing slash."""
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
        """The bearer token; ``None`` for an open endpoint."""
        return self._announced.token

    @property
    def started(self) -> dt.datetime:
        """When it started, in UTC."""
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
    def lane(self) -> str:
        """Which way to the model was taken, and why."""
        return self.announced.lane

    @property
    def state(self) -> State:
        """``running``, ``starting``, ``stopped`` or ``died``, as the machine tells it now."""
        found = announcement.read(places.announcement_of(self.board, self.name))
        if found is None or found.pid != self.pid:
            return (
                "stopped" if self._announced.state == "stopped" or found is not None or not self._runs() else "running"
            )
        self._announced = found
        return found.current_state

    def _runs(self) -> bool:
        return process.runs(self._announced.pid, self._announced.pid_started)

    def serves(self, version: ModelVersion) -> bool:
        """Tell whether this endpoint answers with that very version now."""
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
            "lane": announced.lane,
            "asks_for_token": self.token is not None,
        }

    # Asking

    @property
    def client(self) -> Client:
        """The connection to it; kept alive."""
        if self._client is None:
            self._client = Client(self.url, self.token)
        return self._client

    def predict(self, data: Any) -> npt.NDArray[Any]:
        """Return the model's predictions for rows, ``(n_samples,)`` or ``(n_samples, n_outputs)``.

        Raises
        ------
        DataMismatch
            When the rows do not fit the prototype; ``problems`` says where.
        EndpointError
            When the endpoint does not answer, or refuses.
        """
        return self.client.ask(data)

    def predict_proba(self, data: Any) -> npt.NDArray[Any]:
        """Return the probability of each class, ``(n_samples, n_classes)``."""
        return self.client.ask(data, "predict_proba")

    @property
    def asynchronous(self) -> AsyncClient:
        """The same questions, to be awaited: ``await endpoint.asynchronous.ask(rows)``."""
        return AsyncClient(self.client)

    def health(self) -> dict[str, Any]:
        """Return readiness, version, uptime, queue and counts."""
        told: dict[str, Any] = self.client.get("/health")
        return told

    def settle(self, *, seconds: float = 5.0) -> None:
        """Wait until what was answered is in the prediction log: it is written off the request's path."""
        limit = time.monotonic() + seconds
        while self.state == "running" and self.health()["log"]["waiting"] and time.monotonic() < limit:
            time.sleep(0.05)

    def curl(self) -> str:
        """Return a shell line that asks for the prototype's example."""
        return snippets.curl(self.url, self.token, self._examples())

    def python_snippet(self) -> str:
        """Return Python that asks for the prototype's example, with nothing of ours."""
        return snippets.python(self.url, self.token, self._examples())

    def _examples(self) -> list[dict[str, Any]]:
        properties = self.client.get("/prototype")["properties"]
        return [{name: told.get("example") for name, told in properties.items()}]

    # Changing

    def swap(self, version: ModelVersion | str, *, alias: str | None = None) -> Endpoint:
        """Answer with another version of the model from now on; no request fails, and the old one stays warm."""
        return self._command("swap", version=getattr(version, "version", version), alias=alias)

    def rollback(self) -> Endpoint:
        """Answer with the version before the last swap again, at once."""
        return self._command("swap")

    def canary(self, version: ModelVersion | str, share: float) -> Endpoint:
        """Let another version answer a share of the requests (0 to 1), the same one for the same ``X-Sticky-Key``."""
        if not 0 < share < 1:
            raise EndpointError(f"A canary's share lies between 0 and 1, not at {share!r}.")
        return self._command("canary", version=getattr(version, "version", version), share=share)

    def shadow(self, version: ModelVersion | str) -> Endpoint:
        """Let another version see every request and log its answers, while the current one answers."""
        return self._command("shadow", version=getattr(version, "version", version))

    def withdraw(self) -> Endpoint:
        """End a canary or a shadow."""
        return self._command("withdraw")

    def route(self, path: str) -> Callable[[Handler], Handler]:
        """Answer at a path of one's own with a function of the model and the request's JSON.

        Examples
        --------
        ``@endpoint.route("/mean")`` above ``def mean(model, rows): return {"mean": float(model.predict(rows).mean())}``
        """
        if not path.startswith("/") or path.rstrip("/") == "":
            raise InvalidInput(f"A path begins with a slash and a name follows, not {path!r}.")

        def register(function: Handler) -> Handler:
            import cloudpickle

            code = base64.b64encode(cloudpickle.dumps(function)).decode()
            self._command("route", path=path.rstrip("/"), function=code)
            return function

        return register

    def _command(self, do: str, **words: Any) -> Endpoint:
        announced = self.announced
        control.ask(announced.control_port, announced.control_key, {"do": do, "name": self.name, **words})
        return self

    def stop(self, *, seconds: float = 15.0) -> None:
        """Stop: what is being answered is finished first. An endpoint that has died is forgotten."""
        announced = self._announced
        if self._client is not None:
            self._client.close()
        if self._runs():
            self._ask_to_stop()
            if not process.wait_gone(announced.pid, announced.pid_started, seconds):
                process.kill(announced.pid, announced.pid_started)
                process.wait_gone(announced.pid, announced.pid_started, seconds)
        announcement.forget(announced.board, announced.name, pid=announced.pid)

    def _ask_to_stop(self) -> None:
        announced = self._announced
        try:
            control.ask(announced.control_port, announced.control_key, {"do": "stop"}, seconds=5.0)
        except EndpointError:
            process.terminate(announced.pid, announced.pid_started)

    def restart(self) -> Endpoint:
        """Stop, if it runs, and start again on the same port, with the version that answered last."""
        from mlops_magics.core.deploying.launch import start

        announced = self.announced
        plan = Plan.from_json({**announced.plan, "port": announced.port})
        self.stop()
        fresh = start(plan, patience=time.monotonic() + 5.0)
        self._announced, self._client = fresh._announced, None
        return self
