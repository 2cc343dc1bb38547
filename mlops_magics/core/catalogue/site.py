"""The writer of a board's site: pages of models that changed since, and the page that lists all."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from mlops_magics.core import json_text, phrases, progress
from mlops_magics.core.catalogue import index_page, model_page
from mlops_magics.core.catalogue.index_page import ModelRow
from mlops_magics.core.catalogue.model_page import Address
from mlops_magics.core.catalogue.site_files import SiteFiles
from mlops_magics.core.versioning.listing.companion_names import TYPES
from mlops_magics.core.versioning.names import ModelName
from mlops_magics.errors import MlopsError
from mlops_magics.version import __version__

if TYPE_CHECKING:
    from mlops_magics.core.versioning import Board

T = TypeVar("T")
MANIFEST = "catalogue.json"
"""Record of each page's sources, so that only changed pages are written again."""
AT_A_TIME = 8
"""Pages that are made at once over a network: each waits for about six answers."""


@dataclass(frozen=True, slots=True)
class Site:
    """The result of writing a site.

    Attributes
    ----------
    written, kept, removed
        Numbers of models' pages that were written, were still right, and were removed.
    failed
        The models that could not be read, with the reason.
    """

    place: str
    models: int
    written: int
    kept: int
    removed: int
    failed: tuple[str, ...] = ()

    def __repr__(self) -> str:
        counts = (
            f"{phrases.counted(self.models, 'model')}, {phrases.counted(self.written, 'page')} written, "
            f"{self.kept} kept, {self.removed} removed"
        )
        return "\n".join([f"{self.place}: {counts}", *self.failed])

    def to_json(self) -> dict[str, Any]:
        """Return the record as JSON values."""
        return {**asdict(self), "failed": list(self.failed)}


def write(board: Board, to: str | Path, addresses: Mapping[str, Sequence[Address]]) -> Site:
    """Write the site of a board.

    Parameters
    ----------
    to
        A folder, or a URL of fsspec such as ``s3://bucket/site``.
    addresses
        Addresses of models, by name.

    Raises
    ------
    InvalidInput, BoardError
        The place is not known, or cannot be written.
    """
    board, files = board.still(), SiteFiles(to)
    before = _manifest(files)
    names = board.names()
    made_of = _fingerprints(board, names, addresses)
    kept = {name: known for name in names if (known := before.get(name)) and known["made_of"] == made_of[name]}
    changed = [name for name in names if name not in kept]
    failed: list[str] = []

    def make(name: str) -> ModelRow | str:
        """Write the page of a model, and return its row, or why it could not be read."""
        try:
            text, row = model_page.page(board, board.version(name), addresses.get(name, ()))
        except MlopsError as error:
            return f"{name}: {error}"
        files.write(_page(name), text)
        return row

    rows = _each(make, changed, "://" in f"{board.url} {files.place}")
    for name, row in progress.each(rows, "writing the pages", len(changed), "models"):
        if isinstance(row, str):
            failed.append(row)
        else:
            kept[name] = {"made_of": made_of[name], "row": asdict(row)}
    gone = sorted(set(before) - set(kept))
    for name in gone:
        files.remove(_page(name))
    _write_index(board, files, kept)
    return Site(
        files.place, len(names), len(changed) - len(failed), len(names) - len(changed), len(gone), tuple(failed)
    )


def _write_index(board: Board, files: SiteFiles, kept: Mapping[str, Mapping[str, Any]]) -> None:
    rows = [ModelRow(**each["row"]) for each in kept.values()]
    now = f"{dt.datetime.now(dt.UTC):%Y-%m-%d %H:%M} UTC"
    files.write(
        "index.html", index_page.page(board.label, sorted(rows, key=lambda row: row.updated, reverse=True), now)
    )
    files.write(MANIFEST, json.dumps(dict(sorted(kept.items())), indent=1))


def _each(call: Callable[[str], T], names: Sequence[str], remote: bool) -> Iterator[tuple[str, T]]:
    """Yield each name with what a function returns for it: several at a time where a network answers."""
    if not remote or not names:
        yield from ((name, call(name)) for name in names)
        return
    yield names[0], call(names[0])  # what the others need is imported and connected once
    pool = ThreadPoolExecutor(AT_A_TIME)
    try:
        yield from zip(names[1:], pool.map(call, names[1:]), strict=True)
    finally:
        pool.shutdown(cancel_futures=True)


def _page(name: str) -> str:
    return f"models/{ModelName(name)}.html"


def _manifest(files: SiteFiles) -> dict[str, dict[str, Any]]:
    """Return the record of the site's sources, without foreign entries, so that their pages are made again."""
    try:
        found = json_text.parse(files.read(MANIFEST) or b"{}")
    except ValueError:
        return {}
    fields = set(ModelRow.__dataclass_fields__)
    return {
        name: each
        for name, each in (found.items() if isinstance(found, dict) else ())
        if ModelName.accepts(name)
        and isinstance(each, dict)
        and isinstance(each.get("made_of"), str)
        and isinstance(each.get("row"), dict)
        and set(each["row"]) == fields
        and all(isinstance(value, str) for value in each["row"].values())
    }


def _fingerprints(board: Board, names: Sequence[str], addresses: Mapping[str, Sequence[Address]]) -> dict[str, str]:
    """Return a hash for each model of all that its page is made from: versions, companions, events and addresses."""
    events: dict[str, list[int]] = {}
    for event in board.log.read():
        events.setdefault(event.name, []).append(event.sequence)
    pins = frozenset(board.store.names())

    def fingerprint(name: str) -> str:
        beside = [f"{name}.{what}" for what in TYPES if f"{name}.{what}" in pins]
        versions = {pin: board.catalogue.versions(ModelName(pin)) for pin in (name, *beside)}
        facts = (__version__, versions, events.get(name, []), [asdict(each) for each in addresses.get(name, ())])
        return hashlib.sha256(json.dumps(facts).encode()).hexdigest()

    return dict(_each(fingerprint, names, "://" in board.url))
