"""The routes that describe the endpoint and its model: liveness, health, metadata, prototype, metrics."""

from __future__ import annotations

import os
import re
import time
from typing import TYPE_CHECKING, Any

from mlops_magics.core.deploying.contract import endpoint_proof
from mlops_magics.core.deploying.contract.http_messages import Request, Response, json_response
from mlops_magics.core.deploying.server.counts import prometheus
from mlops_magics.core.deploying.server.counts.counters import Metrics
from mlops_magics.core.versioning.describing import cell_values

if TYPE_CHECKING:
    from mlops_magics.core.deploying.server.service import Service
    from mlops_magics.core.deploying.serving.loaded_model import LoadedModel


def ping(service: Service, request: Request) -> Response:
    """Return that the endpoint runs, and to a challenge the proof which endpoint it is."""
    response = json_response({"ping": "pong"})
    proof = service.prove(request.header(endpoint_proof.CHALLENGE))
    if proof:
        response.headers.append((endpoint_proof.PROOF, proof))
    return response


def version(service: Service, request: Request) -> Response:
    """Return the version that answers, as a JSON string."""
    return json_response(service.slots.first.current.version.version)


def pin_url(service: Service, request: Request) -> Response:
    """Return the board's URL."""
    return json_response({"pin_url": service.slots.first.current.version.board})


def prototype(service: Service, request: Request, name: str = "") -> Response:
    """Return the JSON schema of one row, from which vetiver rebuilds its prototype."""
    return json_response(service.slots.slot(name).current.layout.prototype.json_schema())


def metadata(service: Service, request: Request, name: str = "") -> Response:
    """Return exactly the keys that vetiver's clients compare."""
    version = service.slots.slot(name).current.version
    return json_response(
        {
            "user": dict(version.metadata),
            "version": version.version,
            "url": None,
            "required_pkgs": sorted(version.lineage.packages) if version.lineage else [],
            "python_version": _python_version(version.lineage.python if version.lineage else ""),
        }
    )


def metrics(service: Service, request: Request) -> Response:
    """Return the counters of all workers in Prometheus' text format."""
    text = prometheus.text(service.slots.first.name, service.tallies())
    return Response(text.encode(), content_type=prometheus.MEDIA)


def health(service: Service, request: Request) -> Response:
    """Return readiness, version, uptime, queue, counters of all workers, and the state of the prediction log."""
    first = service.slots.first
    tallies = service.tallies()
    counted = Metrics.merge(tally.metrics for tally in tallies)
    logs = [tally.log for tally in tallies]
    facts: dict[str, Any] = {
        "status": "ready",
        "name": first.name,
        "version": first.current.version.version,
        "models": {name: slot.current.version.version for name, slot in service.slots.slots.items()},
        "challengers": service.slots.challengers(),
        "uptime": round(time.time() - counted.started, 3),
        "pid": os.getpid(),
        "queue": sum(tally.waiting for tally in tallies),
        **counted.counts(),
        "versions": counted.of_versions(),
        "latency_ms": {f"p{share}": counted.quantile(share / 100) for share in (50, 95, 99)},
        "fast_path": first.current.report(),
        "classes": None if first.current.classes is None else [str(label) for label in first.current.classes],
        "argmax": first.current.argmax,
        "served": {name: _served(slot.current) for name, slot in service.slots.slots.items()},
        "log": {
            **{fact: sum(log.get(fact, 0) for log in logs) for fact in ("written", "dropped", "waiting")},
            "failure": next((log["failure"] for log in logs if log.get("failure")), None),
        },
    }
    return json_response(facts)


def _served(loaded: LoadedModel) -> dict[str, Any]:
    """Return the facts that a remote model needs: its methods, the labels of its classes, the form of its rows."""
    labels = None if loaded.classes is None else cell_values.write(loaded.classes)
    return {"methods": list(loaded.methods), "labels": labels, "form": loaded.layout.prototype.input_kind}


def _python_version(text: str | None) -> list[Any]:
    numbers = [int(number) for number in re.findall(r"\d+", text or "")[:3]]
    return [*numbers, "final", 0] if len(numbers) == 3 else []
