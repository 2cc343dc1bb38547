"""The content of every exported file, and its values when it is read back."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from mlops_magics.errors import InvalidInput

BOARD = "MLOPS_MAGICS_BOARD"
"""The environment variable with the board."""
IDLE = 75
"""Exit status of the command where there is nothing to do."""
MOST_KUBERNETES = 52
"""Characters of the name of a CronJob: Kubernetes appends eleven to those of its jobs."""
GRACE_SECONDS = 900
"""Time for a run after its recipe, to compare and to decide."""
MARKER = "Written by mlops_magics"
"""Marker in the first lines of every exported file, which the next export may replace."""
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_IMAGE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/@-]{0,254}")


@dataclass(frozen=True, slots=True)
class ExportPlan:
    """One policy, as an orchestrator runs it.

    Attributes
    ----------
    command
        The command line's program: a name, or a path where it is in an environment of its own.
    cron, zone
        The schedule, in the name of a time zone.
    limit
        Seconds after which the orchestrator ends a run, or None for never.
    secrets
        Names of environment variables that the orchestrator takes from its store of secrets.
    image
        The container image, for targets that run one.
    """

    model: str
    policy: str
    cron: str
    zone: str
    command: str = "mlops-magics"
    limit: float | None = None
    secrets: tuple[str, ...] = ()
    image: str = "python:3.12"

    def __post_init__(self) -> None:
        if "\0" in self.command or not self.command.strip() or not _is_text(self.command):
            raise InvalidInput("The command is a program's name or its path.")
        for name in self.secrets:
            if not _NAME.fullmatch(name):
                raise InvalidInput(f"{name!r:.60} is not a valid name of an environment variable.")
        if not _IMAGE.fullmatch(self.image):
            raise InvalidInput(f"{self.image!r:.60} is not a valid name of a container image.")

    @property
    def argv(self) -> tuple[str, ...]:
        """The command with its arguments. It exits with 75 where there is nothing to do."""
        return (self.command, "run-policies", self.model, "--policy", self.policy, "--once", "--json")

    @property
    def argv_idle_ok(self) -> tuple[str, ...]:
        """The same for an orchestrator without a status between success and failure."""
        return (*self.argv[:-1], "--idle-ok", "--json")

    @property
    def kubernetes_name(self) -> str:
        """The name as a DNS label. A hash separates two models whose labels would be the same."""
        text = f"retrain-{self.model}-{self.policy}" if self.policy != "default" else f"retrain-{self.model}"
        label = re.sub(r"[^a-z0-9-]+", "-", text.lower()).strip("-")
        if label == text and len(label) <= MOST_KUBERNETES:
            return label
        digest = hashlib.sha256(text.encode()).hexdigest()[:8]
        return f"{label[: MOST_KUBERNETES - 9].strip('-')}-{digest}"

    @property
    def title(self) -> str:
        """One line that describes the file."""
        return f"Retrains {self.model} by its policy {self.policy}. {MARKER}."

    @property
    def seconds(self) -> int:
        """Seconds after which a run is ended."""
        return int((self.limit or 86_400) + GRACE_SECONDS)


def _is_text(word: str) -> bool:
    try:
        return bool(word.encode())
    except UnicodeEncodeError:
        return False


@dataclass(frozen=True, slots=True)
class ParsedExport:
    """The content of a file, read back.

    Attributes
    ----------
    variables
        Names of environment variables that the file sets.
    cron, zone
        None for a target whose files hold no schedule.
    """

    argv: tuple[str, ...]
    variables: frozenset[str] = frozenset()
    cron: str | None = None
    zone: str | None = None
