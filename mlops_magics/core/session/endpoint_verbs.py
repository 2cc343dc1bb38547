"""The verbs of running endpoints: list, find, stop, swap, try out, and their requests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mlops_magics.core import progress
from mlops_magics.core.session.elsewhere_verbs import ElsewhereVerbs
from mlops_magics.core.versioning import ModelRef
from mlops_magics.core.versioning.names import CHAMPION, TRIED_OUT
from mlops_magics.errors import NotFound

if TYPE_CHECKING:
    from mlops_magics.core.deploying import Endpoint
    from mlops_magics.core.deploying.endpoints.endpoint_table import EndpointTable
    from mlops_magics.core.deploying.prediction_log import Tail
    from mlops_magics.core.versioning import AliasMove
    from mlops_magics.core.wire.endpoint_records import FormAnswer
    from mlops_magics.core.wire.panel_records import Traffic


class EndpointVerbs(ElsewhereVerbs):
    """The part of a session that works with endpoints that run."""

    def __init__(self, board: Any = None, *, config: Mapping[str, Any] | None = None) -> None:
        self._tails: dict[tuple[str, str], Tail] = {}
        super().__init__(board, config=config)

    def endpoints(self) -> EndpointTable:
        """List every endpoint of this user that runs, or died and was not stopped, then deployments elsewhere."""
        from mlops_magics.core.deploying.endpoints.endpoint_table import EndpointTable

        return EndpointTable.of(self.endpoints_running(), [each.to_row() for each in self.deployments()])

    def endpoints_running(self) -> list[Endpoint]:
        """Return a handle for each announced endpoint, whichever notebook started it."""
        from mlops_magics.core import deploying

        return deploying.running()

    def endpoint(self, name: str) -> Endpoint:
        """Return the handle of the endpoint that serves this model, or with ``board:`` before it, of that board's.

        Raises
        ------
        NotFound
        """
        ref = ModelRef.parse(name)
        known, wanted = self.endpoints_running(), str(ref.name)
        if ref.board is not None:
            url = self._board_named(ref.board).url
            known = [each for each in known if each.board == url]
        found = next((endpoint for endpoint in known if endpoint.name == wanted), None)
        if found is None:
            before = next((endpoint.name for endpoint in known if wanted in endpoint.models), None)
            hint = f"Start one with `%deploy {wanted}`."
            if before is not None:
                hint = f"{wanted} is served by the endpoint of {before}: `%stop {before}` ends both."
            raise NotFound("endpoint", wanted, sorted({e.name for e in known}), hint=hint)
        return found

    def stop(self, name: str) -> Endpoint:
        """Stop the endpoint of this model after its open requests are finished.

        Raises
        ------
        NotFound
            When no endpoint serves it.
        """
        endpoint = self.endpoint(name)
        progress.report("stopping the endpoint after its open requests")
        endpoint.stop()
        return endpoint

    def restart(self, name: str) -> Endpoint:
        """Start the endpoint of this model again, on the same port and with the same options.

        Raises
        ------
        NotFound
            When none was announced.
        EndpointError
            When it does not start.
        """
        return self.endpoint(name).restart()

    def swap(self, name: str, version: str) -> Endpoint:
        """Let the endpoint of this model answer with another version, without a failed request.

        Raises
        ------
        NotFound
            When the board has no such version, or no endpoint serves the model.
        EndpointError
            When the version cannot be loaded. The current one goes on.
        """
        board, wanted = self._locate(f"{name}@{version}")
        return self.endpoint(self.labelled(wanted.name, board.url)).swap(wanted)

    def adopt(self, name: str, alias: str = CHAMPION, *, force: bool = False) -> AliasMove:
        """Let the version that is tried out at this model's endpoint answer alone, and promote it to the alias.

        A protected alias needs ``force``.

        Raises
        ------
        NotFound
            When no version is tried out there.
        """
        endpoint = self.endpoint(name)
        tried = endpoint.challengers.get(endpoint.name)
        if tried is None:
            hint = f"Try one out with `%deploy {endpoint.name}@VERSION --canary 0.1`."
            raise NotFound("version that is tried out at", endpoint.name, hint=hint)
        ref = self.labelled(f"{endpoint.name}@{tried.version}", endpoint.board)
        board, version = self._locate(ref)
        move = board.promote(version.ref, to=alias, note=f"{TRIED_OUT} as a {tried.mode}", force=force)
        endpoint.swap(version, alias=alias)
        if endpoint.challengers:
            endpoint.withdraw()
        return move

    def end_trial(self, name: str) -> Endpoint:
        """End the canary or the shadow at this model's endpoint.

        Raises
        ------
        NotFound
            When no endpoint serves the model.
        """
        return self.endpoint(name).withdraw()

    def answer(self, name: str, row: Mapping[str, Any]) -> FormAnswer:
        """Send one row, a value for each feature, and return the answer with probabilities and version.

        Raises
        ------
        NotFound
            When no endpoint serves the model.
        DataMismatch
            When the row does not fit the prototype. ``problems`` has the places.
        EndpointError
            When the endpoint does not answer, or refuses.
        """
        return self.endpoint(name).answer(row)

    def requests(self, name: str) -> list[dict[str, Any]]:
        """Return the last requests to a model's endpoint, newest first. The log is followed from call to call."""
        from mlops_magics.core.deploying.prediction_log import Tail

        ref = ModelRef.parse(name)
        place = (self._board_named(ref.board).url, str(ref.name))
        return self._tails.setdefault(place, Tail(*place)).rows()

    def traffic(self, name: str) -> Traffic:
        """Return the number of requests that each version of a model answered over time."""
        from mlops_magics.core.deploying.prediction_log.traffic import traffic

        board, version = self._locate(name)
        return traffic(version.name, board=board.url)
