"""File layers that fail: once, at an operation with a given number, or from that one on."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from mlops_magics.core.file_layer import FileLayer

CHANGES = frozenset(
    {"make_root", "make_folder", "create", "write", "append", "sync", "sync_folder", "rename", "replace", "link"}
    | {"unlink", "remove_tree", "locked", "sibling", "remove_root"}
)
"""The operations that are counted."""

READS = frozenset({"open", "read", "names", "entries", "facts", "folders", "stat", "kind", "weight"})


class Crash(BaseException):
    """The process is gone: nothing behind this line happens, cleaning up included."""


@dataclass
class Plan:
    """Which operation fails, and how; shared by all layers of one process.

    Attributes
    ----------
    at
        The number of the operation; None lets all of them work, and counts them.
    error
        The error that it raises once; without one the process ends there.
    """

    at: int | None = None
    error: OSError | None = None
    count: int = 0
    dead: bool = False
    done: list[str] = field(default_factory=list)

    def reach(self, name: str) -> None:
        """Count an operation, and fail where that is its turn."""
        if self.dead:
            raise Crash(name)
        if name not in CHANGES:
            return
        self.count += 1
        self.done.append(name)
        if self.count == self.at:
            if self.error is not None:
                raise self.error
            self.dead = True
            raise Crash(name)


class QuickFiles(FileLayer):
    """A real file layer that waits for no disk: no test ends with a power cut."""

    def sync(self, stream: BinaryIO) -> None:
        return

    def sync_folder(self, place: str = "") -> None:
        self.names(place)


class FailingFiles(QuickFiles):
    """A real file layer until the plan lets an operation fail; a write then leaves half of its bytes."""

    def __init__(self, root: Path | str, plan: Plan) -> None:
        super().__init__(root)
        self.plan = plan

    def __getattribute__(self, name: str) -> Any:
        found = super().__getattribute__(name)
        if name in CHANGES or name in READS:
            plan: Plan = super().__getattribute__("plan")
            try:
                plan.reach(name)
            except (Crash, OSError):
                if name == "write" and plan.count == plan.at:
                    return self._torn(plan)
                if name == "append" and plan.count == plan.at:
                    return self._torn_append(plan, found)
                raise
        return found

    def _torn(self, plan: Plan) -> Any:
        def write(stream: BinaryIO, data: Any) -> int:
            left = memoryview(data).cast("B")
            stream.write(left[: len(left) // 2])
            raise plan.error or Crash("write")

        return write

    def _torn_append(self, plan: Plan, append: Any) -> Any:
        def torn(place: str, data: bytes, mode: int = 0o666) -> None:
            append(place, data[: len(data) // 2], mode)
            raise plan.error or Crash("append")

        return torn
