"""Where the announcements and logs of a board's models lie below the state folder."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from mlops_magics.core import state
from mlops_magics.errors import InvalidName

ENDPOINTS, LOGS = "endpoints", "logs"
PREDICTIONS, FEEDBACK = "predictions", "feedback"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")


def board_key(url: str) -> str:
    """Return the short name under which a board's logs and announcements lie."""
    return hashlib.sha256(url.encode()).hexdigest()[:12]


def announcement_of(board: str, name: str) -> Path:
    """Return where the endpoint of a board's model announces itself."""
    return state.directory(ENDPOINTS) / f"{board_key(board)}-{checked(name)}.json"


def log_of(board: str, name: str, kind: str = PREDICTIONS) -> Path:
    """Return the folder of one model's log, created on first use."""
    return state.directory(LOGS, board_key(board), checked(name), kind)


def logs_of(name: str, kind: str = PREDICTIONS) -> list[Path]:
    """Return the log folders of every board that has served a model of this name."""
    return sorted(state.directory(LOGS).glob(f"*/{checked(name)}/{kind}"))


def checked(name: str) -> str:
    """Return a name that can be a file's; others could leave the state folder.

    Raises
    ------
    InvalidName
    """
    if not _NAME.fullmatch(name):
        raise InvalidName(f"{name[:80]!r} is no model's name: letters, digits, `.`, `_` and `-`, at most 128.")
    return name
