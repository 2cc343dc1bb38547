"""Deployment at a platform by its API, and the list of deployments there."""

from __future__ import annotations

import concurrent.futures
import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mlops_magics.core.deploying.targets import packaged_version, remote
from mlops_magics.core.deploying.targets.remote import UNKNOWN, RemoteDeployment
from mlops_magics.core.deploying.targets.target import Target, converted, target, targets
from mlops_magics.errors import InvalidInput, MlopsError, NotFound

if TYPE_CHECKING:
    from mlops_magics.core.versioning import Board, ModelVersion

SECONDS = 20.0
"""Until a platform that does not answer is left out of a list."""
MOST_AT_ONCE = 16


def deploy(board: Board, version: ModelVersion, to: str, settings: Mapping[str, Any] | None = None) -> RemoteDeployment:
    """Deploy a version at a target that has an API.

    Parameters
    ----------
    board, version
        The version and its board.
    to
        The name of the target.
    settings
        Options of the target by name.

    Raises
    ------
    InvalidInput
        For a target that has none, and for its settings.
    NotTrusted, IntegrityError
        As `packaged_version.check`.
    MissingDependency, TargetError
    """
    chosen = target(to)
    if not chosen.by_api:
        raise InvalidInput(f"{to} is deployed by files: `%package {version.ref} --to {to}` writes them.")
    return chosen.deploy(version, packaged_version.check(board, version), converted(chosen, settings or {}))


def deployments() -> list[RemoteDeployment]:
    """Return the deployments elsewhere, newest first, each with the state that its platform reports."""
    kept = remote.kept()
    if not kept:
        return []
    pool = concurrent.futures.ThreadPoolExecutor(min(len(kept), MOST_AT_ONCE), "deployments")
    try:
        asked = [pool.submit(_looked_up, each) for each in kept]
        concurrent.futures.wait(asked, SECONDS)
        silent = "the platform did not answer"
        return [
            done.result() if done.done() else dataclasses.replace(each, state=UNKNOWN, message=silent)
            for each, done in zip(kept, asked, strict=True)
        ]
    finally:
        # a thread that still waits for its platform must not hold back the list
        pool.shutdown(wait=False, cancel_futures=True)


def stop(name: str, at: str) -> RemoteDeployment:
    """Delete the deployment of a model at a target.

    Raises
    ------
    NotFound
        When nothing of this model was deployed there, or more than one, by the names there.
    MissingDependency, TargetError
    """
    here = [each for each in remote.kept() if each.target == at]
    found = [each for each in here if each.place == name] or [each for each in here if each.name == name]
    if len(found) != 1:
        places = sorted({each.place for each in found or here})
        raise NotFound(f"deployment at {at}", name, places, hint="Deployments are listed by `%endpoints`.")
    # in this order, so that a deletion that failed can be repeated
    _target(found[0]).delete(found[0])
    found[0].forget()
    return dataclasses.replace(found[0], state="gone", message="")


def _looked_up(deployment: RemoteDeployment) -> RemoteDeployment:
    try:
        return _target(deployment).looked_up(deployment)
    except MlopsError as error:
        return dataclasses.replace(deployment, state=UNKNOWN, message=str(error))


def _target(deployment: RemoteDeployment) -> Target:
    found = targets().get(deployment.target)
    if found is None or not found.by_api:
        raise InvalidInput(f"The target {deployment.target} is not installed any more.")
    return found
