"""Snapshots of everything that is watched, as values that differ after a change. Only small files are read.

A quick look finds changes of our writers at once: each of them touches a board's log or its staging folder. A thorough
one looks at the folder of every model, and so finds those of other tools too.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Hashable, Iterator
from pathlib import Path
from typing import Any, TypeVar, cast

from mlops_magics.core import known_boards, retrainings, state, verdicts
from mlops_magics.core.known_boards import key_of
from mlops_magics.core.versioning.clock import COARSE_NS
from mlops_magics.core.versioning.stores import log_pin
from mlops_magics.core.versioning.stores.folder_log import STAGING

Snapshot = dict[str, Hashable]
Found = TypeVar("Found")


class Watched:
    """The things that are watched, with the contents of folders that have not changed since."""

    def __init__(self) -> None:
        self._folders: dict[Path, tuple[int, Any]] = {}
        self._boards: dict[str, tuple[Hashable, tuple[Hashable, ...]]] = {}

    def snapshot(self, *, thorough: bool = True) -> Snapshot:
        """Return a value for each board (``board:KEY``), endpoint, verdict and retraining (``verdict:KEY/NAME``)."""
        known = self._read(state.directory(known_boards.FOLDER), lambda _: known_boards.known())
        boards = {f"board:{each.key}": self._board(each.url, thorough) for each in known}
        told = {
            **dict(self._files_of("verdict", verdicts.FOLDER)),
            **dict(self._files_of("retraining", retrainings.FOLDER)),
        }
        return {**boards, **dict(self._endpoints()), **told}

    def _board(self, url: str, thorough: bool) -> Hashable:
        """Return times of change of a board's folders. A board in an object store is not watched, only known."""
        if "://" in url:
            return None
        folder = Path(url)
        moved = (_changed(folder), _changed(folder / log_pin.PLACE))
        touched = (*moved, _changed(folder / STAGING))
        before, stamps = self._boards.get(url, (None, ()))
        if thorough or touched != before:
            stamps = tuple(_stamps(folder))
            self._boards[url] = (touched, stamps)
        return (*moved, *stamps)

    def _endpoints(self) -> Iterator[tuple[str, Hashable]]:
        from mlops_magics.core.deploying.endpoints import announcement, paths

        announced = self._read(state.directory(paths.ENDPOINTS), lambda _: list(announcement.all_announced()))
        for each in announced:
            key = f"endpoint:{key_of(each.board)}/{each.name}"
            yield key, (each.current_state, each.version, each.pid, tuple(each.models.items()))

    def _files_of(self, kind: str, place: str) -> Iterator[tuple[str, Hashable]]:
        """Yield when each file of a model last changed, in a folder that has one below it for each board."""
        for board in self._read(state.directory(place), _folders):
            for name, changed in self._read(board, _files):
                yield f"{kind}:{board.name}/{name}", changed

    def _read(self, folder: Path, read: Callable[[Path], Found]) -> Found:
        """Read a folder whose files are only ever replaced, unless it is as it was when it was read last."""
        changed = _changed(folder) or time.time_ns()
        before, kept = self._folders.get(folder, (None, None))
        if before == changed:
            return cast("Found", kept)
        settled = time.time_ns() - changed > COARSE_NS  # else another change may come that its time does not show
        found = read(folder)
        if settled:
            self._folders[folder] = (changed, found)
        return found


def verdicts_of(key: str, name: str) -> list[dict[str, Any]]:
    """Return the findings of monitoring on a model, newest first. ``key`` identifies the board."""
    return verdicts.of_key(key, name)


def retrainings_of(key: str, name: str) -> list[dict[str, Any]]:
    """Return the outcomes of a model's retrainings, newest first. ``key`` identifies the board."""
    return retrainings.of_key(key, name)


def _folders(folder: Path) -> list[Path]:
    return [each for each in folder.iterdir() if each.is_dir()]


def _files(folder: Path) -> list[tuple[str, int | None]]:
    return [(path.stem, _changed(path)) for path in folder.glob("*.json")]


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
