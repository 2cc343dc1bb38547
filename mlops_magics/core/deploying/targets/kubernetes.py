"""Kubernetes: a Deployment, a Service, an autoscaler, a disruption budget, a network policy, and a kustomization."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from mlops_magics.core.deploying.targets import docker, image_files
from mlops_magics.core.deploying.targets.docker import IMAGE_SETTINGS
from mlops_magics.core.deploying.targets.packaged_version import PackagedVersion
from mlops_magics.core.deploying.targets.platform_target import NAME, PlatformTarget, as_yaml, between, quantity
from mlops_magics.core.deploying.targets.target import Setting
from mlops_magics.errors import InvalidInput

PORT = image_files.PORT
GRACE_SECONDS = 75
"""Between SIGTERM and SIGKILL: the longest answer of 60 s, the pause before it, and the drain."""
SUFFIX_ROOM = 6
"""Characters of a name that are left for ``-token``."""
LABEL = re.compile(r"[^A-Za-z0-9._-]+")
CLUSTER_SETTINGS = (
    NAME,
    Setting("namespace", "the namespace (default: that of the caller)"),
    Setting("replicas", "replicas at least", int, 2),
    Setting("most_replicas", "replicas at most, as the processors are used", int, 6),
    Setting("cpu", "processors that a replica requests", default="500m"),
    Setting("memory", "memory of a replica", default="768Mi"),
)


class KubernetesTarget(PlatformTarget):
    """Files for ``kubectl apply -k``."""

    name: ClassVar[str] = "kubernetes"
    summary: ClassVar[str] = "a Deployment with Service, autoscaler and probes"
    settings: ClassVar[tuple[Setting, ...]] = (*CLUSTER_SETTINGS, *IMAGE_SETTINGS)
    name_length: ClassVar[int] = 63 - SUFFIX_ROOM

    def documents(self, source: PackagedVersion, settings: Mapping[str, Any]) -> dict[str, str]:
        """Return the objects, one in each file.

        Raises
        ------
        InvalidInput
        """
        name = self.name_of(source, settings)
        low, high = between(settings, "replicas", 1, 1000), between(settings, "most_replicas", 1, 1000)
        if high < low:
            raise InvalidInput(f"most_replicas is {high}, which is fewer than replicas, {low}.")
        image = docker.tag_of(source, settings)
        found = {
            "deployment.yaml": as_yaml(deployment(name, source, image, settings, low)),
            "service.yaml": as_yaml(_service(name)),
            "autoscaler.yaml": as_yaml(_autoscaler(name, low, high)),
            "disruption-budget.yaml": as_yaml(_disruption_budget(name)),
            "network-policy.yaml": as_yaml(_network_policy(name)),
        }
        namespace = namespace_of(settings)
        whole = {"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization", "resources": list(found)}
        return found | {"kustomization.yaml": as_yaml(whole | ({"namespace": namespace} if namespace else {}))}

    def notes(self, source: PackagedVersion, settings: Mapping[str, Any]) -> tuple[str, ...]:
        """Name the place of the image."""
        if "/" in docker.tag_of(source, settings):
            return ()
        return ("the cluster pulls the image from a registry: `--set image=REGISTRY/NAME:TAG`, then push it",)

    def commands(self, source: PackagedVersion, settings: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the lines for kubectl."""
        return (*first_commands(self.name_of(source, settings), source, settings), "kubectl apply -k {path}")


def namespace_of(settings: Mapping[str, Any]) -> str | None:
    """Return the namespace, or None for that of the caller.

    Raises
    ------
    InvalidInput
    """
    namespace: str | None = settings["namespace"]
    if namespace is not None and not re.fullmatch(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?", namespace):
        raise InvalidInput(f"{namespace[:80]!r} is not a valid namespace: use small letters, digits and hyphens.")
    return namespace


def first_commands(name: str, source: PackagedVersion, settings: Mapping[str, Any]) -> list[str]:
    """Return the lines that push the image, and make the secret with the token."""
    push, space = f"podman push {docker.tag_of(source, settings)}", namespace_of(settings)
    where = f" -n {space}" if space else ""
    secret = f"kubectl create secret generic {name}-token{where} --from-literal=token=$(openssl rand -hex 24)"
    return [push, secret] if settings["token"] else [push]


def labels(name: str, source: PackagedVersion) -> dict[str, str]:
    """Return labels of all objects. Values are made of the letters that a label has."""
    return {
        "app.kubernetes.io/name": name,
        "app.kubernetes.io/version": label(source.version.version),
        "app.kubernetes.io/managed-by": "mlops-magics",
    }


def label(text: str) -> str:
    """Return a text as the value of a label: at most 63 letters, digits, ``.``, ``_`` and ``-``."""
    return LABEL.sub("-", text)[:63].strip("-._")


def container(
    name: str, source: PackagedVersion, image: str, settings: Mapping[str, Any], *, called: str = "server"
) -> dict[str, Any]:
    """Return the container of a replica: read-only, without rights, with probes that need no token.

    Parameters
    ----------
    name, called
        The names of the deployment and of the container.
    source, image
        The packaged version, and the image that has it.
    settings
        Options of the target by name.
    """
    probe = {"httpGet": {"path": "/ping", "port": PORT}}
    memory = quantity(settings, "memory")
    found: dict[str, Any] = {
        "name": called,
        "image": image,
        "ports": [{"containerPort": PORT, "name": "http"}],
        "resources": {"requests": {"cpu": quantity(settings, "cpu"), "memory": memory}, "limits": {"memory": memory}},
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "runAsNonRoot": True,
            "runAsUser": _user(settings),
            "capabilities": {"drop": ["ALL"]},
        },
        "startupProbe": {**probe, "periodSeconds": 2, "failureThreshold": 60, "timeoutSeconds": 5},
        "livenessProbe": {**probe, "periodSeconds": 10, "failureThreshold": 6, "timeoutSeconds": 5},
        "readinessProbe": {
            "httpGet": {"path": "/v2/health/ready", "port": PORT},
            "periodSeconds": 5,
            "timeoutSeconds": 5,
        },
        "volumeMounts": [{"name": "tmp", "mountPath": "/tmp"}],  # noqa: S108, a volume in the container
    }
    if settings["token"]:
        secret = {"secretKeyRef": {"name": f"{name}-token", "key": "token"}}
        found["env"] = [{"name": "MLOPS_MAGICS_SERVE_TOKEN", "valueFrom": secret}]
    return found


def deployment(
    name: str, source: PackagedVersion, image: str, settings: Mapping[str, Any], replicas: int
) -> dict[str, Any]:
    """Return the Deployment: an update starts a new replica before it ends an old one.

    Parameters
    ----------
    name
        Of the Deployment.
    source, image
        The packaged version, and the image that has it.
    settings
        Options of the target by name.
    replicas
        Their number.
    """
    one = container(name, source, image, settings)
    one["lifecycle"] = {"preStop": {"sleep": {"seconds": 5}}}  # until no balancer sends requests any more
    pod = {
        "automountServiceAccountToken": False,
        "terminationGracePeriodSeconds": GRACE_SECONDS,
        "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
        "containers": [one],
        "volumes": [{"name": "tmp", "emptyDir": {"medium": "Memory", "sizeLimit": "128Mi"}}],
        "topologySpreadConstraints": [
            {
                "maxSkew": 1,
                "topologyKey": "kubernetes.io/hostname",
                "whenUnsatisfiable": "ScheduleAnyway",
                "labelSelector": {"matchLabels": _selector(name)},
            }
        ],
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {
            "name": name,
            "labels": labels(name, source),
            "annotations": {"mlops-magics/version": source.ref, "mlops-magics/sha256": source.sha256},
        },
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": _selector(name)},
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}},
            "template": {"metadata": {"labels": labels(name, source)}, "spec": pod},
        },
    }


def _selector(name: str) -> dict[str, str]:
    return {"app.kubernetes.io/name": name}


def _object(api: str, kind: str, name: str, spec: Mapping[str, Any]) -> dict[str, Any]:
    return {"apiVersion": api, "kind": kind, "metadata": {"name": name, "labels": _selector(name)}, "spec": dict(spec)}


def _service(name: str) -> dict[str, Any]:
    port = {"name": "http", "port": 80, "targetPort": PORT, "protocol": "TCP"}
    return _object("v1", "Service", name, {"selector": _selector(name), "ports": [port]})


def _autoscaler(name: str, low: int, high: int) -> dict[str, Any]:
    cpu = {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 70}}
    spec = {
        "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": name},
        "minReplicas": low,
        "maxReplicas": high,
        "metrics": [{"type": "Resource", "resource": cpu}],
    }
    return _object("autoscaling/v2", "HorizontalPodAutoscaler", name, spec)


def _disruption_budget(name: str) -> dict[str, Any]:
    spec = {"maxUnavailable": 1, "selector": {"matchLabels": _selector(name)}}
    return _object("policy/v1", "PodDisruptionBudget", name, spec)


def _network_policy(name: str) -> dict[str, Any]:
    spec = {
        "podSelector": {"matchLabels": _selector(name)},
        "policyTypes": ["Ingress"],
        "ingress": [{"ports": [{"protocol": "TCP", "port": PORT}]}],
    }
    return _object("networking.k8s.io/v1", "NetworkPolicy", name, spec)


def _user(settings: Mapping[str, Any]) -> int:
    """Return the number of the user, who is not root: the cluster would not start that container.

    Raises
    ------
    InvalidInput
    """
    number = image_files.user_number(settings["user"])
    if number == 0:
        raise InvalidInput("The user 0 is root, and these pods run without it: `--set user=10001:0`.")
    return number
