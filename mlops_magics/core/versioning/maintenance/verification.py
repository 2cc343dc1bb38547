"""Verifying a board: every file hashed again, every stray named, and repairs that only ever move things aside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlops_magics.core.versioning.describing import data_txt
from mlops_magics.core.versioning.describing.model_version import readable_size
from mlops_magics.core.versioning.history.events import MOVES, EventLog
from mlops_magics.core.versioning.integrity import verified_files
from mlops_magics.core.versioning.names import LOG_PIN, ModelName, VersionName
from mlops_magics.errors import IntegrityError, MlopsError, NotFound

if TYPE_CHECKING:
    from mlops_magics.core.versioning.board import Board

MANIFEST = "_pins.yaml"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it should be.

    Attributes
    ----------
    kind
        ``stray`` (no business here), ``orphan`` (data without metadata), ``broken`` (bytes or metadata damaged),
        ``dangling`` (an alias whose version is gone) or ``log`` (an event that was changed).
    repaired
        Where a repair moved it, or None.
    """

    kind: str
    place: str
    reason: str
    repaired: str | None = None


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """What a verification looked at and found."""

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
        head = f"{self.versions} versions, {self.files} files, {readable_size(self.size)}: "
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


def verify(board: Board, *, repair: bool = False) -> VerifyReport:
    """Look at everything on the board; with ``repair``, move what is broken or stray into the trash."""
    round_ = _Round(board, repair)
    round_.strays_of_board()
    for name in board.catalogue.names(companions=True):
        round_.model(ModelName(name))
    round_.log()
    if repair:
        board.catalogue.summaries.forget()
    return VerifyReport(board.url, round_.versions, round_.files, round_.size, tuple(round_.findings))


class _Round:
    """One walk over a board; counts what is sound and collects what is not."""

    def __init__(self, board: Board, repair: bool) -> None:
        self._board, self._repair = board, repair and board.writable
        self.versions = self.files = self.size = 0
        self.findings: list[Finding] = []

    def strays_of_board(self) -> None:
        """Find what lies beside the models."""
        for entry in self._board.store.strays():
            if entry not in {LOG_PIN, MANIFEST}:
                self._found("stray", (entry,), "neither a model nor ours")

    def model(self, name: ModelName) -> None:
        """Look at every entry of a model."""
        readable = set(self._board.catalogue.versions(name))
        entries = self._board.store.entries(name)
        if not entries:
            self._found("stray", (name,), "a model without versions")
        for entry in entries:
            if VersionName.accepts(entry) and (entry in readable or VersionName(entry).created):
                self._version(name, VersionName(entry))
            else:
                self._found("stray", (name, entry), "no version")

    def _version(self, name: ModelName, version: VersionName) -> None:
        place = (name, version)
        files = self._board.store.files(name, version)
        if data_txt.FILE not in files:
            self._found("orphan" if files else "stray", place, "it has no metadata")
            return
        try:
            record = self._board.catalogue.read(name, version)
            self._check_files(record, files)
        except (IntegrityError, NotFound) as error:
            self._found("broken", place, str(error))
        else:
            self.versions += 1

    def _check_files(self, record: Any, files: dict[str, int]) -> None:
        if record.file:
            verified_files.open_model(self._board.store, record).close()
            self.files, self.size = self.files + 1, self.size + record.size
        for stored in record.files:
            if stored.name != record.file:
                verified_files.read_file(self._board.store, record, stored.name)
                self.files, self.size = self.files + 1, self.size + stored.size
        if record.files:
            for extra in sorted(files.keys() - {stored.name for stored in record.files} - {data_txt.FILE}):
                self._found("stray", (record.name, record.version, extra), "the metadata do not list it")

    def log(self) -> None:
        """Follow the chain of events from the first, and each alias to its version."""
        log = EventLog(self._board.store)
        try:
            log.read()
        except IntegrityError as error:
            self.findings.append(Finding("log", LOG_PIN, str(error)))
            return
        last = {(event.name, event.alias): event.version for event in log.read() if event.event in MOVES}
        for (name, alias), version in last.items():
            if version is not None and version not in self._board.store.versions(ModelName(name)):
                self.findings.append(Finding("dangling", f"{name}@{alias}", f"{version} is gone; promote another one"))

    def _found(self, kind: str, place: tuple[str, ...], reason: str) -> None:
        moved = None
        if self._repair:
            try:
                moved = self._board.store.quarantine(place)
            except MlopsError as error:
                reason = f"{reason}; it could not be moved aside: {error}"
        self.findings.append(Finding(kind, "/".join(place), reason, moved))
