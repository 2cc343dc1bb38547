"""The interface of a prediction protocol: how it reads a request, writes values, and words an error."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

ErrorFields = Callable[[dict[str, Any]], dict[str, Any]]

if TYPE_CHECKING:
    from mlops_magics.core.deploying.contract.http_messages import Request
    from mlops_magics.core.deploying.serving.loaded_model import LoadedModel
    from mlops_magics.core.deploying.serving.prediction_request import Render
    from mlops_magics.core.deploying.validation.layout import Part

    Read = Callable[[Request, LoadedModel], tuple[Part, Render]]


@dataclass(frozen=True, slots=True)
class Protocol:
    """One prediction protocol.

    Attributes
    ----------
    read
        Reads a request into checked rows, and returns how its values are written.
    error_fields
        Adds the fields that the protocol's clients expect in an error.
    """

    name: str
    read: Read
    error_fields: ErrorFields | None = None
