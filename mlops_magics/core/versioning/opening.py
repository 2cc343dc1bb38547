"""The opening of a board from a folder, a URL, or a board object of pins."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from mlops_magics.core.versioning.board import Board
from mlops_magics.core.versioning.stores.folder import FolderStore
from mlops_magics.errors import InvalidInput, NotFound

_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+)://", re.ASCII)


def open_board(place: Any, *, create: bool = True) -> Board:
    """Open the board at a folder, a URL or in a pins board object. Nothing is written before the first version.

    Parameters
    ----------
    place
        A path, an fsspec URL (``s3://``, ``gs://``, ``abfs://``, ``memory://``), an ``https://`` URL of a board with a
        manifest (read-only), ``connect://SERVER`` for the pins of one user on Posit Connect (its key in
        ``CONNECT_API_KEY``), or a board of the pins package.
    create
        Whether a board that does not exist yet is accepted.

    Raises
    ------
    NotFound
        When the folder does not exist and ``create`` is false.
    InvalidInput
        For a place that is not a board.
    """
    if isinstance(place, Board):
        return place
    store = _store(place)
    if not create and not store.exists():
        raise NotFound("board", store.url, hint="Choose one with `%board PATH_OR_URL`.")
    return Board(store, label_of(store.url))


def label_of(url: str) -> str:
    """Return a short name for the board: the last word of its place."""
    words = re.findall(r"[A-Za-z0-9][A-Za-z0-9._-]*", url.rstrip("/").rpartition("/")[2])
    return str(words[0]) if words else "board"


def _store(place: Any) -> Any:
    if isinstance(place, Path):
        return _folder(place)
    if not isinstance(place, str):
        return _pins_store(place)
    if not place.strip() or "\0" in place:
        raise InvalidInput("A board is a folder or a URL. This is empty.")
    if "::" in place:
        raise InvalidInput(f"Chained URLs such as {place!r:.60} are not a board: name the place itself.")
    scheme = _URL.match(place)
    if scheme is None:
        return _folder(Path(place))
    return _url_store(place, scheme[1].lower())


def _folder(place: Path) -> FolderStore:
    """Return the store of a folder, which may not exist yet.

    Raises
    ------
    InvalidInput
        For a file, a pipe or a device, and for a place below one: it would look like an empty board.
    """
    there = next((each for each in (place, *place.absolute().parents) if os.path.lexists(each)), None)
    # `Path.exists` raises where a link leads to a folder that this user cannot enter
    if there is not None and os.path.exists(there) and not os.path.isdir(there):
        raise InvalidInput(f"{there} is not a folder. A board is a folder or a URL.")
    return FolderStore(place)


def _url_store(url: str, scheme: str) -> Any:
    if scheme == "file":
        return _folder(Path(url.removeprefix("file://")))
    if scheme in {"http", "https"}:
        from mlops_magics.core.versioning.stores.web import WebStore

        return WebStore(url)
    if scheme in {"connect", "connect+http"}:
        from mlops_magics.core.versioning.stores.connect import ConnectStore

        return ConnectStore.at(url)
    from mlops_magics.core.versioning.stores.objects import ObjectStore

    return ObjectStore.at(url)


def _pins_store(board: Any) -> Any:
    if not hasattr(board, "fs") or not hasattr(board, "board"):
        raise InvalidInput(f"A board is a folder, a URL or a pins board, not {type(board).__name__}.")
    from mlops_magics.core.versioning.stores.pins_board import store_of

    return store_of(board)
