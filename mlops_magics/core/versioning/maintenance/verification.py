"""The verification of a board: every file is hashed again, strays are reported, and repairs only move entries aside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mlops_magics.core import phrases, progress
from mlops_magics.core.sizes import readable_size
from mlops_magics.core.versioning.describing import data_txt
from mlops_magics.core.versioning.describing.model_version import ModelVersion
from mlops_magics.core.versioning.history.anchors import Anchor
from mlops_magics.core.versioning.history.event_log import EventLog
from mlops_magics.core.versioning.integrity import verified_files
from mlops_magics.core.versioning.listing.catalogue import Catalogue, anchor_of
from mlops_magics.core.versioning.names import LOG_PIN, ModelName, VersionName
from mlops_magics.core.versioning.stores.store import Store
from mlops_magics.errors import IntegrityError, MlopsError, NotFound

MANIFEST = "_pins.yaml"


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault of a board.

    Attributes
    ----------
    kind
        ``stray`` (does not belong here), ``orphan`` (data without metadata), ``broken`` (bytes or metadata damaged),
        ``unreadable`` (no permission, or no answer), ``dangling`` (an alias whose version is gone) or ``log`` (an event
        that was changed or removed).
    repaired
        The place to which a repair moved it, ``accepted`` for a log that was accepted, else None.
    """

    kind: str
    place: str
    reason: str
    repaired: str | None = None


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """The report of a verification: its scope and findings."""

    board: str
    versions: int
    files: int
    size: int
    findings: tuple[Finding, ...]

    @property
    def sound(self) -> bool:
        """Whether nothing is left to do."""
        return all(finding.repaired for finding in self.findings)

    def __repr__(self) -> str:
        head = (
            f"{phrases.counted(self.versions, 'version')}, {phrases.counted(self.files, 'file')}, "
            f"{readable_size(self.size)}: "
        )
        if not self.findings:
            return head + "all as written"
        return head + "; ".join(f"{each.kind} {each.place} ({each.reason})" for each in self.findings)

    def to_json(self) -> dict[str, Any]:
        """Return the report for the wire."""
        return {
            "board": self.board,
            "versions": self.versions,
            "files": self.files,
            "size": self.size,
            "sound": self.sound,
            "findings": [
                {"kind": each.kind, "place": each.place, "reason": each.reason, "repaired": each.repaired}
                for each in self.findings
            ],
        }


def verify(
    store: Store, catalogue: Catalogue, log: EventLog, *, repair: bool = False, accept: bool = False
) -> VerifyReport:
    """Check everything on the board.

    Parameters
    ----------
    repair
        Move broken and stray entries into the trash.
    accept
        Accept the log in its present state, where events were changed or removed.
    """
    walk = _Walk(store, catalogue, repair)
    walk.strays()
    for name in catalogue.names(companions=True):
        walk.model(ModelName(name))
    walk.log(log, accept)
    if repair:
        catalogue.summaries.forget()
    return VerifyReport(store.url, walk.versions, walk.files, walk.size, tuple(walk.findings))


class _Walk:
    """One walk over a board, which counts sound entries and collects findings."""

    def __init__(self, store: Store, catalogue: Catalogue, repair: bool) -> None:
        self._store, self._catalogue, self._repair = store, catalogue, repair and store.writable
        self._anchors: list[Anchor | None] = []
        self.versions = self.files = self.size = 0
        self.findings: list[Finding] = []

    def strays(self) -> None:
        """Find the entries of the board, and of its log, that do not belong there."""
        for place, reason in {**self._store.strays(), **self._store.strays_of_log()}.items():
            if place != MANIFEST:
                self._found("stray", tuple(place.split("/")), reason)

    def model(self, name: ModelName) -> None:
        """Check every entry of a model."""
        readable = set(self._catalogue.versions(name))
        entries = self._store.entries(name)
        if not entries:
            self._found("stray", (name,), "a model without versions")
        for entry in progress.each(entries, f"verifying {name}", len(entries), "versions"):
            if VersionName.accepts(entry) and (entry in readable or VersionName(entry).created):
                self._version(name, VersionName(entry))
            else:
                self._found("stray", (name, entry), "not a version")

    def _version(self, name: ModelName, version: VersionName) -> None:
        place = (name, version)
        try:
            files = self._store.files_of(name, version)
            if data_txt.FILE not in files:
                self._found("orphan" if files else "stray", place, "it has no metadata")
                return
            record = self._catalogue.read(name, version)
            self._anchors.append(anchor_of(record))
            self._check_files(record, files)
        except (IntegrityError, NotFound) as error:
            self._found("broken", place, str(error))
        except MlopsError as error:  # no permission, or no answer: it may be as written
            self.findings.append(Finding("unreadable", "/".join(place), str(error)))
        else:
            self.versions += 1

    def _check_files(self, record: ModelVersion, files: Mapping[str, int]) -> None:
        if record.file:
            verified_files.check_model(self._store, record)
            self.files, self.size = self.files + 1, self.size + record.size
        for stored in record.files:
            if stored.name != record.file:
                verified_files.read_file(self._store, record, stored.name)
                self.files, self.size = self.files + 1, self.size + stored.size
        if record.files:
            for extra in sorted(files.keys() - {stored.name for stored in record.files} - {data_txt.FILE}):
                self._found("stray", (record.name, record.version, extra), "the metadata do not list it")

    def log(self, log: EventLog, accept: bool) -> None:
        """Follow the chain of events from the first, and each alias to its version."""
        log.reload()
        reason = log.problem(self._anchors) or log.gap()
        if reason is not None:
            if accept:
                log.accept(self._anchors)
            self.findings.append(Finding("log", LOG_PIN, reason, "accepted" if accept else None))
        lost = log.identity_problem(self._anchors)
        if lost is not None and reason is None:
            self.findings.append(Finding("log", LOG_PIN, lost))
        for number in log.far():
            self.findings.append(Finding("stray", f"{LOG_PIN}/{number:08d}.json", "it is far after the last event"))
        for name, aliases in log.all_aliases().items():
            known = self._store.versions(ModelName(name))
            self.findings += [
                Finding("dangling", f"{name}@{alias}", f"{version} is gone. Promote another one")
                for alias, version in aliases.items()
                if version not in known
            ]

    def _found(self, kind: str, place: tuple[str, ...], reason: str) -> None:
        moved = None
        if self._repair:
            try:
                moved = self._store.quarantine(place)
            except MlopsError as error:
                reason = f"{reason}. It could not be moved aside: {error}"
        self.findings.append(Finding(kind, "/".join(place), reason, moved))
