"""What an endpoint is to be: everything its processes need to know, as one record that travels as JSON."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mlops_magics.core.deploying.limits import Limits
from mlops_magics.core.deploying.options import ServingOptions


@dataclass(frozen=True, slots=True)
class Served:
    """One version that answers: where it lies, and under which name and number."""

    board: str
    name: str
    version: str


@dataclass(frozen=True, slots=True)
class Plan:
    """An endpoint before it runs.

    Attributes
    ----------
    models
        What it serves; the first also answers on routes without a name.
    port
        0 for any free one.
    temporary
        Stop when the process that started it ends.
    """

    models: tuple[Served, ...]
    alias: str | None = None
    host: str = "127.0.0.1"
    port: int = 0
    token: str | None = None
    workers: int = 1
    log: bool = True
    temporary: bool = False
    notebook: str | None = None
    serving: ServingOptions = field(default_factory=ServingOptions)
    limits: Limits = field(default_factory=Limits)
    allowed_hosts: tuple[str, ...] = ()
    allowed_origins: tuple[str, ...] = ()

    @property
    def first(self) -> Served:
        """The version that gives the endpoint its name."""
        return self.models[0]

    def to_json(self) -> dict[str, Any]:
        """Return the plan as JSON values; the token included."""
        return dataclasses.asdict(self)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Plan:
        """Return the plan that `to_json` wrote."""
        given = dict(value)
        given["models"] = tuple(Served(**model) for model in given["models"])
        given["serving"] = ServingOptions(**given["serving"])
        given["limits"] = Limits(**given["limits"])
        for name in ("allowed_hosts", "allowed_origins"):
            given[name] = tuple(given[name])
        return cls(**given)
