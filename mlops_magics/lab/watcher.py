"""The watcher of changes on disk: one Jupyter event to the front ends for each look that found one."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from tornado.ioloop import PeriodicCallback

from mlops_magics.core.session.snapshot import Snapshot, Watched
from mlops_magics.lab.news import news

if TYPE_CHECKING:
    from mlops_magics.core.session import Session
    from mlops_magics.panel.board_pool import BoardPool

PERIOD_MS = 250
"""Four quick looks a second, so that with reading and drawing the panel follows within one."""
MOST_SHARE = 0.02
"""Share of one core for thorough looks: the next one waits until the last one's time is within it."""

SCHEMA: dict[str, Any] = {
    "$id": "https://events.mlops-magics.dev/changed",
    "version": "1",
    "title": "A board, an endpoint or a verdict changed",
    "type": "object",
    "properties": {
        "boards": {"type": "array", "items": {"type": "string"}, "description": "Keys of the boards that changed."},
        "endpoints": {"type": "boolean"},
        "verdicts": {"type": "boolean"},
        "news": {
            "type": "array",
            "description": "The notifications of a change.",
            "items": {
                "type": "object",
                "properties": {name: {"type": "string"} for name in ("kind", "board", "name", "level", "text")},
                "required": ["kind", "board", "name", "level", "text"],
            },
        },
    },
    "required": ["boards", "endpoints", "verdicts", "news"],
}


class Watcher:
    """The watcher, which compares the files on disk with those of the last look."""

    def __init__(self, events: Any, log: Any, pool: BoardPool) -> None:
        self._events, self._log, self._pool = events, log, pool
        self._watched = Watched()
        self._seen: Snapshot | None = None
        self._busy = False
        self._rest_until = 0.0
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="mlops-magics-watcher")

    def start(self) -> None:
        """Look again and again until the loop ends."""
        PeriodicCallback(self.look, PERIOD_MS).start()

    async def look(self) -> None:
        """Look once. A slow disk makes looks rarer, never concurrent, and a slow look rarely thorough."""
        if self._busy:
            return
        self._busy = True
        try:
            found = await asyncio.get_running_loop().run_in_executor(self._thread, self._taken)
            self._read_early(found)
            self._tell(found)
        except OSError as error:
            self._log.warning("mlops_magics cannot watch its folders: %s", error)
        finally:
            self._busy = False

    def _taken(self) -> Snapshot:
        if time.monotonic() < self._rest_until:
            return self._watched.snapshot(thorough=False)
        # the processor's time of this thread: waiting for a slow disk does not burden the machine
        began = time.thread_time()
        found = self._watched.snapshot()
        self._rest_until = time.monotonic() + (time.thread_time() - began) / MOST_SHARE
        return found

    def _read_early(self, found: Snapshot) -> None:
        """Read boards that came up, so that the panel's first look at them is as quick as the next ones."""
        for thing in found.keys() - (self._seen or {}).keys():
            kind, _, key = thing.partition(":")
            if kind == "board" and found[thing] is not None:
                self._pool.ask(key, _read)

    def _tell(self, found: Snapshot) -> None:
        before, self._seen = self._seen, found
        # the first look has nothing to compare with: all of it would be news
        if before is None or before == found:
            return
        changed = {key for key in {*before, *found} if before.get(key) != found.get(key)}
        self._events.emit(
            schema_id=SCHEMA["$id"],
            data={
                "boards": sorted(key.partition(":")[2] for key in changed if key.startswith("board:")),
                "endpoints": any(key.startswith("endpoint:") for key in changed),
                "verdicts": any(key.startswith("verdict:") for key in changed),
                "news": list(news(before, found)),
            },
        )


def _read(session: Session) -> None:
    session.models()
