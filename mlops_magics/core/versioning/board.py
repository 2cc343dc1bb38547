"""The board: a store of pins, and the operations on the versions in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from mlops_magics.core.recipe_guard import guard_methods
from mlops_magics.core.versioning.board_trust import BoardTrust
from mlops_magics.core.versioning.comparing.comparison import Side
from mlops_magics.core.versioning.describing.model_version import ModelVersion
from mlops_magics.core.versioning.history.aliases import Aliases, Fence
from mlops_magics.core.versioning.history.events import AliasMove
from mlops_magics.core.versioning.integrity import verified_files
from mlops_magics.core.versioning.listing.catalogue import Catalogue
from mlops_magics.core.versioning.listing.version_index import Summary
from mlops_magics.core.versioning.maintenance import trash, verification
from mlops_magics.core.versioning.maintenance.verification import VerifyReport
from mlops_magics.core.versioning.names import AliasName, ModelName, ModelRef
from mlops_magics.core.versioning.publishing import annotation, copying, publication
from mlops_magics.core.versioning.publishing.facts import PROFILE, Facts
from mlops_magics.core.versioning.stores.still_store import StillStore
from mlops_magics.core.versioning.stores.store import Store
from mlops_magics.core.versioning.stores.sweep import Swept
from mlops_magics.errors import InvalidName, MlopsError

if TYPE_CHECKING:
    from mlops_magics.core.versioning.listing.version_tables import HistoryTable, ModelTable, VersionTable


READS = frozenset(
    {"adopt", "aliases", "all_aliases", "all_numbers", "before", "created", "history", "last_versions", "load",
     "models", "named_like", "names", "numbers", "read_file", "side", "still", "trusts", "trusts_code", "version",
     "versions", "writing"}
)  # fmt: skip
"""The methods of a board that a recipe may call. In a retraining, every other one does nothing."""


@guard_methods(reads=READS)
class Board(BoardTrust):
    """A store of models at one place, opened with `mlops_magics.core.versioning.open_board`.

    Attributes
    ----------
    url
        The place, without credentials, for ``open_board(board.url)``.
    label
        A short name for references such as ``label:penguins@champion``.
    """

    def __init__(self, store: Store, label: str) -> None:
        super().__init__(store)
        self.label = label
        self.catalogue = Catalogue(store, self.log)
        self._aliases = Aliases(self.log, store.url)

    def __repr__(self) -> str:
        notes = [] if self.trusted else ["not trusted"]
        notes += [] if self.writable else ["read-only"]
        notes += ["the folder is made by the first pin"] if self.is_new else []
        return f"Board {self.url}" + (f" ({', '.join(notes)})" if notes else "")

    @property
    def is_new(self) -> bool:
        """Whether the board is a folder that does not exist yet. Other places are not checked."""
        return "://" not in self.url and not Path(self.url).exists()

    @property
    def writable(self) -> bool:
        """Whether this user may write here."""
        return self.store.writable

    def still(self) -> Board:
        """Return this board as it is now, for a reader of all of it: its listings and its log are read once."""
        return Board(cast("Store", StillStore(self.store)), self.label)

    # Publishing

    def publish(self, model: Any, name: str, facts: Facts | None = None) -> ModelVersion:
        """Store a fitted model, with its facts, as the newest version of a name.

        Raises
        ------
        InvalidName, InvalidInput, SerializationError, BoardError
            Nothing is published in these cases.
        """
        model_name = self._free_of_twins(ModelName(name))
        checked = (facts or Facts()).checked(model)
        with self.writing():
            version = publication.publish(self.store, model, model_name, checked, self.log.anchor, self._trust_own)
        return self._published(version)

    def _published(self, version: ModelVersion) -> ModelVersion:
        """Return a new version with its number, or without one where the board is lost after the publication."""
        self.catalogue.summaries.add(version.name, [Summary.of(version)])
        try:
            return self.catalogue.annotated(version)
        except MlopsError:
            return version

    def _free_of_twins(self, name: ModelName) -> ModelName:
        """Refuse a name that some file systems cannot distinguish from an existing one."""
        twin = next((each for each in self.names() if each != name and each.casefold() == name.casefold()), None)
        if twin is not None:
            raise InvalidName(
                f"{str(name)!r} differs from the model {twin!r} only in case. Use that name or another one."
            )
        return name

    # Reading

    def names(self) -> list[str]:
        """Return the models of the board, by name."""
        return self.catalogue.names()

    def version(self, ref: str | ModelRef, selector: str | None = None) -> ModelVersion:
        """Look up ``name``, ``name@alias`` or ``name@version``. A bare name is the champion, else the newest version.

        Raises
        ------
        NotFound
            No such version exists. The message names existing ones, the nearest first.
        """
        return self.catalogue.find(ref, selector)

    def named_like(self, selector: str) -> list[str]:
        """Return those references ``name@selector`` that mean a version of any model of this board."""
        aliases = self.all_aliases()
        return [
            f"{name}@{selector}"
            for name in self.names()
            if selector in aliases.get(name, {}) or self.catalogue.has(ModelName(name), selector)
        ]

    def read_file(self, version: str | ModelRef | ModelVersion, file: str) -> bytes:
        """Return a side file of a version, verified."""
        return verified_files.read_file(self.store, self._version(version), file)

    # Listings

    def models(self, query: str | None = None) -> ModelTable:
        """List the models, the most recently changed first. An example of a query is ``accuracy>0.9 tag:eu``."""
        return self.catalogue.model_table(query)

    def versions(self, name: str) -> VersionTable:
        """List the versions of a model, newest first."""
        return self.catalogue.version_table(ModelName(name), self._trusted_among)

    def last_versions(self, name: str, count: int) -> list[tuple[str, dict[str, float | None]]]:
        """Return the newest versions of a model with their metrics, oldest first."""
        return self.catalogue.last_versions(ModelName(name), count)

    def numbers(self, name: str, versions: Iterable[str]) -> dict[str, int]:
        """Return the numbers of some versions of a model."""
        return self.catalogue.numbers_of(ModelName(name), versions)

    def all_numbers(self, name: str) -> dict[str, int]:
        """Return the number of each version of a model, deleted ones included."""
        return self.catalogue.numbers(ModelName(name))

    def created(self, name: str, version: str) -> datetime | None:
        """Return when a version was made, by its id or its metadata, or None where neither can be read."""
        return self.catalogue.created(ModelName(name), version)

    def history(self, name: str) -> HistoryTable:
        """List the history of a model, newest first."""
        return self.catalogue.history_table(ModelName(name))

    # Aliases and metadata

    def aliases(self, name: str) -> dict[str, str]:
        """Return alias → version of a model."""
        return self.log.aliases(ModelName(name))

    def all_aliases(self) -> dict[str, dict[str, str]]:
        """Return model → alias → version of the whole board."""
        return self.log.all_aliases()

    def promote(
        self,
        ref: str | ModelRef,
        to: str,
        *,
        note: str | None = None,
        force: bool = False,
        fence: Fence | None = None,
    ) -> AliasMove:
        """Let the alias ``to`` name a version. A bare name means its newest version.

        Parameters
        ----------
        fence
            A function that reads the log at the moment of the move, and raises where the move is no longer allowed.

        Raises
        ------
        Conflict
            When another writer moved the alias at the same moment.
        InvalidInput
            When the alias is protected and ``force`` is not given.
        """
        parsed = ModelRef.parse(ref)
        alias = AliasName(to)
        version = self.version(parsed, parsed.selector or "latest")
        self.log.check(self.catalogue.anchors(ModelName(version.name), version))
        with self.writing():
            return self._aliases.promote(version.name, version.version, alias, note, force, fence)

    def rollback(
        self, name: str, alias: str | None = None, *, note: str | None = None, force: bool = False
    ) -> AliasMove:
        """Let an alias (by default the champion) name its previous version. Each rollback goes one further back.

        Parameters
        ----------
        name, alias
            The model and the alias.
        note
            The reason, kept in the history.
        force
            Whether a protected alias moves.
        """
        model_name = ModelName(name)
        versions = self.catalogue.versions(model_name)
        self.log.check(self.catalogue.anchors(model_name))
        return self._aliases.rollback(model_name, alias, note, force, versions)

    def before(self, name: str) -> dict[str, str | None]:
        """Return, for each alias of a model, the version to which `rollback` would move it, or None."""
        stacks = self.log.stacks(ModelName(name))
        return {alias: stack[-2] if len(stack) > 1 else None for alias, stack in stacks.items()}

    def protect(self, name: str, alias: str, *, protected: bool = True, note: str | None = None) -> None:
        """Protect an alias, so that it moves only with ``force``, or end its protection.

        Parameters
        ----------
        name, alias
            The model and the alias.
        protected
            False ends the protection.
        note
            The reason, kept in the history.
        """
        known = self.version(ModelRef.parse(ModelName(name)), "latest")
        with self.writing():
            self._aliases.protect(known.name, AliasName(alias), protected, note)

    def annotate(
        self,
        ref: str | ModelRef,
        *,
        description: str | None = None,
        tags: Iterable[str] | None = None,
        metrics: Mapping[str, float] | None = None,
        metadata: Mapping[str, Any] | None = None,
        note: str | None = None,
    ) -> ModelVersion:
        """Change the metadata of a version without storing its model again. The history keeps every change.

        Parameters
        ----------
        ref
            The version.
        description, tags
            They replace the present ones.
        metrics, metadata
            They are added to the present ones.
        note
            The reason, kept in the history.
        """
        version = self.version(ref)
        event = annotation.event(
            version, description=description, tags=tags, metrics=metrics, metadata=metadata, note=note
        )
        with self.writing():
            self.log.append(lambda events: event)
        return self.catalogue.annotated(version)

    # Care of the board

    def side(self, version: ModelVersion) -> Side:
        """Return one side of a comparison: the version, its reference profile, and the loader of its model."""
        try:
            profile = self.read_file(version, PROFILE)
        except MlopsError:  # the profile is missing, or differs from the one that was written
            profile = None
        return Side(version, profile, lambda: self.load(version))

    def copy(self, version: str | ModelRef | ModelVersion, target: Board, *, name: str | None = None) -> ModelVersion:
        """Copy a version to another board byte for byte, with its hash and lineage.

        Raises
        ------
        IntegrityError
            When the bytes are not those that were written. Nothing is published then.
        BoardError
            When the target cannot be written.
        """
        copied_from = self._version(version)
        announce = target._trust_own if self.trusts(copied_from) else _nothing
        with target.writing():
            copied = copying.copy(self.store, copied_from, target.store, name, target.log.anchor, announce)
        return target._published(copied)

    def delete(self, ref: str | ModelRef, *, note: str | None = None) -> trash.TrashPlace:
        """Move a version to the board's trash and return its place there. A version that an alias names stays.

        Raises
        ------
        InvalidInput
            When an alias names the version.
        """
        return trash.delete(self.store, self.log, self.version(ref), note)

    def restore(self, place: str, *, note: str | None = None) -> ModelVersion:
        """Restore a version from the trash: ``name@version``, or the place that `delete` returned.

        Raises
        ------
        NotFound
            When the trash does not hold it.
        """
        name, version = trash.restore(self.store, self.log, self.catalogue.whole(place), note)
        return self.version(str(name), str(version))

    def verify(self, repair: bool = False, accept: bool = False) -> VerifyReport:
        """Hash every file again, and report stray, broken and orphaned entries and gaps in the log.

        Parameters
        ----------
        repair
            Move broken and stray entries into the trash.
        accept
            Accept the log in its present state, where events were changed or removed.
        """
        return verification.verify(self.store, self.catalogue, self.log, repair=repair, accept=accept)

    def collect_garbage(self, held: Iterable[str] = ()) -> Swept:
        """Remove abandoned staging and old trash, but no version that ``held`` (``name@version``) or an alias names."""
        return trash.collect(self.store, self.log, frozenset(held))


def _nothing(version: ModelVersion) -> None:
    """Trust nothing of a copy whose original is not trusted."""
