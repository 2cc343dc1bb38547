"""The content items of a board on Posit Connect, through the pins package. Their bundles never change."""

from __future__ import annotations

import contextlib
import functools
import html
import io
import tarfile
import tempfile
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any

from mlops_magics.core.remote_errors import remote_refusals
from mlops_magics.errors import NotFound

PAGE = "index.html"
ADDED = frozenset({PAGE, "manifest.json"})
"""The files that the server requires in addition to those of a pin."""

_PAGE = "<!doctype html><meta charset=utf-8><title>{0}</title><p>{0} is a pin; read it with pins or mlops_magics.</p>\n"


class ConnectPlace:
    """The content of one user on one server.

    Parameters
    ----------
    fs
        The file system of a pins board on Posit Connect.
    url
        The place as users name it.
    """

    def __init__(self, fs: Any, url: str) -> None:
        self.fs, self.api, self.url = fs, fs.api, url

    @functools.cached_property
    def user(self) -> Any:
        """The user of the key, who owns the pins of the board."""
        with self.refusals("read"):
            return self.api.get_user()

    def refusals(self, verb: str) -> contextlib.AbstractContextManager[None]:
        """Turn an error of the server into one line."""
        return remote_refusals(self.url, verb)

    def pinned(self) -> list[str]:
        """Return the names of the user's pins."""
        found = self.api.misc_get_applications("content_type:pin").results
        return sorted(each["name"] for each in found if each["owner_username"] == self.user["username"])

    def content(self, name: str) -> Any:
        """Return the content item of a name, or None."""
        return next(iter(self.api.get_content(self.user["guid"], name)), None)

    def bundles(self, name: str) -> list[int]:
        """Return the bundles of a content item in the order of their creation, which is that of their numbers."""
        content = self.content(name)
        return (
            [] if content is None else sorted(int(each["id"]) for each in self.api.get_content_bundles(content["guid"]))
        )

    def fetch(self, name: str, bundle: int, file: str) -> bytes:
        """Return a file of a bundle."""
        stream = io.BytesIO()
        self.download(name, bundle, file, stream)
        return stream.getvalue()

    def download(self, name: str, bundle: int, file: str, target: Any) -> None:
        """Write a file of a bundle to a stream. A bundle that is not deployed yet is read from its archive.

        Parameters
        ----------
        name, bundle
            The content and one of its bundles.
        file
            The file in it.
        target
            The stream that is written.

        Raises
        ------
        NotFound
        """
        content = self.content(name)
        if content is None:
            raise NotFound("file", f"{name}/{bundle}/{file}", hint="Run `%verify`.")
        try:
            self.api.misc_get_content_bundle_file(content["guid"], str(bundle), file, target)
        except OSError as error:
            if getattr(getattr(error, "response", None), "status_code", None) != HTTPStatus.NOT_FOUND:
                raise
            with self.unpacked(name, bundle) as folder:
                if not (folder / file).is_file():
                    raise NotFound("file", f"{name}/{bundle}/{file}", hint="Run `%verify`.") from None
                target.write((folder / file).read_bytes())

    @contextlib.contextmanager
    def unpacked(self, name: str, bundle: int) -> Iterator[Path]:
        """Yield a private folder with the files of a bundle, without those that the server requires."""
        with tempfile.TemporaryDirectory(prefix="mlops-magics-") as place:
            archive, folder = Path(place) / "bundle.tar.gz", Path(place) / "files"
            self.api.get_content_bundle_archive(self.content(name)["guid"], str(bundle), str(archive))
            with tarfile.open(archive) as files:
                # the filter refuses links and paths that lead outside (PEP 706)
                files.extractall(folder, filter="data")
            for added in ADDED:
                (folder / added).unlink(missing_ok=True)
            yield folder

    def put(self, name: str, folder: Path) -> int:
        """Create a bundle of a folder's files, make it the content's current one, and return its number."""
        for added in ADDED:
            (folder / added).unlink(missing_ok=True)
        (folder / PAGE).write_text(_PAGE.format(html.escape(name)))
        where = self.fs.put(str(folder), f"{self.user['username']}/{name}", recursive=True)
        return int(where.rpartition("/")[2])

    def deploy(self, name: str, bundle: int) -> None:
        """Make a bundle the current one, which readers without a version get."""
        task = self.api.post_content_item_deploy(self.content(name)["guid"], str(bundle))
        self.api.poll_tasks(task["task_id"])

    def remove(self, name: str, bundle: int) -> None:
        """Remove a bundle, and the content with its last one. Another bundle is made the current one first."""
        content, others = self.content(name), [each for each in self.bundles(name) if each != bundle]
        if not others:
            self.api.delete_content_item(content["guid"])
            return
        if str(content["bundle_id"]) == str(bundle):
            self.deploy(name, others[-1])
        self.api.delete_content_bundle(content["guid"], str(bundle))
