"""Tells the front ends what changed on disk: one Jupyter event for each second in which something did."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Hashable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tornado.ioloop import PeriodicCallback

from mlops_magics.core import known_boards, state
from mlops_magics.core.verdicts import FOLDER as VERDICTS
from mlops_magics.core.versioning import log_pin
from mlops_magics.core.versioning.names import LOG_PIN

LOG = Path(LOG_PIN, log_pin.VERSION)
PERIOD_MS = 500
"""Twice a second, so that with reading and drawing the panel follows within one."""

SCHEMA: dict[str, Any] = {
    "$id": "https://events.mlops-magics.dev/changed",
    "version": "1",
    "title": "A board, an endpoint or a verdict changed",
    "type": "object",
    "properties": {
        "boards": {"type": "array", "items": {"type": "string"}, "description": "Keys of the boards that changed."},
        "endpoints": {"type": "boolean"},
        "verdicts": {"type": "boolean"},
    },
    "required": ["boards", "endpoints", "verdicts"],
}


class Watcher:
    """Compares what lies on disk with what lay there before; reads no file but small ones of ours."""

    def __init__(self, events: Any, log: Any) -> None:
        self._events, self._log = events, log
        self._seen: dict[str, Hashable] | None = None
        self._busy = False
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="mlops-magics-watcher")

    def start(self) -> None:
        """Look again and again until the loop ends."""
        PeriodicCallback(self.look, PERIOD_MS).start()

    async def look(self) -> None:
        """Look once; a slow disk makes looks rarer, never concurrent."""
        if self._busy:
            return
        self._busy = True
        try:
            found = await asyncio.get_running_loop().run_in_executor(self._thread, snapshot)
            await self._tell(found)
        except OSError as error:
            self._log.warning("mlops_magics cannot watch its folders: %s", error)
        finally:
            self._busy = False

    async def _tell(self, found: dict[str, Hashable]) -> None:
        before, self._seen = self._seen, found
        if before is None or before == found:
            return
        changed = {key for key in {*before, *found} if before.get(key) != found.get(key)}
        self._events.emit(
            schema_id=SCHEMA["$id"],
            data={
                "boards": sorted(key.partition(":")[2] for key in changed if key.startswith("board:")),
                "endpoints": "endpoints" in changed,
                "verdicts": "verdicts" in changed,
            },
        )


def snapshot() -> dict[str, Hashable]:
    """Return a value for each watched thing that differs when the thing changed."""
    from mlops_magics.core.deploying import announcement

    folders = {each.key: Path(each.url) for each in known_boards.known() if "://" not in each.url}
    endpoints = [
        (each.board, each.name, each.version, each.pid, each.current_state) for each in announcement.all_announced()
    ]
    return {
        **{f"board:{key}": (*_stamps(folder), _changed(folder / LOG)) for key, folder in folders.items()},
        "endpoints": tuple(endpoints),
        "verdicts": tuple(_stamps(state.directory(VERDICTS))),
    }


def _stamps(folder: Path) -> Iterator[tuple[str, int | None]]:
    """Yield when a folder and the folders right below it last gained, lost or replaced an entry."""
    yield "", _changed(folder)
    try:
        with os.scandir(folder) as entries:
            below = sorted(entry.name for entry in entries if entry.is_dir(follow_symlinks=False))
    except OSError:
        return
    for name in below:
        yield name, _changed(folder / name)


def _changed(path: Path) -> int | None:
    try:
        return os.stat(path).st_mtime_ns
    except OSError:
        return None
