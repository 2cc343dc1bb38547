"""The handle of an endpoint: whoever holds it can ask, change and stop what answers, from any notebook of this user."""

from __future__ import annotations

import base64
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from mlops_magics.core.deploying.clients import snippets
from mlops_magics.core.deploying.clients.async_client import AsyncClient
from mlops_magics.core.deploying.clients.client import Client
from mlops_magics.core.deploying.endpoints import announcement, control_channel, private_boards, processes
from mlops_magics.core.deploying.endpoints.announcement import Announcement
from mlops_magics.core.deploying.endpoints.endpoint_info import AnnouncedEndpoint
from mlops_magics.core.deploying.endpoints.plan import Plan
from mlops_magics.errors import EndpointError, InvalidInput

if TYPE_CHECKING:
    from mlops_magics.core.versioning import ModelVersion

TALLY_SECONDS = 0.5
"""After which every worker knows what the others counted."""
LARGEST_ROUTE = 4 << 20
"""Bytes of a function that is sent; they are kept in the endpoint's announcement, which is read often."""
Handler = TypeVar("Handler", bound=Callable[[Any, Any], Any])


class Endpoint(AnnouncedEndpoint):
    """A version that answers at a URL, in a process of its own."""

    def __init__(self, announced: Announcement) -> None:
        super().__init__(announced)
        self._client: Client | None = None

    # Asking

    @property
    def client(self) -> Client:
        """The connection to it; kept alive."""
        if self._client is None:
            self._client = Client(self.url, self.token)
        return self._client

    def predict(self, data: Any, *, model: str | None = None) -> Any:
        """Return the model's predictions for rows, ``(n_samples,)`` or ``(n_samples, n_outputs)``.

        Parameters
        ----------
        data
            Rows in any form that `Client.ask` takes.
        model
            Which one, where several are behind this endpoint; the one that gave it its name by default.

        Raises
        ------
        DataMismatch
            When the rows do not fit the prototype; ``problems`` says where.
        EndpointError
            When the endpoint does not answer, or refuses.
        """
        return self.client.ask(data, model=model)

    def predict_proba(self, data: Any, *, model: str | None = None) -> Any:
        """Return the probability of each class, ``(n_samples, n_classes)``."""
        return self.client.ask(data, "predict_proba", model=model)

    @property
    def asynchronous(self) -> AsyncClient:
        """The same questions, to be awaited: ``await endpoint.asynchronous.predict(rows)``; see `AsyncClient`."""
        return AsyncClient(self.url, self.token)

    def health(self) -> dict[str, Any]:
        """Return readiness, version, uptime, queue and counts."""
        told: dict[str, Any] = self.client.get("/health")
        return told

    def settle(self, *, seconds: float = 5.0) -> None:
        """Wait until what was answered is in the prediction log: it is written off the request's path."""
        now = time.monotonic()
        known = now + (TALLY_SECONDS if self.announced.workers > 1 else 0.0)
        while self.state == "running" and time.monotonic() < now + seconds:
            if not self.health()["log"]["waiting"] and time.monotonic() >= known:
                return
            time.sleep(0.05)

    def snippet(self, language: str = "python") -> str:
        """Return lines to paste that ask for the prototype's example, with nothing of ours and without the token.

        Parameters
        ----------
        language
            ``curl``, ``python``, ``r`` or ``javascript``.
        """
        if language not in snippets.BY_LANGUAGE:
            raise InvalidInput(f"No snippet in {language!r}. Known: {', '.join(snippets.BY_LANGUAGE)}.")
        properties = self.client.get("/prototype")["properties"]
        rows = [{name: told.get("example") for name, told in properties.items()}]
        return snippets.BY_LANGUAGE[language](self.url, self.token, rows)

    # Changing

    def swap(self, version: ModelVersion | str, *, alias: str | None = None) -> Endpoint:
        """Answer with another version of the model from now on; no request fails, and the old one stays warm.

        Parameters
        ----------
        version
            A record names its model too; a mere version is one of the model that gave the endpoint its name.
        """
        return self._try("swap", version, alias=alias)

    def rollback(self, *, model: str | None = None) -> Endpoint:
        """Answer with the version before the last swap again, at once."""
        return self._command("swap", name=model or self.name)

    def canary(self, version: ModelVersion | str, share: float) -> Endpoint:
        """Let another version answer a share of the requests (0 to 1), the same one for the same ``X-Sticky-Key``."""
        if not 0 < share < 1:
            raise InvalidInput(f"A canary's share lies between 0 and 1 (0 % and 100 %), not at {share!r}.")
        return self._try("canary", version, share=share)

    def shadow(self, version: ModelVersion | str) -> Endpoint:
        """Let another version see every request and log its answers, while the current one answers."""
        return self._try("shadow", version)

    def withdraw(self, *, model: str | None = None) -> Endpoint:
        """End a canary or a shadow."""
        return self._command("withdraw", name=model or self.name)

    def _try(self, do: str, version: ModelVersion | str, **words: Any) -> Endpoint:
        name, number = getattr(version, "name", self.name), getattr(version, "version", version)
        private_boards.ship(self.board, name, str(number))
        return self._command(do, name=name, version=number, **words)

    def route(self, path: str) -> Callable[[Handler], Handler]:
        """Answer at a path of one's own with a function of the model and the request's JSON.

        Below ``/NAME/`` it gets the model of that name, where several are behind this endpoint. The function is sent
        with what it names of the notebook, and stays until the endpoint is stopped: a restart brings it back.

        Examples
        --------
        ``@endpoint.route("/mean")`` above ``def mean(model, rows): return {"mean": float(model.predict(rows).mean())}``
        """
        if not path.startswith("/") or path.rstrip("/") == "":
            raise InvalidInput(f"A path begins with a slash and a name follows, not {path!r}.")

        def register(function: Handler) -> Handler:
            import cloudpickle

            pickled = cloudpickle.dumps(function)
            if len(pickled) > LARGEST_ROUTE:
                name = getattr(function, "__name__", "The function")
                raise InvalidInput(
                    f"{name} takes {len(pickled):,} bytes of the notebook with it, more than {LARGEST_ROUTE:,}. "
                    "Read large data from a file inside the function."
                )
            self._command("route", path=path.rstrip("/"), function=base64.b64encode(pickled).decode())
            return function

        return register

    def _command(self, do: str, **words: Any) -> Endpoint:
        announced = self.announced
        control_channel.ask(announced.control_port, announced.control_key, {"do": do, **words})
        return self

    def stop(self, *, seconds: float = 15.0) -> None:
        """Stop: what is being answered is finished first. An endpoint that has died is forgotten."""
        self._end(seconds)
        for name in self._announced.models:
            private_boards.discard(self.board, name)

    def _end(self, seconds: float = 15.0) -> None:
        announced = self._announced
        if self._client is not None:
            self._client.close()
        if self._runs():
            self._ask_to_stop()
            if not processes.wait_gone(announced.pid, announced.pid_started, seconds):
                processes.kill(announced.pid, announced.pid_started)
                processes.wait_gone(announced.pid, announced.pid_started, seconds)
        announcement.forget(announced.board, announced.name, pid=announced.pid)

    def _ask_to_stop(self) -> None:
        announced = self._announced
        try:
            control_channel.ask(announced.control_port, announced.control_key, {"do": "stop"}, seconds=5.0)
        except EndpointError:
            processes.terminate(announced.pid, announced.pid_started)

    def restart(self) -> Endpoint:
        """Stop, if it runs, and start again on the same port: with what answered last, was tried out, and had a route.

        Whoever asks for it, Jupyter's server included: it runs in the environment in which it was deployed. What cannot
        be taken up again (a version that is deleted, a function whose package is gone) is named in a warning.

        Raises
        ------
        EndpointError
            When that environment is gone; what runs goes on.
        """
        from mlops_magics.core.deploying.endpoints.launch import start

        announced = self.announced
        plan = Plan.from_json({**announced.plan, "port": announced.port})
        if not Path(announced.python).is_file():
            raise EndpointError(
                f"The endpoint of {self.name!r} was started with {announced.python}, which is gone. "
                f"Start it from an environment that has the model's packages: `%deploy {self.name}`."
            )
        self._end()
        fresh = start(plan, patience=time.monotonic() + 5.0, python=announced.python)
        self._announced, self._client = fresh._announced, None
        lost = [*(plan.routes.keys() - set(self.routes)), *(plan.challengers.keys() - self.challengers.keys())]
        if lost:
            told = f"{', '.join(sorted(lost))} could not be taken up again; {announced.log} says why."
            warnings.warn(told, stacklevel=2)
        return self
