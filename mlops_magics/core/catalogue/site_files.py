"""The files of a site, in a folder or an object store: each is written as a whole."""

from __future__ import annotations

import mimetypes
import posixpath
from pathlib import Path
from typing import Any

from mlops_magics.core.documents import page_file
from mlops_magics.core.remote_errors import remote_refusals
from mlops_magics.errors import BoardError, InvalidInput

MEDIA_OPTIONS = {"s3": "ContentType", "s3a": "ContentType", "gs": "content_type", "gcs": "content_type"}
"""The name of the media type among the options of a write, by the protocol of fsspec."""


class SiteFiles:
    """The files below one place, to read, write and remove.

    Parameters
    ----------
    to
        A folder, or a URL of fsspec such as ``s3://bucket/site``.

    Raises
    ------
    InvalidInput
        For a URL of a kind that is not known.
    """

    def __init__(self, to: str | Path) -> None:
        self.place = str(to)
        if (
            not self.place.strip()
            or "\0" in self.place
            or (Path(self.place).exists() and not Path(self.place).is_dir())
        ):
            raise InvalidInput(f"{self.place!r} is not a folder.")
        self._system: Any = None
        self._made: set[str] = set()
        if "://" in self.place:
            import fsspec.core

            try:
                self._system, self._root = fsspec.core.url_to_fs(self.place)
            except (ImportError, ValueError) as error:
                raise InvalidInput(f"{self.place} cannot be written: {error}") from None

    def read(self, name: str) -> bytes | None:
        """Return a file, or None where there is none.

        Raises
        ------
        BoardError
            The place cannot be read.
        """
        try:
            if self._system is None:
                return (Path(self.place) / name).read_bytes()
            with remote_refusals(self.place, "read", "site"):
                data: bytes = self._system.cat_file(posixpath.join(self._root, name))
                return data
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise BoardError(f"{self.place} cannot be read: {error.strerror}.") from None

    def write(self, name: str, text: str) -> int:
        """Write a file in place of the one that is there, and return its size.

        Raises
        ------
        BoardError
            The place cannot be written.
        """
        data = text.encode()
        try:
            if self._system is not None:
                path = posixpath.join(self._root, name)
                with remote_refusals(self.place, "write", "site"):
                    self._make_folder(posixpath.dirname(path))
                    self._system.pipe_file(path, data, **self._media(name))
            else:
                page_file.write(Path(self.place) / name, text)
        except OSError as error:
            raise BoardError(f"{self.place} cannot be written: {error}") from error
        return len(data)

    def _make_folder(self, path: str) -> None:
        """Make a folder once: in a bucket that is a question for each file."""
        if path not in self._made:
            self._system.makedirs(path, exist_ok=True)
            self._made.add(path)

    def _media(self, name: str) -> dict[str, str]:
        """Return the option that stores the media type: a store that is served as a site offers others as downloads."""
        protocols = self._system.protocol
        kinds = {protocols} if isinstance(protocols, str) else set(protocols)
        option = next((MEDIA_OPTIONS[each] for each in kinds if each in MEDIA_OPTIONS), None)
        media = mimetypes.guess_type(name)[0]
        if option is None or media is None:
            return {}
        return {option: f"{media}; charset=utf-8" if media.startswith("text/") else media}

    def remove(self, name: str) -> None:
        """Remove a file, and pass over one that is gone already."""
        try:
            if self._system is not None:
                with remote_refusals(self.place, "write", "site"):
                    self._system.rm_file(posixpath.join(self._root, name))
            else:
                (Path(self.place) / name).unlink()
        except FileNotFoundError:
            return
