"""The file layer: no link is followed, nothing but plain files is read, and no operation waits."""

from __future__ import annotations

import contextlib
import os
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_magics.core import folder_handles
from mlops_magics.core.file_layer import FileLayer
from mlops_magics.core.folder_handles import NotPlain, TooLarge

LIMIT = 1000


@pytest.fixture(params=["handles", "paths"])
def files(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FileLayer:
    """A layer over a folder, with directory handles, and as on a platform that has none."""
    if request.param == "paths":
        monkeypatch.setattr(folder_handles, "HANDLES", False)
    root, outside = tmp_path / "root", tmp_path / "outside"
    for folder in (root / "inner" / "deep", outside / "deep"):
        folder.mkdir(parents=True)
    for place in (root / "inner" / "file", outside / "file", outside / "deep" / "file"):
        place.write_bytes(b"data")
    (root / "away").symlink_to(outside)
    (root / "link").symlink_to(outside / "file")
    (root / "inner" / "away").symlink_to(outside / "deep")
    return FileLayer(root)


def _tree(folder: Path) -> dict[str, bytes | None]:
    return {str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None for path in folder.rglob("*")}


READS: dict[str, Callable[[FileLayer, str], Any]] = {
    "open": lambda files, place: files.open(place),
    "read": lambda files, place: files.read(place, LIMIT),
    "names": lambda files, place: files.names(place),
    "entries": lambda files, place: files.entries(place),
    "folders": lambda files, place: files.folders(place),
}
CHANGES: dict[str, Callable[[FileLayer, str], Any]] = {
    "make_folder": lambda files, place: files.make_folder(f"{place}/new"),
    "create": lambda files, place: files.create(f"{place}/new").close(),
    "append": lambda files, place: files.append(f"{place}/file", b"more"),
    "sync_folder": lambda files, place: files.sync_folder(place),
    "rename out": lambda files, place: files.rename("inner/file", f"{place}/new"),
    "rename in": lambda files, place: files.rename(f"{place}/file", "inner/new"),
    "replace": lambda files, place: files.replace("inner/file", f"{place}/file"),
    "link": lambda files, place: files.link(f"{place}/file", "inner/new"),
    "link out": lambda files, place: files.link("inner/file", f"{place}/new"),
    "unlink": lambda files, place: files.unlink(f"{place}/file"),
    "remove_tree": lambda files, place: files.remove_tree(f"{place}/deep"),
    "locked": lambda files, place: files.locked(f"{place}/lock").__enter__(),
    "stat": lambda files, place: files.stat(f"{place}/file"),
}


@pytest.mark.parametrize("act", [*READS, *CHANGES])
@pytest.mark.parametrize("place", ["away", "inner/away"])
def test_T05_no_operation_follows_a_link_out(files: FileLayer, act: str, place: str) -> None:
    """T5: whatever is done below a folder that is a link is refused, and the linked folder stays as it is."""
    outside = Path(files.root).parent / "outside"
    before = _tree(outside)
    with pytest.raises(NotPlain, match="a link"):
        {**READS, **CHANGES}[act](files, place)

    assert _tree(outside) == before


def test_T05_a_link_is_removed_and_moved_as_what_it_is(files: FileLayer) -> None:
    """T5: a sweep removes the link and the folder around it; the linked files are untouched."""
    outside = Path(files.root).parent / "outside"
    before = _tree(outside)
    files.rename("away", "moved")
    files.unlink("moved")
    files.remove_tree("link")
    files.remove_tree("inner")

    assert files.names() == []
    assert _tree(outside) == before


@pytest.mark.parametrize(
    "place", ["..", "../outside/file", "inner/../../outside/file", "/etc/passwd", "", "inner//file", "./inner", "a\0b"]
)
def test_T05_a_place_is_a_path_of_plain_names(files: FileLayer, place: str) -> None:
    """T5: no word leads out of the root."""
    with pytest.raises(OSError, match=r"not the name|No such|embedded|a folder"):
        files.open(place)


@given(place=st.text("./\\ab\0~%", max_size=12))
def test_T05_no_word_of_dots_and_slashes_reaches_the_outside(
    tmp_path_factory: pytest.TempPathFactory, place: str
) -> None:
    """T5: whatever the word, a file is created below the root or nowhere."""
    around = tmp_path_factory.mktemp("around")
    (around / "root").mkdir()
    with contextlib.suppress(OSError, ValueError):
        FileLayer(around / "root").create(place).close()

    assert [path.name for path in around.iterdir()] == ["root"]


def _pipe(path: Path) -> Callable[[], None]:
    os.mkfifo(path)
    return lambda: None


def _socket(path: Path) -> Callable[[], None]:
    listener = socket.socket(socket.AF_UNIX)
    folder = os.getcwd()
    os.chdir(path.parent)  # a socket's path is short
    listener.bind(path.name)
    os.chdir(folder)
    return listener.close


def _device(path: Path) -> Callable[[], None]:
    try:
        os.mknod(path, 0o666 | 0o020000, os.makedev(1, 5))  # /dev/zero
    except PermissionError:
        pytest.skip("making a device needs root")
    return lambda: None


def _linked_device(path: Path) -> Callable[[], None]:
    path.symlink_to("/dev/zero")
    return lambda: None


def _folder(path: Path) -> Callable[[], None]:
    path.mkdir()
    return lambda: None


ODD = {"a pipe": _pipe, "a socket": _socket, "a device": _device, "a link": _linked_device, "a folder": _folder}


@pytest.fixture(params=ODD)
def odd(request: pytest.FixtureRequest, files: FileLayer) -> Iterator[str]:
    """An entry that is not a plain file, by what it is."""
    close = ODD[request.param](Path(files.root) / "odd")
    yield request.param
    close()


def test_R12_what_is_not_a_plain_file_is_refused_at_once(files: FileLayer, odd: str) -> None:
    """R12: reading, appending and locking name what is there, and wait for nobody."""
    started = time.monotonic()
    for act in (
        lambda: files.read("odd", LIMIT),
        lambda: files.open("odd"),
        lambda: files.append("odd", b"x"),
        lambda: files.locked("odd").__enter__(),
    ):
        with pytest.raises(NotPlain) as refused:
            act()
        assert refused.value.kind == odd or (odd == "a link" and refused.value.kind == "a device")

    assert time.monotonic() - started < 1


def test_R12_a_listing_names_every_kind_of_entry(files: FileLayer, odd: str) -> None:
    """R12: listing opens nothing."""
    kinds = {entry.name: entry.kind for entry in files.entries()}

    assert kinds["odd"] == {"a folder": "folder", "a link": "link"}.get(odd, "other")
    assert kinds["inner"] == "folder"
    assert kinds["away"] == "link"


def test_T09_a_file_is_measured_before_it_is_read(files: FileLayer) -> None:
    """T9: a terabyte of zeros costs nothing."""
    with open(Path(files.root) / "sparse", "wb") as stream:
        stream.truncate(1_000_000_000_000)
    with pytest.raises(TooLarge, match="1,000,000,000,000 bytes"):
        files.read("sparse", LIMIT)

    assert files.read("inner/file", 4) == b"data"


def test_every_change_does_what_it_says(files: FileLayer) -> None:
    """Create, append, link, rename, replace, remove: seen by everybody else as plain files."""
    root = Path(files.root)
    files.make_folder("new")
    with files.create("new/a") as stream:
        assert files.write(stream, b"one") == 3
        files.sync(stream)
    files.append("new/a", b"two")
    files.link("new/a", "new/b")
    files.rename("new/b", "new/c")
    files.replace("new/c", "inner/file")
    files.sync_folder("new")
    with files.locked("new/lock"):
        pass
    with pytest.raises(FileExistsError):
        files.create("new/a")

    assert (root / "new" / "a").read_bytes() == (root / "inner" / "file").read_bytes() == b"onetwo"
    assert sorted(files.names("new")) == ["a", "lock"]
    assert files.weight("new") == 6
    assert files.kind("new") == "folder"
    assert files.kind("nothing") is None
    files.remove_tree("new")
    assert "new" not in files.names()
