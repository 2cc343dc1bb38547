"""The handle of an endpoint, which predicts, swaps and stops from any notebook of this user."""

from __future__ import annotations

import base64
import functools
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from mlops_magics.core import user_warnings
from mlops_magics.core.deploying.clients import snippets
from mlops_magics.core.deploying.clients.async_client import AsyncClient
from mlops_magics.core.deploying.clients.client import Client
from mlops_magics.core.deploying.contract.methods import METHODS
from mlops_magics.core.deploying.endpoints import (
    announcement,
    control_channel,
    private_boards,
    processes,
    version_choice,
)
from mlops_magics.core.deploying.endpoints.announcement import Announcement
from mlops_magics.core.deploying.endpoints.endpoint_info import EndpointInfo
from mlops_magics.core.deploying.endpoints.plan import Plan
from mlops_magics.core.deploying.endpoints.starting import start
from mlops_magics.core.recipe_guard import guard_methods
from mlops_magics.errors import EndpointError, InvalidInput

if TYPE_CHECKING:
    from mlops_magics.core.versioning import ModelVersion
    from mlops_magics.core.wire.endpoint_records import FormAnswer

TALLY_SECONDS = 0.5
"""After this time every worker knows the counters of the others."""
LARGEST_ROUTE = 4 << 20
"""Bytes of a pickled function, which is stored in the announcement, a file that is read often."""
PORT_PATIENCE = 5.0
"""Seconds until a restart gives up on the port that the stopped processes held."""
Handler = TypeVar("Handler", bound=Callable[[Any, Any], Any])


READS = frozenset(
    {"answer", "health", "predict", "predict_proba", "serves", "settle", "snippet", "snippets", "to_json"}
)
"""The methods of an endpoint that a recipe may call. In a retraining, every other one does nothing."""


@guard_methods(reads=READS)
class Endpoint(EndpointInfo):
    """A version that answers at a URL, in a process of its own."""

    def __init__(self, announced: Announcement) -> None:
        super().__init__(announced)
        self._client: Client | None = None

    # Predictions

    @property
    def client(self) -> Client:
        """The HTTP client, which keeps its connection alive."""
        if self._client is None:
            self._client = self._new_client()
        return self._client

    def predict(self, data: Any, *, model: str | None = None) -> Any:
        """Return the model's predictions for rows, ``(n_samples,)`` or ``(n_samples, n_outputs)``.

        Parameters
        ----------
        data
            Rows in any form that `Client.predict` takes.
        model
            The model's name, where several are behind this endpoint, by default the one that it is named after.

        Raises
        ------
        DataMismatch
            When the rows do not fit the prototype. ``problems`` has the places.
        EndpointError
            When the endpoint does not answer, or refuses.
        """
        return self.client.predict(data, model=model)

    def predict_proba(self, data: Any, *, model: str | None = None) -> Any:
        """Return the probability of each class, ``(n_samples, n_classes)``."""
        return self.client.predict(data, "predict_proba", model=model)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """Return the call of another method of the model: ``endpoint.transform(rows)`` (see `METHODS`)."""
        if name not in METHODS:
            raise AttributeError(f"{type(self).__name__} has no attribute {name!r}.")
        return functools.partial(self.client.predict, method=name)

    def __dir__(self) -> list[str]:
        """Return the names of all attributes, those of the model's methods included."""
        return sorted({*super().__dir__(), *METHODS})

    def answer(self, row: Mapping[str, Any], *, seconds: float = 30.0) -> FormAnswer:
        """Return the answer to one row as a form shows it: prediction, probabilities, version and latency.

        Parameters
        ----------
        seconds
            The longest wait for an answer.
        """
        from mlops_magics.core.deploying.clients import form_answer

        return form_answer.ask(self._new_client(seconds=seconds), row)

    @property
    def asynchronous(self) -> AsyncClient:
        """The same calls to be awaited: ``await endpoint.asynchronous.predict(rows)`` (see `AsyncClient`)."""
        return AsyncClient(self.url, self.token, key=self._proof_key)

    def health(self, *, seconds: float | None = None) -> dict[str, Any]:
        """Return readiness, version, uptime, queue and counts.

        Parameters
        ----------
        seconds
            After which an endpoint counts as not answering, by default as for predictions.
        """
        if seconds is None:
            told: dict[str, Any] = self.client.get("/health")
            return told
        hurried = self._new_client(seconds=seconds)
        try:
            told = hurried.get("/health")
        finally:
            hurried.close()
        return told

    def snippets(self, rows: Sequence[dict[str, Any]]) -> dict[str, str]:
        """Return code to paste that predicts these rows, by language, without the token."""
        return {
            language: write(self.name, self.url, self.token, rows) for language, write in snippets.BY_LANGUAGE.items()
        }

    def settle(self, *, seconds: float = 5.0) -> None:
        """Wait until every response is in the prediction log, which is written in the background."""
        now = time.monotonic()
        known = now + (TALLY_SECONDS if self.announced.workers > 1 else 0.0)
        while self.state == "running" and time.monotonic() < now + seconds:
            if not self.health()["log"]["waiting"] and time.monotonic() >= known:
                return
            time.sleep(0.05)

    def snippet(self, language: str = "python") -> str:
        """Return code to paste that predicts the prototype's example, without a token and without a package of ours.

        Parameters
        ----------
        language
            ``curl``, ``python``, ``r`` or ``javascript``.

        Raises
        ------
        InvalidInput
        """
        if language not in snippets.BY_LANGUAGE:
            raise InvalidInput(f"No snippet in {language!r}. Known: {', '.join(snippets.BY_LANGUAGE)}.")
        properties = self.client.get("/prototype")["properties"]
        rows = [{name: entry.get("example") for name, entry in properties.items()}]
        return snippets.BY_LANGUAGE[language](self.name, self.url, self.token, rows)

    def _new_client(self, **options: Any) -> Client:
        return Client(self.url, self.token, key=self._proof_key, **options)

    # Changing

    def swap(self, version: ModelVersion | str, *, alias: str | None = None) -> Endpoint:
        """Answer with another version from now on. No request fails, and the previous version stays in memory.

        Parameters
        ----------
        version
            A `ModelVersion`, a reference such as ``penguins@champion``, or a selector of the endpoint's own model: a
            version or an alias, with or without ``@``.
        alias
            The alias to show, by default the one that ``version`` names.

        Raises
        ------
        NotFound, Ambiguous
            When the board has no such version, or several.
        EndpointError
            When the version cannot be loaded. The current one goes on.
        """
        return self._change_version("swap", version, alias=alias)

    def rollback(self, *, model: str | None = None) -> Endpoint:
        """Answer with the version before the last swap again."""
        return self._command("swap", name=model or self.name)

    def canary(self, version: ModelVersion | str, share: float) -> Endpoint:
        """Let another version answer a share (0 to 1) of the requests, chosen by ``X-Sticky-Key`` if there is one.

        Raises
        ------
        InvalidInput
        """
        if not 0 < share < 1:
            meant = share if 1 < share < 100 else 10
            raise InvalidInput(
                f"{share!r} is not a valid share of a canary, which is above 0 and below 1. "
                f"Write `--canary {meant:g}%`, or in Python `canary={meant / 100:g}`."
            )
        return self._change_version("canary", version, share=share)

    def shadow(self, version: ModelVersion | str) -> Endpoint:
        """Let another version predict every request into the log, while the current one answers."""
        return self._change_version("shadow", version)

    def withdraw(self, *, model: str | None = None) -> Endpoint:
        """End a canary or a shadow."""
        return self._command("withdraw", name=model or self.name)

    def _change_version(self, do: str, version: ModelVersion | str, **arguments: Any) -> Endpoint:
        choice = version_choice.resolve(version, self.board, [self.name, *self.models])
        private_boards.materialise(self.board, choice.name, choice.version)
        if "alias" in arguments:
            arguments["alias"] = arguments["alias"] or choice.alias
        return self._command(do, name=choice.name, version=choice.version, **arguments)

    def route(self, path: str) -> Callable[[Handler], Handler]:
        """Answer at an own path with a function of the model and the request's JSON.

        Below ``/NAME/`` the function gets the model of that name, where several are behind this endpoint. It is sent
        with the notebook's objects that it uses, and stays until the endpoint is stopped, also across a restart.

        Raises
        ------
        InvalidInput

        Examples
        --------
        ``@endpoint.route("/mean")`` above ``def mean(model, rows): return {"mean": float(model.predict(rows).mean())}``
        """
        if not path.startswith("/") or path.rstrip("/") == "":
            raise InvalidInput(f"A path is a slash and a name, such as '/mean', not {path!r}.")

        def register(function: Handler) -> Handler:
            import cloudpickle

            pickled = cloudpickle.dumps(function)
            if len(pickled) > LARGEST_ROUTE:
                name = getattr(function, "__name__", "The function")
                raise InvalidInput(
                    f"{name} takes {len(pickled):,} bytes of the notebook with it. The limit is {LARGEST_ROUTE:,}. "
                    "Read large data from a file inside the function."
                )
            self._command("route", path=path.rstrip("/"), function=base64.b64encode(pickled).decode())
            return function

        return register

    def _command(self, do: str, **arguments: Any) -> Endpoint:
        announced = self.announced
        if processes.is_suspended(announced.pid, announced.pid_started):
            raise EndpointError(
                f"The endpoint of {self.name!r} is suspended and cannot {do}. `kill -CONT {announced.pid}` lets it go "
                f"on; `%stop {self.name}` ends it."
            )
        # whoever listens on the port of a dead supervisor is not waited for
        if not self._runs():
            raise EndpointError(
                f"The endpoint of {self.name!r} has died and cannot {do}. `%deploy {self.name}` starts it."
            )
        control_channel.send_command(announced.control_port, announced.control_key, {"do": do, **arguments})
        return self

    def stop(self, *, seconds: float = 15.0) -> None:
        """Stop when the requests in progress are answered. Of an endpoint that died, remove the announcement."""
        self._end(seconds)
        announcement.forget(self.board, self.name, pid=self._announced.pid)
        for name in self._announced.models:
            private_boards.discard(self.board, name)

    def _end(self, seconds: float = 15.0) -> None:
        announced = self._announced
        if self._client is not None:
            self._client.close()
        if self._runs():
            if not processes.is_suspended(announced.pid, announced.pid_started):
                self._ask_to_stop()
            if not processes.wait_gone(announced.pid, announced.pid_started, seconds):
                if processes.is_suspended(announced.pid, announced.pid_started):
                    user_warnings.warn(
                        f"{self.name} was suspended (process {announced.pid}) and could not finish its requests."
                    )
                processes.kill(announced.pid, announced.pid_started)
                processes.wait_gone(announced.pid, announced.pid_started, seconds)

    def _ask_to_stop(self) -> None:
        announced = self._announced
        try:
            control_channel.send_command(announced.control_port, announced.control_key, {"do": "stop"}, seconds=5.0)
        except EndpointError:
            processes.terminate(announced.pid, announced.pid_started)

    def restart(self) -> Endpoint:
        """Stop, if it runs, and start again on the same port, with the same versions, challengers and own routes.

        It runs in the environment in which it was deployed, even if called from another one. What cannot be resumed (a
        version that was deleted, a function whose package is gone) is named in a warning.

        Raises
        ------
        EndpointError
            When that environment is gone, and the running endpoint goes on, or when another process took the port.
        """
        announced = self.announced
        plan = Plan.from_json({**announced.plan, "port": announced.port})
        if not Path(announced.python).is_file():
            raise EndpointError(
                f"The endpoint of {self.name!r} was started with {announced.python}, which is gone. "
                f"Start it from an environment that has the model's packages: `%deploy {self.name}`."
            )
        self._end()
        self._announced = start(
            plan,
            patience=time.monotonic() + PORT_PATIENCE,
            other_port=f"`%deploy {self.name}@{announced.alias or announced.version}` starts it on a free one.",
            python=announced.python,
        )
        self._client = None
        lost = [*(plan.routes.keys() - set(self.routes)), *(plan.challengers.keys() - self.challengers.keys())]
        if lost:
            user_warnings.warn(f"{', '.join(sorted(lost))} could not be resumed. For the reason see {announced.log}.")
        return self
