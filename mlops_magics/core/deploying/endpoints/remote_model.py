"""A fitted model behind an endpoint, whose token is found again where the endpoint is one of this user's."""

from __future__ import annotations

from mlops_magics.core.deploying.clients.client import Client
from mlops_magics.core.deploying.clients.endpoint_model import EndpointModel


class RemoteModel(EndpointModel):
    """A model behind an endpoint. A pickle of it has no token: another process of this user finds the endpoint again.

    joblib sends estimators to its processes as pickles.
    """

    @property
    def _client(self) -> Client:
        if self.token is None and "_opened" not in self.__dict__:
            from mlops_magics.core.deploying.endpoints.launch import running

            found = next((each for each in running() if each.url == self.url.rstrip("/")), None)
            if found is not None:
                self.__dict__["_opened"] = found.client
        return super()._client
