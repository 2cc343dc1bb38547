"""How the endpoint is and what it serves: liveness, health, metadata, prototype, metrics."""

from __future__ import annotations

import os
import re
import time
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response

from mlops_magics.core.deploying.server.counts import prometheus
from mlops_magics.core.deploying.server.counts.counters import Metrics
from mlops_magics.core.deploying.server.web.flask_messages import told

if TYPE_CHECKING:
    from mlops_magics.core.deploying.server.service import Service
    from mlops_magics.core.deploying.server.slots import Slot
    from mlops_magics.core.versioning import ModelVersion


def blueprint(service: Service) -> Blueprint:
    """Return the routes that only read: `/ping`, `/health`, `/metrics`, and what is served, also by name."""
    routes = Blueprint("state", __name__)
    catalogue = service.catalogue

    def slot(name: str) -> Slot:
        return catalogue.slot(name) if name else catalogue.first

    routes.add_url_rule("/ping", "ping", lambda: told({"ping": "pong"}))
    routes.add_url_rule("/health", "health", lambda: told(health(service)))
    routes.add_url_rule("/version", "version", lambda: told(catalogue.first.current.version.version))
    routes.add_url_rule(
        "/metrics",
        "metrics",
        lambda: Response(prometheus.text(catalogue.first.name, service.tallies()), content_type=prometheus.MEDIA),
    )
    routes.add_url_rule("/pin-url", "pin_url", lambda: told({"pin_url": catalogue.first.current.version.board}))
    for start in ("", "/<name>"):
        routes.add_url_rule(
            f"{start}/metadata", f"{start}metadata", lambda name="": told(metadata(slot(name).current.version))
        )
        routes.add_url_rule(
            f"{start}/prototype",
            f"{start}prototype",
            lambda name="": told(slot(name).current.layout.prototype.json_schema()),
        )
    return routes


def health(service: Service) -> dict[str, Any]:
    """Return readiness, version, uptime, queue, counts of all workers, and the state of the prediction log."""
    first = service.catalogue.first
    tallies = service.tallies()
    counted = Metrics.together(tally.metrics for tally in tallies)
    logs = [tally.log for tally in tallies]
    return {
        "status": "ready",
        "name": first.name,
        "version": first.current.version.version,
        "models": {name: slot.current.version.version for name, slot in service.catalogue.slots.items()},
        "challengers": service.catalogue.challengers(),
        "uptime": round(time.time() - counted.started, 3),
        "pid": os.getpid(),
        "queue": sum(tally.waiting for tally in tallies),
        **counted.counts(),
        "latency_ms": {f"p{share}": counted.quantile(share / 100) for share in (50, 95, 99)},
        "lanes": first.current.report(),
        "classes": None if first.current.classes is None else [str(label) for label in first.current.classes],
        "log": {
            **{fact: sum(log.get(fact, 0) for log in logs) for fact in ("written", "dropped", "waiting")},
            "failure": next((log["failure"] for log in logs if log.get("failure")), None),
        },
    }


def metadata(version: ModelVersion) -> dict[str, Any]:
    """Return exactly the keys that vetiver's clients compare."""
    return {
        "user": dict(version.metadata),
        "version": version.version,
        "url": None,
        "required_pkgs": sorted(version.lineage.packages) if version.lineage else [],
        "python_version": _python_version(version.lineage.python if version.lineage else ""),
    }


def _python_version(text: str | None) -> list[Any]:
    numbers = [int(number) for number in re.findall(r"\d+", text or "")[:3]]
    return [*numbers, "final", 0] if len(numbers) == 3 else []
