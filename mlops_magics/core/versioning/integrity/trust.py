"""The boards whose models this user allows to run code while they are read; kept in the user's own state folder."""

from __future__ import annotations

import json
from typing import Any

from mlops_magics.core import state
from mlops_magics.core.versioning.stores.store import Store

FILE = "trusted_boards.json"


def is_trusted(url: str, board_id: str | None) -> bool:
    """Tell whether the board at this place, and not another one put there since, is trusted."""
    entries = _entries()
    if url not in entries:
        return False
    return entries[url] in (None, board_id)


def trust(url: str, board_id: str | None) -> None:
    """Record that models of this board may be deserialised."""
    entries = _entries()
    if url in entries and entries[url] == board_id:
        return
    entries[url] = board_id
    _write(entries)


def distrust(url: str) -> None:
    """Forget what `trust` recorded."""
    entries = _entries()
    if entries.pop(url, _ABSENT) is not _ABSENT:
        _write(entries)


_ABSENT = object()


def _entries() -> dict[str, Any]:
    try:
        entries = json.loads((state.directory() / FILE).read_bytes())
    except (OSError, ValueError):
        return {}
    return entries if isinstance(entries, dict) else {}


def _write(entries: dict[str, Any]) -> None:
    state.write_private(state.directory() / FILE, json.dumps(entries, indent=1).encode())


class Founding:
    """The context of a write: a board that it creates is this user's own, and trusted under its identity."""

    def __init__(self, url: str, store: Store) -> None:
        self._url, self._store = url, store
        self._ours = False

    def __enter__(self) -> None:
        identity = self._store.board_id()
        self._ours = identity is None and (not self._store.exists() or is_trusted(self._url, None))

    def __exit__(self, *raised: object) -> None:
        identity = self._store.board_id() if self._ours else None
        if identity is not None:
            trust(self._url, identity)
