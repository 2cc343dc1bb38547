"""How everything that is watched looks now, as values that differ when the thing changed; only small files are read."""

from __future__ import annotations

import os
from collections.abc import Hashable, Iterator
from pathlib import Path

from mlops_magics.core import known_boards, state
from mlops_magics.core.known_boards import key_of
from mlops_magics.core.verdicts import FOLDER as VERDICTS
from mlops_magics.core.versioning import log_pin
from mlops_magics.core.versioning.names import LOG_PIN

LOG = Path(LOG_PIN, log_pin.VERSION)


def snapshot() -> dict[str, Hashable]:
    """Return a value for each board (``board:KEY``), endpoint and verdict (``endpoint:KEY/NAME``, ``verdict:…``)."""
    known = known_boards.known()
    boards = {f"board:{each.key}": _board(each.url) for each in known}
    return {**boards, **dict(_endpoints()), **dict(_verdicts())}


def _board(url: str) -> Hashable:
    """Return times of change of a board's folders; a board in an object store is not watched, only known."""
    if "://" in url:
        return None
    folder = Path(url)
    return (_changed(folder), _changed(folder / LOG), *_stamps(folder))


def _endpoints() -> Iterator[tuple[str, Hashable]]:
    from mlops_magics.core.deploying import announcement

    for each in announcement.all_announced():
        key = f"endpoint:{key_of(each.board)}/{each.name}"
        yield key, (each.current_state, each.version, each.pid, tuple(each.models.items()))


def _verdicts() -> Iterator[tuple[str, Hashable]]:
    for path in state.directory(VERDICTS).glob("*/*.json"):
        yield f"verdict:{path.parent.name}/{path.stem}", _changed(path)


def _stamps(folder: Path) -> list[tuple[str, int]]:
    """Return when each folder right below this one last gained, lost or replaced an entry."""
    try:
        with os.scandir(folder) as entries:
            return sorted(
                (each.name, each.stat().st_mtime_ns) for each in entries if each.is_dir(follow_symlinks=False)
            )
    except OSError:
        return []


def _changed(path: Path) -> int | None:
    try:
        return os.stat(path).st_mtime_ns
    except OSError:
        return None
