"""What a worker is told that was started from an older plan of its endpoint."""

from __future__ import annotations

from typing import Any

from mlops_magics.core.deploying.endpoints.plan import Plan

Command = dict[str, Any]


def briefing(given: Plan, now: Plan) -> list[Command]:
    """Return the commands by which a worker that was given one plan comes to carry out another."""
    changed = [served for served in now.models if given.version(served.name) != served.version]
    commands = [
        command for served in changed for command in _prepared(served.name, served.version, {"mode": "swap"})
    ]  # a swap also ends what was tried out beside the version before
    swapped = {served.name for served in changed}
    for name, rival in now.challengers.items():
        if name in swapped or given.challengers.get(name) != rival:
            commands += _prepared(name, rival.version, {"mode": rival.mode, "share": rival.share})
    for name in given.challengers.keys() - now.challengers.keys() - swapped:
        commands.append({"do": "commit", "name": name, "mode": "withdraw"})
    for path, function in now.routes.items():
        if given.routes.get(path) != function:
            commands.append({"do": "route", "path": path, "function": function})
    return commands


def _prepared(name: str, version: str, commit: Command) -> list[Command]:
    """Return the two steps to another version."""
    return [{"do": "prepare", "name": name, "version": version}, {"do": "commit", "name": name, **commit}]
