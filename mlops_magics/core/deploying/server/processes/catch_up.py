"""Commands that bring a worker with an outdated plan up to date."""

from __future__ import annotations

from typing import Any

from mlops_magics.core.deploying.endpoints.plan import Plan

Command = dict[str, Any]


def commands_between(given: Plan, now: Plan) -> list[Command]:
    """Return the commands that turn a worker's plan into the current one."""
    changed = [served for served in now.models if given.version(served.name) != served.version]
    commands = [
        command for served in changed for command in _exchange(served.name, served.version, {"mode": "swap"})
    ]  # a swap also ends the challenger of the previous version
    swapped = {served.name for served in changed}
    for name, rival in now.challengers.items():
        if name in swapped or given.challengers.get(name) != rival:
            commands += _exchange(name, rival.version, {"mode": rival.mode, "share": rival.share})
    for name in given.challengers.keys() - now.challengers.keys() - swapped:
        commands.append({"do": "commit", "name": name, "mode": "withdraw"})
    for path, function in now.routes.items():
        if given.routes.get(path) != function:
            commands.append({"do": "route", "path": path, "function": function})
    return commands


def _exchange(name: str, version: str, commit: Command) -> list[Command]:
    """Return the two commands that let another version answer."""
    return [{"do": "prepare", "name": name, "version": version}, {"do": "commit", "name": name, **commit}]
