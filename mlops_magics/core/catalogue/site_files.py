"""The files of a site, in a folder or an object store: each is written as a whole."""

from __future__ import annotations

import contextlib
import mimetypes
import posixpath
import secrets
from pathlib import Path
from typing import Any

from mlops_magics.core.file_layer import FileLayer
from mlops_magics.core.folder_handles import NotPlain, TooLarge
from mlops_magics.core.remote_errors import remote_refusals
from mlops_magics.errors import BoardError, InvalidInput, MlopsError

LARGEST = 256_000_000
"""Bytes of a file of a site that is read: its record has about 500 for each model."""

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
        self._files = FileLayer(self.place)
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
                return self._files.read(name, LARGEST)
            with remote_refusals(self.place, "read", "site"):
                data: bytes = self._system.cat_file(posixpath.join(self._root, name))
                return data
        except (FileNotFoundError, NotADirectoryError, NotPlain, TooLarge):  # no file of a site: it is written again
            return None
        except OSError as error:
            raise BoardError(f"{self.place} cannot be read: {error.strerror}.") from None

    def write(self, name: str, text: str) -> int:
        """Write a file in place of the one that is there, and return its size.

        Raises
        ------
        InvalidInput
            The folder cannot be written.
        BoardError
            The store cannot be written.
        """
        data = text.encode()
        try:
            if self._system is not None:
                path = posixpath.join(self._root, name)
                with remote_refusals(self.place, "write", "site"):
                    self._make_folder(posixpath.dirname(path))
                    self._system.pipe_file(path, data, **self._media(name))
            else:
                self._replace(name, data)
        except OSError as error:
            raise self._refusal(error) from error
        return len(data)

    def _refusal(self, error: OSError) -> MlopsError:
        kind = InvalidInput if self._system is None else BoardError
        return kind(f"{self.place} cannot be written: {error.strerror or error}.")

    def _replace(self, name: str, data: bytes) -> None:
        """Write a file in place of the one that is there. A link is replaced, a folder that is a link is refused."""
        folder = posixpath.dirname(name)
        if folder not in self._made:
            self._files.make_root()
            if folder and self._files.kind(folder) is None:
                self._files.make_folder(folder)
            self._made.add(folder)
        draft = posixpath.join(folder, f".{secrets.token_hex(4)}.draft")
        try:
            with self._files.create(draft) as stream:
                self._files.write(stream, data)
            self._files.replace(draft, name)
        except OSError:
            with contextlib.suppress(OSError):
                self._files.unlink(draft)
            raise

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
        """Remove a file, and pass over one that is gone already.

        Raises
        ------
        InvalidInput, BoardError
            The place cannot be written.
        """
        try:
            if self._system is not None:
                with remote_refusals(self.place, "write", "site"):
                    self._system.rm_file(posixpath.join(self._root, name))
            else:
                self._files.unlink(name)
        except FileNotFoundError:
            return
        except OSError as error:
            raise self._refusal(error) from error
