"""An endpoint without a server of its own: a WSGI application, and a handler of the events of AWS Lambda.

Posit Connect and Lambda run a server themselves, and call this module: the same checks, answers and errors as an
endpoint's, alone in this process and without a prediction log.
"""

from __future__ import annotations

import base64
import functools
import re
import urllib.parse
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from mlops_magics.core.deploying.contract.http_error import HttpError
from mlops_magics.core.deploying.contract.http_messages import Request, Response, error_response
from mlops_magics.core.deploying.contract.limits import Limits
from mlops_magics.core.deploying.contract.model_options import Extras, ServingOptions
from mlops_magics.core.deploying.endpoints.planning import check_servable
from mlops_magics.core.deploying.server.alias_follower import AliasFollower
from mlops_magics.core.deploying.server.guard import ANY_HOST, Guard
from mlops_magics.core.deploying.server.service import Service
from mlops_magics.core.deploying.server.slots import SlotTable
from mlops_magics.core.deploying.server.web import wsgi
from mlops_magics.core.deploying.serving.loaded_model import LoadedModel

if TYPE_CHECKING:
    from flask import Flask

    from mlops_magics.core.versioning import ModelVersion

LAMBDA_BYTES = 6_000_000
"""Of an answer of Lambda."""
_TEXT = re.compile(r"(text/|application/(json|problem\+json|x-ndjson|xml|javascript))")


class EmbeddedEndpoint:
    """A version that answers in this process: call it as WSGI, or give its `lambda_handler` to Lambda.

    Parameters
    ----------
    version
        The record of the version, with its prototype.
    model
        The fitted model.
    token
        The bearer token of clients, None where the platform checks its clients.
    """

    def __init__(
        self,
        version: ModelVersion,
        model: Any,
        *,
        token: str | None = None,
        limits: Limits | None = None,
        extras: Extras = "ignore",
    ) -> None:
        self._options, self._limits = ServingOptions(extras=extras), limits or Limits()
        slots = SlotTable()
        loaded = self._loaded(version, model)
        self._slot = slots.add(loaded)
        self.follower: AliasFollower | None = None
        self._guard = Guard("0.0.0.0", token, (ANY_HOST,))  # noqa: S104, the platform listens
        self._service = Service(slots, self._guard, loaded.limits)

    @property
    def version(self) -> ModelVersion:
        """The version that answers."""
        return self._slot.current.version

    def swap(self, version: ModelVersion, model: Any) -> None:
        """Answer with another version from the next request on.

        Raises
        ------
        InvalidInput
            For a version that endpoints cannot answer with.
        """
        check_servable(version)
        self._slot.swap(self._loaded(version, model))
        # nothing is rolled back here, and the old model would stay in memory
        self._slot.previous = None

    def follow(
        self, wanted: Callable[[], str], load: Callable[[str], tuple[ModelVersion, Any]], seconds: float
    ) -> None:
        """Move to the version that an alias means, whenever that changes. One that fails is left out.

        Parameters
        ----------
        wanted
            Returns the version that the alias means now.
        load
            Returns a version and its model, verified.
        seconds
            Between two looks.
        """
        self.follower = AliasFollower(
            wanted, lambda: self.version.version, lambda version: self.swap(*load(version)), seconds
        )
        self.follower.start()

    def _loaded(self, version: ModelVersion, model: Any) -> LoadedModel:
        return LoadedModel(version, model, self._options, self._limits)

    @functools.cached_property
    def _app(self) -> Flask:
        from mlops_magics.core.deploying.server.web.application import create_app

        return create_app(self._service)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer a request of a WSGI server."""
        # the mark is the HTTP server's alone: behind a foreign server no header was checked
        environ.pop(wsgi.ADMITTED, None)
        answered: Iterable[bytes] = self._app.wsgi_app(environ, start_response)
        return answered

    def respond(self, request: Request) -> Response:
        """Answer one request."""
        if len(request.body) > self._service.limits.body_bytes:
            return error_response(HttpError(413, f"A request has at most {self._service.limits.body_bytes} bytes."))
        refusal = self._guard.refusal(request.path, request.headers)
        if refusal is not None:
            return error_response(refusal)
        if request.method == "POST" and self._service.route(request.path) is not None:
            return self._service.respond(request)
        return wsgi.call(self._app, request)

    def lambda_handler(self, event: Mapping[str, Any], context: Any = None) -> dict[str, Any]:
        """Answer an event of a function URL, of an API Gateway (both versions) or of a load balancer."""
        try:
            request = request_of(event)
        except HttpError as error:
            return _lambda_answer(error_response(error))
        return _lambda_answer(self.respond(request))


def request_of(event: Mapping[str, Any]) -> Request:
    """Return the request of an event.

    Raises
    ------
    HttpError
        For an event of another service, and a body that is not base64 where the event declares it.
    """
    context = event.get("requestContext") or {}
    headers = {str(name).lower(): str(value) for name, value in (event.get("headers") or {}).items()}
    if "http" in context:  # version 2: function URLs and HTTP APIs
        method, path = context["http"].get("method", ""), event.get("rawPath") or "/"
        stage = context.get("stage", "$default")
        if stage != "$default" and (path == f"/{stage}" or path.startswith(f"/{stage}/")):
            # the path of an HTTP API begins with its stage, unless that is the default one
            path = path[len(stage) + 1 :] or "/"
        query = event.get("rawQueryString") or ""
        # version 2 gives the path as it was sent, version 1 decodes it
        path = urllib.parse.unquote(path)
    elif "httpMethod" in event:  # version 1: REST APIs and load balancers
        method, path = event["httpMethod"], event.get("path") or "/"
        given = event.get("multiValueQueryStringParameters") or event.get("queryStringParameters") or {}
        query = urllib.parse.urlencode(given, doseq=True)
        several = event.get("multiValueHeaders") or {}
        # RFC 9110, section 5.3: several lines of a header are one list
        headers |= {str(name).lower(): ",".join(map(str, values)) for name, values in several.items()}
    else:
        raise HttpError(400, "This event has no HTTP request: call the function by its URL or by an API Gateway.")
    return Request(str(method), str(path), str(query), headers, _body(event))


def _body(event: Mapping[str, Any]) -> bytes:
    body = event.get("body") or ""
    if not event.get("isBase64Encoded"):
        return str(body).encode("utf-8", "surrogateescape")
    try:
        # without validate, characters outside the alphabet are dropped silently
        return base64.b64decode(body, validate=True)
    except (ValueError, TypeError) as error:
        raise HttpError(400, "The body of the event is not base64, though the event declares it.") from error


def _lambda_answer(response: Response) -> dict[str, Any]:
    """Return a response as Lambda wants it: text as text, and everything else in base64."""
    headers = {"content-type": response.content_type, **{name.lower(): value for name, value in response.headers}}
    body = _as_text(response, headers)
    coded = body is None
    if body is None:
        body = base64.b64encode(response.body).decode()
    if len(body) > LAMBDA_BYTES:
        return _lambda_answer(error_response(HttpError(413, "The answer has more than 6 MB: send fewer rows.")))
    return {"statusCode": response.status, "headers": headers, "body": body, "isBase64Encoded": coded}


def _as_text(response: Response, headers: Mapping[str, str]) -> str | None:
    if "content-encoding" in headers or not _TEXT.match(response.content_type):
        return None
    try:
        return response.body.decode()
    except UnicodeDecodeError:
        return None
