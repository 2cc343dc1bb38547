"""A disk that forgets what was not synced: changes are recorded, and a power cut shows which of them may be left."""

from __future__ import annotations

import os
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from mlops_magics.core.file_layer import FileLayer
from tests.core.failing_files import QuickFiles


@dataclass(frozen=True)
class Step:
    """One change: its name, its paths, the file that it writes to, and the bytes."""

    name: str
    paths: tuple[str, ...] = ()
    stream: int = 0
    data: bytes = b""


class RecordingFiles(QuickFiles):
    """A real file layer that writes down each change."""

    def __init__(self, root: Path | str, steps: list[Step]) -> None:
        super().__init__(root)
        self.steps = steps

    def _note(self, name: str, *places: str, stream: int = 0) -> None:
        self.steps.append(Step(name, tuple(os.path.join(self.root, place) for place in places), stream))

    def make_root(self) -> None:
        super().make_root()
        self._note("make_root", "")

    def make_folder(self, place: str, mode: int = 0o777) -> None:
        super().make_folder(place, mode)
        self._note("make_folder", place)

    def create(self, place: str, mode: int = 0o666) -> BinaryIO:
        stream = super().create(place, mode)
        self._note("create", place, stream=os.fstat(stream.fileno()).st_ino)
        return stream

    def write(self, stream: BinaryIO, data: Any) -> int:
        self.steps.append(Step("write", stream=os.fstat(stream.fileno()).st_ino, data=bytes(data)))
        return super().write(stream, data)

    def sync(self, stream: BinaryIO) -> None:
        self.steps.append(Step("sync", stream=os.fstat(stream.fileno()).st_ino))

    def sync_folder(self, place: str = "") -> None:
        super().sync_folder(place)
        self._note("sync_folder", place)

    def rename(self, source: str, target: str, into: FileLayer | None = None) -> None:
        super().rename(source, target, into)
        paths = os.path.join(self.root, source), os.path.join((into or self).root, target)
        self.steps.append(Step("rename", paths))

    def replace(self, source: str, target: str) -> None:
        super().replace(source, target)
        self._note("rename", source, target)

    def link(self, source: str, target: str) -> None:
        super().link(source, target)
        self._note("link", source, target)

    def unlink(self, place: str) -> None:
        super().unlink(place)
        self._note("unlink", place)

    def remove_tree(self, place: str) -> None:
        super().remove_tree(place)
        self._note("remove_tree", place)

    def sibling(self) -> FileLayer:
        other = super().sibling()
        self.steps.append(Step("make_folder", (other.root,)))
        return other

    def remove_root(self) -> None:
        super().remove_root()
        self._note("remove_tree", "")


@dataclass
class Node:
    """A folder with its entries, or a file with its bytes: as processes see it, and as it is on the disk."""

    folder: bool
    live: dict[str, Node] = field(default_factory=dict)
    kept: dict[str, Node] = field(default_factory=dict)
    written: bytes = b""
    synced: int = 0


Change = list[tuple[Node, str, Node | None]]
"""Entries that one operation sets or removes; they reach the disk together."""


class SimulatedDisk:
    """The folders below a place, and the changes of them that are not on the disk yet.

    Parameters
    ----------
    place
        The folder as it is before the first change.
    """

    def __init__(self, place: Path) -> None:
        self._place = os.fspath(place)
        self._root = _read(place)
        self._streams: dict[int, Node] = {}
        self._pending: list[Change] = []

    def apply(self, step: Step) -> None:
        """Let processes see a change."""
        if step.name == "create":
            self._streams[step.stream] = Node(folder=False)
            self._change((step.paths[0], self._streams[step.stream]))
        elif step.name == "write":
            self._streams[step.stream].written += step.data
        elif step.name == "sync":
            self._streams[step.stream].synced = len(self._streams[step.stream].written)
        elif step.name == "sync_folder":
            self._sync(self._node(step.paths[0]))
        elif step.name == "make_folder":
            self._change((step.paths[0], Node(folder=True)))
        elif step.name == "make_root":
            self._make_root(step.paths[0])
        elif step.name == "rename":
            node = self._node(step.paths[0])
            self._change((step.paths[0], None), (step.paths[1], node))
        elif step.name == "link":
            self._change((step.paths[1], self._node(step.paths[0])))
        elif step.name == "unlink":
            self._change((step.paths[0], None))
        elif step.name == "remove_tree":
            self._remove(step.paths[0])

    def cut(self, target: Path, luck: random.Random | None) -> None:
        """Write what the disk holds after a power cut; without luck, no change that was not synced is left."""
        for change in self._pending:
            if luck is not None and luck.random() < 0.5:
                _set(change, "kept")
        _write(self._root, target, luck)

    def _change(self, *entries: tuple[str, Node | None]) -> None:
        change = [(*self._parent(path), node) for path, node in entries]
        _set(change, "live")
        self._pending.append(change)

    def _make_root(self, path: str) -> None:
        """Create missing folders, each of which was synced."""
        folder = self._root
        for part in os.path.relpath(path, self._place).split("/"):
            folder.live.setdefault(part, Node(folder=True))
            folder.kept.setdefault(part, folder.live[part])
            folder = folder.live[part]

    def _remove(self, path: str) -> None:
        try:
            node = self._node(path)
        except KeyError:
            return
        for name in list(node.live):
            self._remove(f"{path}/{name}")
        self._change((path, None))

    def _sync(self, folder: Node) -> None:
        """Bring the changes of a folder to the disk, and with them the other half of a move."""
        due = [change for change in self._pending if any(parent is folder for parent, _, _ in change)]
        for change in due:
            _set(change, "kept")
        self._pending = [change for change in self._pending if all(change is not each for each in due)]

    def _node(self, path: str) -> Node:
        node = self._root
        for part in os.path.relpath(path, self._place).split("/"):
            node = node if part == "." else node.live[part]
        return node

    def _parent(self, path: str) -> tuple[Node, str]:
        return self._node(os.path.dirname(path)), os.path.basename(path)


def power_cut(steps: Sequence[Step], before: Path, target: Path, luck: random.Random | None) -> None:
    """Write to ``target`` what is left of ``before`` after these changes and a power cut."""
    disk = SimulatedDisk(before)
    for step in steps:
        disk.apply(step)
    disk.cut(target, luck)


def _set(change: Change, side: str) -> None:
    for folder, name, node in change:
        entries: dict[str, Node] = getattr(folder, side)
        entries.pop(name, None)
        if node is not None:
            entries[name] = node


def _read(place: Path) -> Node:
    if place.is_dir():
        entries = {each.name: _read(each) for each in place.iterdir()}
        return Node(folder=True, live=entries, kept=dict(entries))
    data = place.read_bytes()
    return Node(folder=False, written=data, synced=len(data))


def _write(node: Node, place: Path, luck: random.Random | None) -> None:
    if node.folder:
        place.mkdir()
        for name, each in node.kept.items():
            _write(each, place / name, luck)
    else:
        size = node.synced if luck is None else luck.randint(node.synced, len(node.written))
        place.write_bytes(node.written[:size])
