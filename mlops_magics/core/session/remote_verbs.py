"""The verbs that hand over a model without its environment: an estimator that calls an endpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlops_magics.core.session.deploying_verbs import DeployingVerbs
from mlops_magics.errors import EndpointError, MissingDependency

if TYPE_CHECKING:
    from mlops_magics.core.deploying.endpoints.remote_model import RemoteModel


class RemoteVerbs(DeployingVerbs):
    """The part of a session that calls endpoints as if they were fitted estimators."""

    def remote(self, ref: str, *, token: str | None = None) -> RemoteModel:
        """Return a fitted estimator that calls an endpoint, without the model's library or its file.

        Parameters
        ----------
        ref
            A model that an endpoint of this machine serves, or the URL of any endpoint.
        token
            The bearer token of a URL. Endpoints of this machine are found with theirs.

        Raises
        ------
        EndpointError
            No endpoint serves the model.
        """
        from mlops_magics.core.deploying.endpoints.remote_model import RemoteModel

        if ref.startswith(("http://", "https://")):
            return RemoteModel(ref, token)
        _, version = self._locate(ref)
        for endpoint in self.endpoints_running():
            if endpoint.serves(version):
                model = None if version.name == endpoint.name else version.name
                return RemoteModel.through(endpoint.client, endpoint.url, endpoint.token, model)
        raise EndpointError(
            f"No endpoint of this machine serves {version.ref}. `%deploy {version.ref}` starts one. An endpoint "
            "elsewhere is `session.remote('https://…', token=…)`."
        )

    def usable(self, ref: str) -> Any:
        """Return the fitted model, or where its library is not installed, an estimator that calls its endpoint.

        Raises
        ------
        EndpointError
            The library is not installed, and no endpoint serves the model.
        """
        try:
            return self.load(ref)
        except (MissingDependency, ImportError) as lacking:
            try:
                return self.remote(ref)
            except EndpointError as none:
                raise EndpointError(f"{lacking} {none}") from lacking
