"""Ray Serve: replicas and autoscaling on a running cluster. Versions move by the alias, not by a redeployment.

A redeployment of Ray stops an old replica before the new one answers, and answers 503 after a failed one. A replica
that follows an alias loads a new version next to the old one, which goes on where the new version fails.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from mlops_magics.core import progress
from mlops_magics.core.deploying.targets.packaged_version import is_reached_by_url
from mlops_magics.core.deploying.targets.platform_target import NAME, between, platform_name
from mlops_magics.core.deploying.targets.remote import RemoteDeployment
from mlops_magics.core.deploying.targets.target import Setting, Target
from mlops_magics.core.versioning import AliasName
from mlops_magics.errors import InvalidInput, MissingDependency, TargetError

if TYPE_CHECKING:
    from pathlib import Path

    from mlops_magics.core.deploying.targets.packaged_version import PackagedVersion
    from mlops_magics.core.deploying.targets.target import Written
    from mlops_magics.core.versioning import ModelVersion

STATES = {"RUNNING": "running", "DEPLOYING": "starting", "NOT_STARTED": "starting", "DELETING": "gone"}
NO_STATISTICS = "RAY_USAGE_STATS_ENABLED"
"""The variable by which Ray sends nothing about its use."""
PROXY_TIMEOUT = "RAY_SERVE_PROXY_READY_CHECK_TIMEOUT_S"
"""The variable with the time after which Ray kills a proxy that is not ready, and starts another; 5 s by default."""
PROXY_SECONDS, POLL_SECONDS = 120.0, 0.5


def _span(settings: Mapping[str, Any]) -> tuple[int, int]:
    """Return the fewest and the most replicas, after a check of all settings with a limit.

    Raises
    ------
    InvalidInput
    """
    low, high = between(settings, "replicas", 1, 1000), between(settings, "most_replicas", 1, 1000)
    if high < low:
        raise InvalidInput(f"most_replicas is {high}, which is fewer than replicas, {low}.")
    alias = settings["follow"]
    if alias is not None and not AliasName.accepts(alias):
        raise InvalidInput(f"{alias[:60]!r} is not a valid alias: `--set follow=champion`.")
    if not 0 < settings["seconds"] < float("inf"):
        raise InvalidInput("The setting seconds takes a positive number, such as 10.")
    between(settings, "port", 1, 65535)
    return low, high


class RayTarget(Target):
    """An application of Ray Serve."""

    name: ClassVar[str] = "ray"
    summary: ClassVar[str] = "replicas on a Ray cluster that runs"
    by_api: ClassVar[bool] = True
    settings: ClassVar[tuple[Setting, ...]] = (
        NAME,
        Setting("address", "the cluster (default: the one that runs on this machine)", default="auto"),
        Setting("follow", "the alias whose version answers, on a board that all nodes reach"),
        Setting("seconds", "seconds between two looks at the board", float, 10.0),
        Setting("replicas", "replicas at least", int, 1),
        Setting("most_replicas", "replicas at most", int, 4),
        Setting("ongoing", "requests that a replica answers at a time before another one is started", int, 16),
        Setting("host", "the address on which Ray's proxy listens, where it does not run yet", default="127.0.0.1"),
        Setting("port", "its port", int, 8000),
    )

    def write(self, source: PackagedVersion, folder: Path, settings: Mapping[str, Any]) -> Written:
        """Refuse, because this target has no files.

        Raises
        ------
        InvalidInput
        """
        raise InvalidInput(f"Ray takes no files: `%deploy {source.ref} --to ray` deploys on a cluster that runs.")

    def deploy(self, version: ModelVersion, sha256: str, settings: Mapping[str, Any]) -> RemoteDeployment:
        """Start the application. One that runs is not replaced.

        Raises
        ------
        InvalidInput
            For a setting, and for a board that other nodes do not reach.
        MissingDependency
            Without Ray.
        TargetError
            Without a cluster, where an application of this name runs, and where replicas do not start.
        """
        alias, span = settings["follow"], _span(settings)
        place = platform_name(settings["name"] or version.name, 63, given=settings["name"])
        ray, serve = _connected(settings["address"])
        if len(ray.nodes()) > 1 and not is_reached_by_url(version.board):
            raise InvalidInput(
                f"The other nodes do not reach the board {version.board}: `%copy {version.ref} s3://bucket/models`."
            )
        if place in serve.status().applications:
            raise TargetError(
                f"{place} runs on this cluster. With `--set follow=champion` it moves by `%promote`. To replace it: "
                f"`%stop {place} --at ray`."
            )
        url = f"http://{settings['host']}:{settings['port']}/{place}"
        scope = str(ray.get_runtime_context().gcs_address)
        made = RemoteDeployment.starting(self.name, version, sha256, (scope, place), url, {"follow": alias})
        progress.report(f"starting {span[0]} replicas")
        self._run(serve, made, settings, span)
        found = dataclasses.replace(made, state="running")
        found.keep()
        return found

    def _run(self, serve: Any, made: RemoteDeployment, settings: Mapping[str, Any], span: tuple[int, int]) -> None:
        """Start the replicas.

        Raises
        ------
        TargetError
            When none starts. The application is deleted then.
        """
        from mlops_magics.core.deploying.targets.ray_replica import RayReplica

        scaling = {"min_replicas": span[0], "max_replicas": span[1], "target_ongoing_requests": settings["ongoing"]}
        deployment = serve.deployment(
            RayReplica, name="replica", autoscaling_config=scaling, max_ongoing_requests=4 * settings["ongoing"]
        )
        prefix = f"/{made.place}"
        bound = deployment.bind(
            made.board, made.name, made.version, made.sha256, settings["follow"], settings["seconds"], prefix
        )
        try:
            _start_proxy(serve, settings)
            serve.run(bound, name=made.place, route_prefix=prefix)
            _wait_for_proxy(serve)
        except Exception as error:  # Ray raises a RuntimeError whose cause is in the status alone
            found = serve.status().applications.get(made.place)
            messages = " ".join(each.message for each in found.deployments.values()) if found is not None else ""
            why = " ".join((messages.strip() or str(error)).split())[-400:]
            serve.delete(made.place)
            raise TargetError(f"Ray did not start {made.ref}: {why}") from error

    def looked_up(self, deployment: RemoteDeployment) -> RemoteDeployment:
        """Return a deployment with the state that Ray reports.

        Raises
        ------
        MissingDependency, TargetError
        """
        _, serve = _connected(deployment.scope)
        found = serve.status().applications.get(deployment.place)
        if found is None:
            return dataclasses.replace(deployment, state="gone", message="")
        status = getattr(found.status, "value", str(found.status))
        return dataclasses.replace(deployment, state=STATES.get(status, "failed"), message=found.message[:300])

    def delete(self, deployment: RemoteDeployment) -> None:
        """Delete the application. One that is gone already is passed over.

        Raises
        ------
        MissingDependency, TargetError
        """
        _, serve = _connected(deployment.scope)
        serve.delete(deployment.place)


def _start_proxy(serve: Any, settings: Mapping[str, Any]) -> None:
    """Start Ray Serve's HTTP proxy. Ray kills one that is not ready in time, and its controller starts another."""
    from ray.exceptions import RayActorError

    with contextlib.suppress(RayActorError, TimeoutError):
        serve.start(http_options={"host": settings["host"], "port": settings["port"]})


def _wait_for_proxy(serve: Any) -> None:
    """Wait until an HTTP proxy is healthy.

    Raises
    ------
    TargetError
    """
    deadline = time.monotonic() + PROXY_SECONDS
    while "HEALTHY" not in {getattr(each, "value", str(each)) for each in serve.status().proxies.values()}:
        if time.monotonic() > deadline:
            raise TargetError(
                f"its HTTP proxy was not ready in {PROXY_SECONDS:.0f} s. On a slow machine start the cluster with "
                f"{PROXY_TIMEOUT}=60"
            )
        time.sleep(POLL_SECONDS)


def _connected(address: str) -> tuple[Any, Any]:
    """Return Ray and Ray Serve, connected to a cluster.

    Raises
    ------
    MissingDependency, TargetError
    """
    os.environ.setdefault(NO_STATISTICS, "0")
    try:
        import ray
        from ray import serve
    except ModuleNotFoundError as error:
        raise MissingDependency("A deployment at Ray needs Ray Serve: `pip install 'ray[serve]'`.") from error
    if not ray.is_initialized():
        try:
            ray.init(address=address, log_to_driver=False)
        except (ConnectionError, RuntimeError, OSError) as error:
            raise TargetError(
                f"No Ray cluster answers at {address}: `ray start --head` starts one on this machine."
            ) from error
    return ray, serve
