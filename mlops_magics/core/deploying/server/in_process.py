"""Predictions in this process exactly as by an endpoint: the same parsing, check, form, errors and types."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlops_magics.core.deploying.clients import request_files
from mlops_magics.core.deploying.clients.client import ModelClient, error_of
from mlops_magics.core.deploying.contract.http_messages import Request
from mlops_magics.core.deploying.contract.methods import METHODS
from mlops_magics.core.deploying.contract.model_options import ServingOptions
from mlops_magics.core.deploying.server.guard import Guard
from mlops_magics.core.deploying.server.service import Service
from mlops_magics.core.deploying.server.slots import SlotTable
from mlops_magics.core.deploying.serving.loaded_model import LoadedModel
from mlops_magics.errors import InvalidInput

if TYPE_CHECKING:
    from mlops_magics.core.versioning import ModelVersion


class InProcessClient(ModelClient):
    """Sends requests to a service without a server."""

    def __init__(self, loaded: LoadedModel) -> None:
        slots = SlotTable()
        slots.add(loaded)
        self._loaded = loaded
        self._service = Service(slots, Guard("127.0.0.1", None), loaded.limits)

    def send(
        self, verb: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> tuple[bytes, Mapping[str, str]]:
        """Answer one request (see `ModelClient.send`)."""
        given = {name.lower(): value for name, value in (headers or {}).items()}
        response = self._service.respond(Request(verb, path, "", given, body or b""))
        if response.status >= 400:
            raise error_of(response.status, response.body)
        return response.body, {"content-type": response.content_type, **{k.lower(): v for k, v in response.headers}}

    def prototype(self, model: str | None = None) -> dict[str, Any]:
        """Return the JSON schema of one row."""
        return self._loaded.layout.prototype.json_schema()


def client(version: ModelVersion, model: Any) -> InProcessClient:
    """Return a client of a model in this process. It takes no fast path, since it answers few requests."""
    return InProcessClient(LoadedModel(version, model, ServingOptions(exact=True), timed=False))


def predict(version: ModelVersion, model: Any, data: Any, method: str = "predict") -> Any:
    """Return the model's values, one (or one row) for each row of ``data``, in order.

    A version without a prototype has nothing to check against: its model gets the data as they are.

    Parameters
    ----------
    version
        The record of the version, with its prototype.
    model
        The fitted model.
    data
        Rows in any form that `ModelClient.predict` takes.
    method
        The model's method.

    Raises
    ------
    DataMismatch
        For data that do not fit the prototype. It names column, expected and got.
    InvalidInput
        When the model has no such method.
    """
    if version.prototype is None:
        if isinstance(data, Path) or (request_files.may_be_path(data) and Path(data).is_file()):
            data = request_files.frame(Path(data))
        if not callable(getattr(model, method, None)):
            raise InvalidInput(f"{version.ref} has no method {method!r}: it is a {type(model).__name__}.")
        return getattr(model, method)(data)
    return client(version, model).predict(data, method)


class ModelOfRows:
    """A model whose methods take rows in any form, and hand the model the form of its training input.

    Parameters
    ----------
    version
        The record of the version. Without a prototype the model gets the rows as they are.
    model
        The fitted model, whose other attributes are read through.
    """

    def __init__(self, version: ModelVersion, model: Any) -> None:
        self._version, self._model = version, model

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._model, name)
        if name not in METHODS or not callable(value):
            return value
        return lambda data: predict(self._version, self._model, data, name)
