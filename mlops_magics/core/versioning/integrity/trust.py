"""This user's trust in boards, versions by their hash, and signers, whose models may run code while they are read.

A version that this user pinned is trusted by its hash, and so is one that the user looked at and trusted. A whole board
is trusted by the user's decision. All of it is kept in the user's own state folder, and nothing on a board adds to it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mlops_magics.core import json_text, state
from mlops_magics.core.versioning import clock
from mlops_magics.core.versioning.describing.model_version import ModelVersion
from mlops_magics.core.versioning.stores.store import Store
from mlops_magics.errors import StateError

WHOLE = "trusted_boards.json"
"""The boards that are trusted as a whole: URL to identity."""

FOUNDED = "founded_boards.json"
"""The boards that this user created: URL to identity."""

VERSIONS = "trusted_versions.jsonl"
"""The versions that this user pinned or trusted, a line each."""


def is_whole(url: str, board_id: str | None) -> bool:
    """Return whether everything on the board at this place is trusted, and the board is still the same one."""
    entries = _entries(WHOLE)
    return url in entries and entries[url] in (None, board_id)


def is_founded(url: str, board_id: str | None) -> bool:
    """Return whether this user created the board at this place."""
    return board_id is not None and _entries(FOUNDED).get(url) == board_id


def trust(url: str, board_id: str | None) -> None:
    """Trust everything on a board, now and later.

    Raises
    ------
    StateError
        When the state folder cannot be written.
    """
    _set(WHOLE, url, board_id)


def distrust(url: str) -> None:
    """Forget that a board, and each version on it, was trusted, and who created it.

    Raises
    ------
    StateError
        When the state folder cannot be written.
    """
    for name in (WHOLE, FOUNDED):
        entries = _entries(name)
        if url in entries:
            _write(name, {place: identity for place, identity in entries.items() if place != url})
    _keep(lambda line: _text(line, "board") != url)


def trust_version(version: ModelVersion, sha256: str) -> None:
    """Trust one version of a board.

    Raises
    ------
    StateError
        When the state folder cannot be written.
    """
    if not is_trusted(version.board, sha256):
        line = {"sha256": sha256, "board": version.board, "ref": version.ref, "time": clock.now().isoformat()}
        # a line that a full disk or a power cut left in half must not take this one with it
        torn = b"" if _whole(_read()) else b"\n"
        state.append_private(_path(VERSIONS), torn + json.dumps(line).encode() + b"\n")


def distrust_version(board: str, sha256: str) -> None:
    """Forget that a version was trusted.

    Raises
    ------
    StateError
        When the state folder cannot be written.
    """
    mark = _mark(sha256)
    _keep(lambda line: not (mark in line and _text(line, "board") == board))


def is_trusted(board: str, sha256: str) -> bool:
    """Return whether the user pinned or trusted a version of the board with these bytes."""
    mark = _mark(sha256)
    return any(mark in line and _text(line, "board") == board for line in _lines())


def trusted_among(board: str, hashes: set[str]) -> set[str]:
    """Return those hashes that are of trusted versions of the board."""
    found = {_text(line, "sha256") for line in _lines() if _text(line, "board") == board}
    return hashes & found


class Founding:
    """The context of a write, in which a created board becomes this user's own, under its identity.

    Parameters
    ----------
    whole
        Whether everything on a board that this user creates is trusted, even from other writers.
    """

    def __init__(self, store: Store, whole: bool) -> None:
        self._store, self._whole = store, whole
        self._ours = self._trusted = False

    def __enter__(self) -> None:
        if self._store.board_id() is None:
            self._trusted = is_whole(self._store.url, None)
            self._ours = self._trusted or not self._store.exists()

    def __exit__(self, *raised: object) -> None:
        identity = self._store.board_id() if self._ours else None
        if identity is None:
            return
        _set(FOUNDED, self._store.url, identity)
        if self._whole or self._trusted:
            trust(self._store.url, identity)


def _entries(name: str) -> dict[str, Any]:
    try:
        entries = state.read_json(_path(name))
    except StateError:  # a state folder that cannot be used trusts nothing
        return {}
    return entries if isinstance(entries, dict) else {}


def _set(name: str, url: str, board_id: str | None) -> None:
    entries = _entries(name)
    if url not in entries or entries[url] != board_id:
        _write(name, {**entries, url: board_id})


def _write(name: str, entries: dict[str, Any]) -> None:
    state.write_private(_path(name), json.dumps(entries, indent=1).encode())


def _lines() -> list[bytes]:
    return _read().splitlines()


def _read() -> bytes:
    try:
        return state.read_private(_path(VERSIONS))
    except OSError:
        return b""


def _whole(lines: bytes) -> bool:
    return not lines or lines.endswith(b"\n")


def _keep(wanted: Callable[[bytes], bool]) -> None:
    lines = _lines()
    kept = [line for line in lines if wanted(line)]
    if len(kept) < len(lines):
        state.write_private(_path(VERSIONS), b"".join(line + b"\n" for line in kept))


def _mark(sha256: str) -> bytes:
    """Return the text that only the line of this hash contains, because JSON would escape the quotes in a value."""
    return f'"sha256": {json.dumps(sha256)}'.encode()


def _text(line: bytes, key: str) -> str | None:
    try:
        found = json_text.parse(line)[key]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return found if isinstance(found, str) else None


def _path(name: str) -> Path:
    return state.directory() / name
