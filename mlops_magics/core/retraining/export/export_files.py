"""Writing of an export: a file is written only when it reads back as the plan."""

from __future__ import annotations

import contextlib
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlops_magics.core.documents import page_file
from mlops_magics.core.retraining.export import export_registry
from mlops_magics.core.retraining.export.export_plan import MARKER, ExportPlan
from mlops_magics.core.retraining.export.export_target import ExportTarget
from mlops_magics.core.retraining.policies.policy import Policy
from mlops_magics.core.retraining.policies.schedule import local_zone, schedule_of
from mlops_magics.core.retraining.running.order import seconds_of
from mlops_magics.errors import InvalidInput

HEAD_LINES = 3
"""First lines of a file, in which its marker is."""

HEAD_CHARACTERS = 10_000
"""What is read of a file for these lines."""


@dataclass(frozen=True, slots=True)
class Exported:
    """The files of an export.

    Attributes
    ----------
    next_step
        The next step for the user, in one line.
    """

    model: str
    policy: str
    target: str
    files: tuple[str, ...]
    next_step: str

    def __repr__(self) -> str:
        return f"{', '.join(self.files)} carries out the policy {self.policy} of {self.model}. {self.next_step}"

    def to_json(self) -> dict[str, Any]:
        """Return the record as JSON values."""
        return {
            "model": self.model, "policy": self.policy, "target": self.target, "files": list(self.files),
            "next_step": self.next_step,
        }  # fmt: skip


def plan_of(
    policy: Policy, to: str, *, command: str | None = None, secrets: tuple[str, ...] = (), image: str | None = None
) -> ExportPlan:
    """Return the plan of a policy. One that conditions alone make due is checked every hour.

    Parameters
    ----------
    policy
        The policy that is run.
    to
        The target.
    command
        The program to call.
    secrets
        Names of environment variables from the orchestrator's store.
    image
        The container image.

    Raises
    ------
    NotFound
        No such target.
    """
    if command is None and getattr(export_registry.target(to), "here", False):
        command = _own_command()
    schedule = policy.schedule() or schedule_of("hour", None, policy.zone or local_zone(), policy.model)
    given = {"command": command, "image": image}
    return ExportPlan(
        policy.model, policy.name, schedule.cron, schedule.zone, limit=seconds_of(policy.limit), secrets=secrets,
        **{key: value for key, value in given.items() if value is not None},
    )  # fmt: skip


def _own_command() -> str | None:
    """Return the path of the command in this environment: timers of a machine search few folders."""
    place = Path(sys.executable).with_name("mlops-magics")
    return str(place) if place.exists() else None


def write(plan: ExportPlan, to: str, path: str | None) -> Exported:
    """Write the files of an export.

    Parameters
    ----------
    path
        The file, or the folder for a file of the usual name. The working folder by default.

    Raises
    ------
    NotFound
        No such target.
    InvalidInput
        A word that the target cannot hold, or a file that is in the way.
    """
    target = export_registry.target(to)
    files = dict(target.render(plan))
    # before the first file is written: half of an export would be worse than none
    check(plan, target, files)
    base = _base(plan, target, path)
    places = {f"{base}{ending}": text for ending, text in files.items()}
    for place in places:
        _check_free(Path(place))
    for place, text in places.items():
        page_file.write(Path(place), text)
    return Exported(plan.model, plan.policy, to, tuple(places), target.next_step.replace("FILE", next(iter(places))))


def check(plan: ExportPlan, target: ExportTarget, files: dict[str, str]) -> None:
    """Refuse files that do not read back as the plan.

    Raises
    ------
    InvalidInput
    """
    found = target.parse(files)
    wanted = {
        "command": (found.argv, (plan.argv, plan.argv_idle_ok)),
        "schedule": (found.cron, (plan.cron, None)),
        "time zone": (found.zone, (plan.zone, None)),
    }
    for what, (read, accepted) in wanted.items():
        if read not in accepted:
            raise InvalidInput(f"The {what} cannot be written for {target.name}: it would be read as {read!r:.120}.")
    if not found.variables <= set(plan.secrets):
        raise InvalidInput(f"The secrets cannot be written for {target.name}: {sorted(found.variables)}.")


def _base(plan: ExportPlan, target: ExportTarget, path: str | None) -> str:
    usual = target.file.format(model=plan.model if plan.policy == "default" else f"{plan.model}-{plan.policy}")
    if path is None:
        return usual
    if Path(path).is_dir() or path.endswith("/"):
        return str(Path(path) / usual)
    return path


def _check_free(place: Path) -> None:
    """Refuse to replace a file that is not of an export."""
    if not os.path.lexists(place):
        return
    head: list[str] = []
    if place.is_file() and not place.is_symlink():
        with contextlib.suppress(OSError, UnicodeDecodeError), place.open(encoding="utf-8") as file:
            head = file.read(HEAD_CHARACTERS).splitlines()[:HEAD_LINES]
    if not any(MARKER in line for line in head):
        raise InvalidInput(f"{place} exists and was not written by an export. Give another --output.")
