"""This user's deployments at platforms, kept in the state folder so that they can be listed."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mlops_magics.core import state

if TYPE_CHECKING:
    from mlops_magics.core.versioning import ModelVersion

FOLDER = "deployments"
UNKNOWN = "unknown"
"""The state of a deployment whose platform did not answer."""


@dataclass(frozen=True, slots=True)
class RemoteDeployment:
    """A version that answers at a platform.

    Attributes
    ----------
    target
        The name of the target.
    place
        Its name at the platform, which is unique together with ``target`` and ``scope``.
    scope
        Account, region or cluster, where the target has several.
    name, version, sha256, board
        The version, with the board by its URL.
    url
        The address at which it answers.
    started
        Seconds since 1970.
    state
        The platform's report: ``running``, ``starting``, ``failed``, ``gone`` or ``unknown``.
    message
        The reason of a failure, where the platform names one.
    kept
        The facts by which the target finds its parts again.
    """

    target: str
    place: str
    scope: str
    name: str
    version: str
    sha256: str
    board: str
    url: str
    started: float
    state: str = UNKNOWN
    message: str = ""
    kept: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def starting(
        cls, target: str, version: ModelVersion, sha256: str, place: tuple[str, str], url: str, kept: Mapping[str, Any]
    ) -> RemoteDeployment:
        """Return the record of a version that a platform has accepted now.

        Parameters
        ----------
        target, url
            The name of the target, and the address at which the version answers.
        version, sha256
            The version and the hash of its model file.
        place
            Scope and name at the platform.
        kept
            The facts by which the target finds its parts again.
        """
        scope, name = place
        facts = {"name": version.name, "version": version.version, "sha256": sha256, "board": version.board}
        return cls(target, name, scope, **facts, url=url, started=time.time(), state="starting", kept=kept)

    @property
    def ref(self) -> str:
        """The version's reference."""
        return f"{self.name}@{self.version}"

    def to_json(self) -> dict[str, Any]:
        """Return the record for the wire."""
        return dataclasses.asdict(self)

    def to_row(self) -> dict[str, Any]:
        """Return the row of the table of endpoints."""
        facts = {name: getattr(self, name) for name in ("name", "version", "state", "url", "board")}
        return {**facts, "started": dt.datetime.fromtimestamp(self.started, dt.UTC), "where": self.target}

    def __repr__(self) -> str:
        message = f" ({self.message})" if self.message else ""
        return f"{self.ref} at {self.target} {self.place}: {self.state}{message}\n  {self.url}"

    def keep(self) -> None:
        """Write the record.

        Raises
        ------
        StateError
        """
        state.directory(FOLDER)
        state.write_private(_path(self), json.dumps(self.to_json()).encode())

    def forget(self) -> None:
        """Remove the record."""
        _path(self).unlink(missing_ok=True)


def kept() -> list[RemoteDeployment]:
    """Return the deployments elsewhere, newest first."""
    found = [state.read_record(path, RemoteDeployment) for path in state.files_below(state.directory(FOLDER))]
    return sorted((each for each in found if each is not None), key=lambda each: -each.started)


def _path(deployment: RemoteDeployment) -> Any:
    key = "\n".join((deployment.target, deployment.scope, deployment.place))
    return state.directory(FOLDER) / f"{hashlib.sha256(key.encode()).hexdigest()[:32]}.json"
