"""The plan of an endpoint: everything that its processes need to know, as one record that travels as JSON."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from mlops_magics.core.deploying.contract.limits import Limits
from mlops_magics.core.deploying.contract.model_options import ServingOptions


@dataclass(frozen=True, slots=True)
class Served:
    """One version that is served: its board, name and version."""

    board: str
    name: str
    version: str


@dataclass(frozen=True, slots=True)
class Challenger:
    """Another version of a model that is tried out while the current one answers.

    Attributes
    ----------
    mode
        ``canary`` answers a share of the requests, and ``shadow`` sees all of them and answers none.
    """

    version: str
    mode: Literal["canary", "shadow"]
    share: float

    @property
    def text(self) -> str:
        """A short description."""
        return (
            f"{self.version} in the shadow" if self.mode == "shadow" else f"{self.version} for {100 * self.share:.4g} %"
        )


@dataclass(frozen=True, slots=True)
class Plan:
    """The versions and options of an endpoint, with the owner's later changes, so that it can be restarted from it.

    Attributes
    ----------
    models
        The served versions. The first also answers on routes without a name.
    port
        0 for any free one.
    temporary
        Stop when the process that started it ends.
    challengers
        The challenger of each name.
    previous
        The version of each name before the last swap.
    routes
        The owner's functions by path: pickled, in base64.
    paths
        Paths of a platform, and the endpoint's own path that answers each.
    log_to
        The root of the log in object storage, to which the prediction log is shipped.
    follow
        Seconds between two looks at the board: the endpoint moves to the version that the alias means. 0 for never.
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
    challengers: Mapping[str, Challenger] = field(default_factory=dict)
    previous: Mapping[str, str] = field(default_factory=dict)
    routes: Mapping[str, str] = field(default_factory=dict)
    paths: Mapping[str, str] = field(default_factory=dict)
    follow: float = 0.0
    log_to: str | None = None

    @property
    def first(self) -> Served:
        """The version after which the endpoint is named."""
        return self.models[0]

    def version(self, name: str) -> str:
        """Return the version of a name that answers."""
        return next(served.version for served in self.models if served.name == name)

    def swapped(self, name: str, version: str) -> Plan:
        """Return the plan with another version of a name, whose challenger ends."""
        models = tuple(
            dataclasses.replace(served, version=version) if served.name == name else served for served in self.models
        )
        before = self.version(name)
        previous = self.previous if before == version else {**self.previous, name: before}
        return dataclasses.replace(self.challenged(name, None), models=models, previous=previous)

    def challenged(self, name: str, challenger: Challenger | None) -> Plan:
        """Return the plan with another challenger of a name, or none."""
        others = {each: rival for each, rival in self.challengers.items() if each != name}
        return dataclasses.replace(self, challengers=others if challenger is None else {**others, name: challenger})

    def routed(self, path: str, function: str) -> Plan:
        """Return the plan with one more route of the owner."""
        return dataclasses.replace(self, routes={**self.routes, path: function})

    def to_json(self) -> dict[str, Any]:
        """Return the plan as JSON values, the token included."""
        return dataclasses.asdict(self)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Plan:
        """Return the plan that `to_json` wrote."""
        given = dict(value)
        given["models"] = tuple(Served(**model) for model in given["models"])
        given["serving"] = ServingOptions(**given["serving"])
        given["limits"] = Limits(**given["limits"])
        given["challengers"] = {name: Challenger(**rival) for name, rival in given.get("challengers", {}).items()}
        for name in ("allowed_hosts", "allowed_origins"):
            given[name] = tuple(given[name])
        return cls(**given)
