"""The API of Amazon SageMaker: a client, its errors as ours, and the state of an endpoint."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from mlops_magics.errors import InvalidInput, MissingDependency, TargetError

if TYPE_CHECKING:
    from mlops_magics.core.deploying.targets.remote import RemoteDeployment

STATES = {
    "InService": "running",
    "Creating": "starting",
    "Updating": "starting",
    "SystemUpdating": "running",
    "RollingBack": "starting",
    "Failed": "failed",
    "UpdateRollbackFailed": "failed",
    "OutOfService": "failed",
    "Deleting": "gone",
}
CONNECT_SECONDS, READ_SECONDS = 5, 30
# SageMaker has one code for all of these, ValidationException, so the text decides
PRESENT = re.compile(r"already exist(s|ing)")
MISSING = re.compile(r"could not find|does not exist", re.IGNORECASE)


def client(region: str | None) -> Any:
    """Return a client of a region, or of the one that the configuration of AWS names.

    Raises
    ------
    MissingDependency
        Without boto3.
    TargetError
        Without a region.
    """
    try:
        import boto3
        import botocore.config
        import botocore.exceptions
    except ModuleNotFoundError as error:
        raise MissingDependency("A deployment at SageMaker needs boto3: `pip install boto3`.") from error
    try:
        config = botocore.config.Config(connect_timeout=CONNECT_SECONDS, read_timeout=READ_SECONDS)
        return boto3.client("sagemaker", region_name=region, config=config)
    except botocore.exceptions.BotoCoreError as error:
        raise TargetError(f"SageMaker is not reached: {error}. Name a region: `--set region=eu-central-1`.") from error


def send(call: Callable[[], Any]) -> Any:
    """Return the platform's answer.

    Raises
    ------
    InvalidInput
        For a request that botocore refuses before it is sent.
    TargetError
    """
    import botocore.exceptions

    try:
        return call()
    except botocore.exceptions.ParamValidationError as error:
        raise InvalidInput(f"SageMaker takes no such request: {error}") from error
    except botocore.exceptions.ClientError as error:
        raise TargetError(f"SageMaker refused: {error.response['Error'].get('Message', error)}") from error
    except botocore.exceptions.BotoCoreError as error:
        raise TargetError(f"SageMaker could not be reached: {error}") from error


def unless_there(call: Callable[[], Any]) -> None:
    """Create something whose name is that of its content, unless it exists.

    Raises
    ------
    InvalidInput, TargetError
        As `send`.
    """
    _unless(PRESENT, call)


def unless_missing(call: Callable[[], Any]) -> None:
    """Delete something, if it exists.

    Raises
    ------
    InvalidInput, TargetError
        As `send`.
    """
    _unless(MISSING, call)


def _unless(refusal: re.Pattern[str], call: Callable[[], Any]) -> None:
    try:
        send(call)
    except TargetError as error:
        if not refusal.search(str(error)):
            raise


def described(client: Any, name: str) -> dict[str, Any] | None:
    """Return the description of an endpoint, or None where there is none.

    Raises
    ------
    InvalidInput, TargetError
        As `send`.
    """
    try:
        found: dict[str, Any] = send(lambda: client.describe_endpoint(EndpointName=name))
    except TargetError as error:
        if MISSING.search(str(error)):
            return None
        raise
    return found


def with_state(deployment: RemoteDeployment, found: Mapping[str, Any] | None) -> RemoteDeployment:
    """Return a deployment with the state that SageMaker reports of its endpoint."""
    if found is None:
        return dataclasses.replace(deployment, state="gone", message="")
    state = STATES.get(found["EndpointStatus"], "unknown")
    message = found.get("FailureReason", "")
    if state == "running" and found["EndpointConfigName"] != deployment.kept["config"]:
        message = message or f"it answers with {found['EndpointConfigName']}, which was not deployed from here"
    return dataclasses.replace(deployment, state=state, message=message)
