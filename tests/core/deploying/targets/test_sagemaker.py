"""SageMaker: against moto's API where it has one, and botocore's own checks of requests where it has none."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber
from moto import mock_aws

from mlops_magics import Session
from mlops_magics.core.deploying.targets import remote, sagemaker, sagemaker_api, target
from mlops_magics.errors import InvalidInput, NotFound, TargetError
from tests.core.deploying.conftest import Pinned, publish_line
from tests.core.deploying.targets.conftest import Packaging

ROLE = "arn:aws:iam::123456789012:role/serving"
IMAGE = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/line:1"
GIVEN = {"role": ROLE, "image": IMAGE, "region": "eu-central-1", "wait": 5}


@pytest.fixture(autouse=True)
def _credentials(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No request leaves this process."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        yield


@pytest.fixture
def session(trusted_line: Pinned) -> Session:
    """A session on the board of the line."""
    return Session(board=trusted_line.board.url)


def test_a_version_is_deployed_listed_and_deleted(session: Session, trusted_line: Pinned) -> None:
    """The role is an argument; `%endpoints` has the state that SageMaker reports; nothing is left after a stop."""
    made = session.deploy_to("line", "sagemaker", GIVEN)
    client = boto3.client("sagemaker", region_name="eu-central-1")

    assert (made.state, made.place, made.sha256) == (
        "running",
        "line",
        trusted_line.version.hash.removeprefix("sha256:"),
    )
    (model,) = client.list_models()["Models"]
    described = client.describe_model(ModelName=model["ModelName"])
    assert described["ExecutionRoleArn"] == ROLE
    assert described["PrimaryContainer"]["Image"] == IMAGE
    assert described["PrimaryContainer"]["Environment"]["MLOPS_MAGICS_SERVE_SHA256"] == made.sha256
    table = session.endpoints()
    assert table[["name", "version", "where", "state"]].to_numpy().tolist() == [
        ["line", trusted_line.version.version, "sagemaker", "running"]
    ]

    again = session.deploy_to("line", "sagemaker", GIVEN)  # nothing changes
    assert again.kept == made.kept
    assert len(client.list_endpoint_configs()["EndpointConfigs"]) == 1

    assert session.stop_at("line", "sagemaker").state == "gone"
    assert not client.list_endpoints()["Endpoints"]
    assert not client.list_models()["Models"]
    assert not client.list_endpoint_configs()["EndpointConfigs"]
    assert session.deployments() == []
    with pytest.raises(NotFound):
        session.stop_at("line", "sagemaker")


def test_an_endpoint_that_was_deleted_elsewhere_is_gone(session: Session) -> None:
    """Its parts are deleted by a stop all the same."""
    session.deploy_to("line", "sagemaker", GIVEN)
    boto3.client("sagemaker", region_name="eu-central-1").delete_endpoint(EndpointName="line")

    assert [each.state for each in session.deployments()] == ["gone"]
    assert session.stop_at("line", "sagemaker").state == "gone"


@pytest.mark.parametrize("shift", sorted(sagemaker.SHIFTS))
def test_an_endpoint_moves_to_the_next_version_as_botocore_takes_it(
    session: Session, trusted_line: Pinned, monkeypatch: pytest.MonkeyPatch, shift: str
) -> None:
    """moto has no update: botocore checks the request, and the answers are SageMaker's own shapes."""
    session.deploy_to("line", "sagemaker", GIVEN)
    first = remote.kept()[0].kept
    publish_line(trusted_line.board, 2.0)
    client, sent = _stubbed(monkeypatch, [{}])

    made = session.deploy_to("line@latest", "sagemaker", {**GIVEN, "wait": 0, "shift": shift, "alarms": "errors, slow"})

    (policy,) = [each["DeploymentConfig"] for each in sent if "DeploymentConfig" in each]
    routing = policy["BlueGreenUpdatePolicy"]["TrafficRoutingConfiguration"]
    assert routing["Type"] == shift.replace("-", "_").upper()
    assert [each["AlarmName"] for each in policy["AutoRollbackConfiguration"]["Alarms"]] == ["errors", "slow"]
    assert made.kept["config"] != first["config"]
    assert made.kept["made"] == [*first["made"], made.kept["made"][-1]]
    assert client is not None


def test_an_endpoint_that_was_moved_back_is_an_error(
    session: Session, trusted_line: Pinned, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The earlier version goes on, and the reason is SageMaker's."""
    session.deploy_to("line", "sagemaker", GIVEN)
    publish_line(trusted_line.board, 2.0)
    before = remote.kept()[0].kept["config"]
    back = {"EndpointConfigName": before, "EndpointStatus": "InService", "FailureReason": "alarm errors"}
    _stubbed(monkeypatch, [back])

    with pytest.raises(TargetError, match=f"moved line back to {before}: alarm errors. The earlier version goes on"):
        session.deploy_to("line@latest", "sagemaker", GIVEN)


def _stubbed(monkeypatch: pytest.MonkeyPatch, after: list[dict[str, Any]]) -> tuple[Any, list[dict[str, Any]]]:
    """Answer the calls of an update by botocore's stub, and keep what was sent."""
    client = boto3.client("sagemaker", region_name="eu-central-1")
    kept = remote.kept()[0].kept["config"]
    facts = {"EndpointName": "line", "EndpointArn": "arn:aws:sagemaker:eu-central-1:1:endpoint/line",
             "CreationTime": 0, "LastModifiedTime": 0}  # fmt: skip
    stub = Stubber(client)
    arn = "arn:aws:sagemaker:eu-central-1:123456789012:x/line"
    stub.add_response("create_model", {"ModelArn": arn})
    stub.add_response("create_endpoint_config", {"EndpointConfigArn": arn})
    stub.add_response("describe_endpoint", {**facts, "EndpointConfigName": kept, "EndpointStatus": "InService"})
    stub.add_response("update_endpoint", {"EndpointArn": arn})
    for each in after:
        found = {"EndpointConfigName": kept, "EndpointStatus": "Updating", **each}
        stub.add_response("describe_endpoint", {**facts, **found})
    stub.activate()
    sent: list[dict[str, Any]] = []
    client.meta.events.register("provide-client-params.sagemaker.*", lambda params, **_: sent.append(params))
    monkeypatch.setattr(sagemaker_api, "client", lambda region: client)
    return client, sent


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"role": None}, "needs `--set role="),
    ({"image": None}, "needs `--set image="),
    ({"role": "arn:aws:iam::1:role/x"}, "is not the ARN of a role"),
    ({"role": f"{ROLE}\n"}, "is not the ARN of a role"),
    ({"region": "eu-central-1.evil.example"}, "is not a valid region"),
    ({"shift": "canery"}, "use one of all-at-once, canary, linear"),
    ({"serverless": 1000}, "use a number from 1024 to 6144"),
    ({"serverless": 1500}, "a multiple of 1024"),
    ({"instances": 0}, "from 1 to 1000"),
    ({"instance_type": "ml.m5"}, "is not a type of an instance"),
    ({"name": "Line_1"}, "is not a valid name"),
    ({"name": "-x"}, "is not a valid name"),
    ({"name": "x" * 64}, "is not a valid name"),
]


def test_a_setting_that_sagemaker_does_not_take_is_refused_before_anything_is_made(session: Session) -> None:
    """moto takes bad names: the rule is ours, from botocore's own metadata."""
    for changed, message in REFUSED:
        with pytest.raises(InvalidInput, match=message):
            session.deploy_to("line", "sagemaker", {**GIVEN, **changed})
    assert not boto3.client("sagemaker", region_name="eu-central-1").list_models()["Models"]
    assert remote.kept() == []


def test_names_fit_what_botocore_knows_of_them(trusted_line: Pinned) -> None:
    """Model, configuration and endpoint, for long names too."""
    chosen = sagemaker.SagemakerTarget()
    shapes = boto3.client("sagemaker", region_name="eu-central-1").meta.service_model
    for name in ("x" * 54, "a", "line-1"):
        asked = chosen.requests(
            trusted_line.version, "0" * 64, IMAGE, target.converted(chosen, {**GIVEN, "name": name})
        )
        for request, verb, field in zip(
            asked,
            ("CreateModel", "CreateEndpointConfig", "CreateEndpoint"),
            ("ModelName", "EndpointConfigName", "EndpointName"),
            strict=True,
        ):
            rule = shapes.operation_model(verb).input_shape.members[field].metadata
            assert re.fullmatch(rule["pattern"], request[field])
            assert len(request[field]) <= rule["max"]


def test_the_files_are_the_requests_of_the_api(packaging: Packaging) -> None:
    """`aws sagemaker … --cli-input-json` takes them: moto's API does."""
    package = packaging("sagemaker", **{name: GIVEN[name] for name in ("role", "image", "region")})
    client = boto3.client("sagemaker", region_name="eu-central-1")
    for verb in ("create-model", "create-endpoint-config", "create-endpoint"):
        text = (Path(package.path) / f"{verb}.json").read_text()
        getattr(client, verb.replace("-", "_"))(**json.loads(text))
        assert any(f"aws sagemaker {verb} " in command for command in package.commands)

    assert client.describe_endpoint(EndpointName="line")["EndpointStatus"] == "InService"
    assert "USER 0:0" in (Path(package.path) / "image" / "Dockerfile").read_text()
