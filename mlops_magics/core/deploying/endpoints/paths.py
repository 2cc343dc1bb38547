"""Paths below the state folder: the announcements and logs of a board's models."""

from __future__ import annotations

import re
from pathlib import Path

from mlops_magics.core import state
from mlops_magics.core.known_boards import key_of
from mlops_magics.errors import InvalidName

ENDPOINTS, LOGS = "endpoints", "logs"
PREDICTIONS, FEEDBACK = "predictions", "feedback"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")


def announcement_of(board: str, name: str) -> Path:
    """Return the announcement file of the endpoint of a board's model."""
    return state.directory(ENDPOINTS) / f"{key_of(board)}-{safe_name(name)}.json"


def log_of(board: str, name: str, kind: str = PREDICTIONS) -> Path:
    """Return the folder of one model's log, created on first use."""
    return state.directory(LOGS, key_of(board), safe_name(name), kind)


def logs_of(name: str, kind: str = PREDICTIONS) -> list[Path]:
    """Return the log folders of every board that has served a model of this name."""
    return sorted(state.directory(LOGS).glob(f"*/{safe_name(name)}/{kind}"))


def safe_name(name: str) -> str:
    """Return a name that is safe in a path. Others could leave the state folder.

    Raises
    ------
    InvalidName
    """
    if not _NAME.fullmatch(name):
        raise InvalidName(
            f"{name[:80]!r} is not a valid model name: use letters, digits, `.`, `_` and `-`, at most 128."
        )
    return name
