"""A read-only board on the web, listed by its manifest ``_pins.yaml``."""

from __future__ import annotations

import contextlib
import http.client
import io
import sys
import urllib.error
import urllib.parse
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import BinaryIO, NoReturn

from mlops_magics.core import http_answers
from mlops_magics.core.versioning.describing import bounded_yaml, data_txt
from mlops_magics.core.versioning.describing.data_txt import FILE, LARGEST
from mlops_magics.core.versioning.names import LOG_PIN, FileName, ModelName, VersionName
from mlops_magics.core.versioning.stores import log_pin
from mlops_magics.core.versioning.stores.store import Describe, Draft
from mlops_magics.core.versioning.stores.sweep import Swept
from mlops_magics.errors import BoardError, IntegrityError, InvalidInput, NotFound

MANIFEST = "_pins.yaml"
SECONDS = 30.0
"""Seconds for an answer, see `http_answers`."""

LARGEST_MANIFEST = 64_000_000
"""The most bytes of a manifest, which lists each version in about 50."""

_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


class WebStore:
    """The reading half of the store protocol over HTTPS."""

    writable = shared = False

    def __init__(self, url: str) -> None:
        parts = urllib.parse.urlsplit(url)
        if parts.scheme != "https" and parts.hostname not in _LOOPBACK:
            raise InvalidInput(
                "A board on the web is read over https://. What http:// answers can be changed on its way."
            )
        host = parts.netloc.rpartition("@")[2]
        self.url = urllib.parse.urlunsplit(
            (parts.scheme, host, parts.path.rstrip("/").removesuffix(f"/{MANIFEST}"), "", "")
        )
        self._opener = http_answers.opener()
        self._manifest: dict[str, list[str]] | None = None

    def exists(self) -> bool:
        """Return whether there is a manifest."""
        try:
            return bool(self._listed())
        except NotFound:
            return False

    def names(self) -> list[str]:
        """Return the models of the manifest."""
        return [name for name in self._listed() if name != LOG_PIN]

    def versions(self, name: ModelName) -> list[str]:
        """Return the versions that the manifest lists."""
        return sorted(self._listed().get(name, []))

    entries = versions

    def stamp(self, name: ModelName) -> int:
        """Return a constant, because the manifest was read once."""
        return 0

    def read(self, name: ModelName, version: VersionName, file: str, limit: int | None = None) -> bytes:
        """Return a whole file. One of more than ``limit`` bytes is refused."""
        return self._get(f"{name}/{version}/{file if file == FILE else FileName(file)}", limit)

    def open(self, name: ModelName, version: VersionName, file: str, limit: int | None = None) -> BinaryIO:
        """Return a file in memory, so that the verified bytes are the bytes that are read."""
        return io.BytesIO(self.read(name, version, file, limit))

    def files_of(self, name: ModelName, version: VersionName) -> dict[str, int]:
        """Return the files in the metadata of a version. Others cannot be known."""
        listed = data_txt.files_listed(self.read(name, version, FILE, LARGEST), f"{name}@{version}")
        return {FILE: 0, **listed}

    def events(self, after: int) -> Iterator[bytes | IntegrityError]:
        """Yield the events after a sequence number, where the board was published with its log."""
        sequence = after + 1
        while LOG_PIN in self._listed():
            try:
                yield self._get(f"{log_pin.PLACE}/{log_pin.event_file(sequence)}", log_pin.LARGEST)
            except NotFound:
                return
            except IntegrityError as error:
                yield error
            sequence += 1

    def beat(self, key: str, data: bytes | None) -> None:
        """Keep no heartbeat, because nothing here can be overwritten."""

    def last_beat(self, key: str) -> bytes | None:
        """Return None, because no heartbeat is kept here."""
        return None

    def board_id(self) -> str | None:
        """Return the identity of the board, or None."""
        try:
            return log_pin.board_of(self._get(f"{log_pin.PLACE}/{log_pin.FILE}", log_pin.LARGEST), self.url)
        except NotFound:
            return None

    def trash(self) -> list[str]:
        """Return nothing, because deleted versions are not listed."""
        return []

    def strays(self) -> dict[str, str]:
        """Return nothing, because the manifest lists models only."""
        return {}

    strays_of_log = strays

    def event_marks(self) -> Mapping[int, object]:
        """Return nothing, because the web has no listing of the log."""
        return {}

    # Writing is refused

    def draft(self) -> contextlib.AbstractContextManager[Draft]:
        """Refuse."""
        self._refuse()

    def commit(self, draft: Draft, name: ModelName, pin_hash: str, describe: Describe) -> VersionName:
        """Refuse."""
        self._refuse()

    def discard(self, name: ModelName, version: VersionName) -> str:
        """Refuse."""
        self._refuse()

    def undiscard(self, place: str) -> tuple[ModelName, VersionName]:
        """Refuse."""
        self._refuse()

    def quarantine(self, place: tuple[str, ...]) -> str:
        """Refuse."""
        self._refuse()

    def sweep(self, staging: timedelta, trash: timedelta, held: frozenset[str]) -> Swept:
        """Refuse."""
        self._refuse()

    def append_event(self, sequence: int, data: bytes) -> bool:
        """Refuse."""
        self._refuse()

    def _refuse(self) -> NoReturn:
        raise BoardError(
            f"The board {self.url} is read-only: `%copy` the model to a board of your own, and work there."
        )

    def _listed(self) -> dict[str, list[str]]:
        if self._manifest is None:
            self._manifest = parse_manifest(self._get(MANIFEST, LARGEST_MANIFEST), self.url)
        return self._manifest

    def _get(self, path: str, limit: int | None = None) -> bytes:
        address = f"{self.url}/{path}"
        most = sys.maxsize - 1 if limit is None else limit
        try:
            # https, or this machine: checked when the store was made
            with self._opener.open(address, timeout=SECONDS) as answer:
                data = http_answers.read(answer, most)
        except urllib.error.HTTPError as error:
            error.close()
            # S3 answers 403 for a missing object where listing is not allowed
            if error.code in {403, 404}:
                raise NotFound("file", address) from None
            why = ", a redirect, which is not followed. Open its target" if 300 <= error.code < 400 else ". Try again"
            raise BoardError(f"The board {self.url} answered {error.code}{why}.") from error
        except (OSError, ValueError, http.client.HTTPException) as error:  # a ValueError is of the host's name
            raise BoardError(
                f"The board {self.url} could not be read: {http_answers.reason(error)}. Check the network, then try "
                "again."
            ) from error
        if data is None:
            raise IntegrityError(f"{address} has more than {most:,} bytes. It was not read.")
        return data


def parse_manifest(data: bytes, url: str) -> dict[str, list[str]]:
    """Return name → versions of a manifest, without entries that lead elsewhere.

    Raises
    ------
    BoardError
        When it is not valid YAML.
    """
    try:
        manifest = bounded_yaml.load(data, MANIFEST, bounded_yaml.MOST_EVENTS_OF_A_LIST)
    except (ValueError, InvalidInput) as error:
        why = error if isinstance(error, InvalidInput) else "It is not valid YAML."
        raise BoardError(f"The manifest {url}/{MANIFEST} was not read. {why}") from error
    if not isinstance(manifest, dict):
        return {}
    found: dict[str, list[str]] = {}
    for name, places in manifest.items():
        versions = [
            str(place).strip("/").rpartition("/")[2] for place in (places if isinstance(places, list) else [places])
        ]
        if ModelName.accepts(name) or name == LOG_PIN:
            found[str(name)] = [version for version in versions if VersionName.accepts(version)]
    return found
