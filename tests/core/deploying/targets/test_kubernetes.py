"""Objects of Kubernetes and what follows its shapes, read back: what schemas do not check is checked here."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from mlops_magics.core.deploying.targets.package_record import Package
from tests.core.deploying.targets.conftest import Packaging

NAME = re.compile(r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?")
LABEL = re.compile(r"([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?")
QUANTITY = re.compile(r"[0-9]+(\.[0-9]+)?(m|Ki|Mi|Gi)?")


def _documents(package: Package) -> dict[str, Any]:
    """Return the documents of a package by their kinds."""
    texts = [path.read_text() for path in Path(package.path).glob("*.yaml")]
    return {each["kind"]: each for text in texts for each in yaml.safe_load_all(text)}


def test_the_objects_of_a_cluster_fit_together(packaging: Packaging) -> None:
    """Names, labels, selectors, ports, quantities, replicas, and what a hardened cluster asks of a pod."""
    package = packaging("kubernetes", replicas=3, most_replicas=9, namespace="models", image="r.example.org/line:1")
    found = _documents(package)
    deployment, service, scaler = found["Deployment"], found["Service"], found["HorizontalPodAutoscaler"]
    pod = deployment["spec"]["template"]
    (container,) = pod["spec"]["containers"]

    for each in found.values():
        if each["kind"] != "Kustomization":
            assert NAME.fullmatch(each["metadata"]["name"])
            assert all(LABEL.fullmatch(value) for value in each["metadata"]["labels"].values())
    assert set(found["Kustomization"]["resources"]) == {
        path.name for path in Path(package.path).glob("*.yaml") if path.name != "kustomization.yaml"
    }
    assert found["Kustomization"]["namespace"] == "models"
    labels = pod["metadata"]["labels"].items()
    for selector in (
        deployment["spec"]["selector"]["matchLabels"], service["spec"]["selector"],
        found["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"],
        found["NetworkPolicy"]["spec"]["podSelector"]["matchLabels"],
    ):  # fmt: skip
        assert selector
        assert selector.items() <= labels
    ports = {each["containerPort"] for each in container["ports"]}
    assert {each["targetPort"] for each in service["spec"]["ports"]} <= ports
    assert {container[f"{kind}Probe"]["httpGet"]["port"] for kind in ("startup", "liveness", "readiness")} <= ports
    assert scaler["spec"]["scaleTargetRef"]["name"] == deployment["metadata"]["name"]
    assert (deployment["spec"]["replicas"], scaler["spec"]["minReplicas"], scaler["spec"]["maxReplicas"]) == (3, 3, 9)
    resources = container["resources"]
    assert all(QUANTITY.fullmatch(each) for part in resources.values() for each in part.values())
    assert resources["limits"] == {"memory": resources["requests"]["memory"]}
    assert deployment["spec"]["strategy"]["rollingUpdate"] == {"maxUnavailable": 0, "maxSurge": 1}
    assert pod["spec"]["terminationGracePeriodSeconds"] > container["lifecycle"]["preStop"]["sleep"]["seconds"] + 60
    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    assert pod["spec"]["automountServiceAccountToken"] is False
    assert {each["mountPath"] for each in container["volumeMounts"]} == {"/tmp"}
    assert deployment["metadata"]["annotations"]["mlops-magics/sha256"] == package.sha256


def test_a_secret_is_named_and_never_written(packaging: Packaging) -> None:
    """The line that makes it is among the commands; without a token the server is told so."""
    package = packaging("kubernetes")
    (container,) = _documents(package)["Deployment"]["spec"]["template"]["spec"]["containers"]
    secret = container["env"][0]["valueFrom"]["secretKeyRef"]["name"]

    assert any(secret in command for command in package.commands)
    assert "--no-token" not in (Path(package.path) / "image" / "Dockerfile").read_text()


def test_an_inference_service_has_our_container_by_the_name_that_kserve_looks_for(packaging: Packaging) -> None:
    """Replicas, a canary's share and the mode without Knative."""
    package = packaging("kserve", canary=10, most_replicas=4, token="no")
    (whole,) = yaml.safe_load_all((Path(package.path) / "inference-service.yaml").read_text())
    predictor = whole["spec"]["predictor"]
    (container,) = predictor["containers"]

    assert (whole["apiVersion"], whole["kind"]) == ("serving.kserve.io/v1beta1", "InferenceService")
    assert container["name"] == "kserve-container"
    assert (predictor["minReplicas"], predictor["maxReplicas"], predictor["canaryTrafficPercent"]) == (2, 4, 10)
    assert whole["metadata"]["annotations"]["serving.kserve.io/deploymentMode"] == "RawDeployment"
    assert '"--no-token"' in (Path(package.path) / "image" / "Dockerfile").read_text()
    assert "env" not in container


def test_the_files_of_the_other_platforms_name_our_routes_and_port(packaging: Packaging, tmp_path: Path) -> None:
    """Cloud Run, Vertex AI, Azure ML, Hugging Face and Modal, each read back by a parser of its format."""

    commands: dict[str, tuple[str, ...]] = {}

    def folder(to: str) -> Path:
        commands[to] = packaging(to).commands
        (tmp_path / "package").rename(tmp_path / to)
        return tmp_path / to

    service = yaml.safe_load((folder("cloud-run") / "service.yaml").read_text())
    (container,) = service["spec"]["template"]["spec"]["containers"]
    assert container["ports"] == [{"containerPort": 8080}]
    assert service["apiVersion"] == "serving.knative.dev/v1"

    vertex = json.loads((folder("vertex") / "model.json").read_text())["containerSpec"]
    assert (vertex["predictRoute"], vertex["healthRoute"]) == ("/invocations", "/ping")
    assert vertex["ports"] == [{"containerPort": 8080}]

    azure = folder("azureml")
    endpoint, deployment = (yaml.safe_load((azure / f"{name}.yaml").read_text()) for name in ("endpoint", "deployment"))
    routes = deployment["environment"]["inference_config"]
    assert {name: (route["port"], route["path"]) for name, route in routes.items()} == {
        "liveness_route": (8080, "/ping"),
        "readiness_route": (8080, "/v2/health/ready"),
        "scoring_route": (8080, "/predict"),
    }
    assert deployment["endpoint_name"] == endpoint["name"]

    space = (folder("huggingface") / "README.md").read_text()
    _, front, _ = space.split("---\n")
    assert yaml.safe_load(front) == {"title": "line", "sdk": "docker", "app_port": 8080, "pinned": False}
    assert "\nUSER 1000:1000\n" in (tmp_path / "huggingface" / "Dockerfile").read_text()

    modal = ast.parse((folder("modal") / "app.py").read_text())
    values = {
        node.targets[0].id: node.value for node in modal.body if isinstance(node, ast.Assign) and node.targets[0].id
    }
    command = ast.literal_eval(values["COMMAND"])
    assert command[:2] == ["mlops-magics", "serve"]

    function = json.loads((folder("lambda") / "create-function.json").read_text())
    assert (function["PackageType"], function["MemorySize"]) == ("Image", 1769)
    *_, url, first, second = commands["lambda"]
    assert url.endswith("--auth-type NONE")
    assert [command.split("--action ")[1].split()[0] for command in (first, second)] == [
        "lambda:InvokeFunctionUrl",
        "lambda:InvokeFunction",
    ]
    dockerfile = (tmp_path / "lambda" / "image" / "Dockerfile").read_text()
    assert dockerfile.rstrip().endswith('ENTRYPOINT ["python", "-m", "awslambdaric", "served.handler"]')


def test_a_bundle_of_connect_lists_every_file(packaging: Packaging) -> None:
    """The manifest has checksums of all files and of nothing else; the application is the one that it names."""
    package = packaging("connect")
    folder = Path(package.path)
    manifest = json.loads((folder / "manifest.json").read_text())

    assert set(manifest["files"]) == set(package.files) - {"manifest.json"}
    assert manifest["metadata"] == {"appmode": "python-api", "entrypoint": "app:app"}
    assert "app.py" in manifest["files"]
    assert "--hash" not in (folder / "requirements.txt").read_text()
    assert any(name.startswith("board/line/") for name in manifest["files"])


@pytest.mark.parametrize("name", ["kubernetes", "kserve", "cloud-run"])
def test_a_range_that_is_empty_is_refused(packaging: Packaging, name: str) -> None:
    """Fewer at most than at least."""
    least, most = ("instances", "most_instances") if name == "cloud-run" else ("replicas", "most_replicas")
    with pytest.raises(Exception, match="fewer than"):
        packaging(name, **{least: 5, most: 2})
