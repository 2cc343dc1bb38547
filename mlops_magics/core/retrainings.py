"""Records of the results of retrainings, which jobs leave on disk for the sidebar."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

from mlops_magics.core import state
from mlops_magics.core.known_boards import key_of
from mlops_magics.core.versioning.names import ModelName
from mlops_magics.errors import InvalidInput

FOLDER = "retrainings"
MOST_KEPT = 200


def remember(
    board: str,
    name: str,
    *,
    version: str | None = None,
    error: str | None = None,
    number: int | None = None,
    outcome: str = "",
) -> None:
    """Record that a retraining finished with a version, or failed with an error. The job calls this last.

    Parameters
    ----------
    board
        The board's URL.
    error
        One line for people.
    number, outcome
        The number of the version among those of the model, and what became of it (``promoted``, ``kept``, ``waiting``).

    Raises
    ------
    InvalidInput
        Both or neither of the two results are given.
    """
    if (version is None) == (error is None):
        raise InvalidInput("A retraining ends with a version or with an error: give `version=` or `error=`.")
    ended: dict[str, Any] = {"ended": dt.datetime.now(dt.UTC).isoformat(), "version": version, "error": error}
    if version is not None:
        ended |= {"number": number, "outcome": outcome}
    kept = of_key(key_of(board), name)[: MOST_KEPT - 1]
    state.write_private(_path(key_of(board), name), json.dumps([ended, *kept]).encode())


def of_key(key: str, name: str) -> list[dict[str, Any]]:
    """Return the results of the retrainings of a model, newest first: ``ended``, and ``version`` or ``error``.

    Those of version 0.1 have no ``number`` and no ``outcome``.
    """
    found = state.read_json(_path(key, name))
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _path(key: str, name: str) -> Path:
    return state.directory(FOLDER, key) / f"{ModelName(name)}.json"
