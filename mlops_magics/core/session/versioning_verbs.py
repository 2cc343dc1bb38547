"""The verbs of versioning: list, load, promote, compare, copy, delete."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlops_magics.core import progress
from mlops_magics.core.session.pinning_verbs import PinningVerbs
from mlops_magics.core.versioning import ModelRef
from mlops_magics.core.versioning.history.aliases import Protection
from mlops_magics.core.versioning.names import CHAMPION
from mlops_magics.core.wire.version_records import AliasTarget
from mlops_magics.errors import InvalidInput

if TYPE_CHECKING:
    from mlops_magics.core.deploying.targets.package_record import Package
    from mlops_magics.core.versioning import AliasMove, ModelVersion, VerifyReport, VersionDiff
    from mlops_magics.core.versioning.listing.version_tables import HistoryTable, ModelTable, VersionTable
    from mlops_magics.core.versioning.maintenance.trash import TrashPlace
    from mlops_magics.core.versioning.publishing.onnx_export import OnnxCopy


class VersioningVerbs(PinningVerbs):
    """The part of a session that lists models and moves their aliases."""

    def models(self, query: str | None = None) -> ModelTable:
        """List the models of the board, newest first. ``query`` is such as ``accuracy>0.9 tag:eu``."""
        return self.board.models(query)

    def versions(self, name: str) -> VersionTable:
        """List the versions of one model, newest first."""
        ref = ModelRef.parse(name)
        return self._board_named(ref.board).versions(str(ref.name))

    def history(self, name: str) -> HistoryTable:
        """List the events of a model (pins, moves of aliases, deletions), newest first: time, person and reason."""
        ref = ModelRef.parse(name)
        return self._board_named(ref.board).history(str(ref.name))

    def numbers(self, name: str) -> dict[str, int]:
        """Return the number of each version of a model, deleted ones included."""
        ref = ModelRef.parse(name)
        return self._board_named(ref.board).all_numbers(str(ref.name))

    def load(self, ref: str | ModelVersion) -> Any:
        """Return the fitted model, whose bytes are verified before they are deserialised.

        Raises
        ------
        NotFound
            When the board has no such version.
        NotTrusted
            When reading would run code of another user that was not approved (see `trust`).
        IntegrityError
            When the bytes are not those that were written.
        MissingDependency
            When the model's library is not installed.
        """
        board, version = self._locate(ref)
        return board.load(version)

    def promote(self, ref: str, to: str, *, note: str | None = None, force: bool = False) -> AliasMove:
        """Let the alias ``to`` name this version. Protected aliases need ``force``.

        Parameters
        ----------
        ref, to
            The version and the alias.
        note
            The reason, kept in the history.
        force
            Whether a protected alias moves.

        Raises
        ------
        NotFound
            When the board has no such version.
        InvalidInput
            Without ``force``, when the alias is protected, or is new and looks like a typing error of a known one.
        Conflict
            When another user moved the alias in the meantime.
        """
        board, version = self._locate(ref)
        return board.promote(version.ref, to=to, note=note, force=force)

    def alias_targets(self, name: str) -> list[AliasTarget]:
        """Return the version that each alias names, and the one after a `rollback`, the champion first."""
        ref = ModelRef.parse(name)
        board = self._board_named(ref.board)
        before = board.before(str(ref.name))
        named = sorted(board.aliases(str(ref.name)).items(), key=lambda each: (each[0] != CHAMPION, each[0]))
        wanted = {version for _, version in named} | {version for version in before.values() if version is not None}
        numbers = board.numbers(str(ref.name), wanted)
        return [
            AliasTarget(alias, now, before.get(alias), numbers.get(now, 0), numbers.get(before.get(alias) or "", 0))
            for alias, now in named
        ]

    def aliases(self) -> dict[str, dict[str, str]]:
        """Return model → alias → version of the current board."""
        return self.board.all_aliases()

    def protect(self, name: str, alias: str, *, protected: bool = True, note: str | None = None) -> Protection:
        """Let an alias be moved with ``force`` only, or take that back, and return which of the two holds now.

        Parameters
        ----------
        name, alias
            The model and the alias.
        protected
            False ends the protection.
        note
            The reason, kept in the history.
        """
        ref = ModelRef.parse(name)
        self._board_named(ref.board).protect(str(ref.name), alias, protected=protected, note=note)
        return Protection(f"{ref.board}:{ref.name}" if ref.board else str(ref.name), alias, protected)

    def annotate(self, ref: str | ModelVersion, **said: Any) -> ModelVersion:
        """Change description, tags, metrics or metadata of a version without storing its model again.

        Parameters
        ----------
        said
            Arguments of `Board.annotate`: ``description``, ``tags``, ``metrics``, ``metadata``, and ``note``, a reason.

        Raises
        ------
        NotFound, InvalidInput
            The version does not exist, nothing is given, or a value cannot be stored.
        """
        board, version = self._locate(ref)
        return board.annotate(version.ref, **said)

    def compare(self, a: str, b: str, data: Any = None) -> VersionDiff:
        """Return the differences between two versions, with ``data`` also those between their predictions.

        Parameters
        ----------
        a, b
            Two versions. ``@alias`` alone means one of the first one's model.
        data
            Rows ``(n_samples, n_features)`` on which both models predict.

        Raises
        ------
        NotFound
            When one of them does not exist.
        DataMismatch
            When a version cannot predict the rows, or the two predict in different shapes.
        NotTrusted, IntegrityError
            When ``data`` is given and a model cannot be loaded.
        """
        from mlops_magics.core.versioning.comparing.comparison import compare

        board_a, first = self._locate(a)
        if b.startswith("@"):
            b = self.labelled(f"{first.name}{b}", board_a.url)
        board_b, second = self._locate(b)
        if data is not None:
            progress.report("comparing the predictions of both versions")
        return compare(board_a.side(first), board_b.side(second), data)

    def copy(self, ref: str, board: Any, *, name: str | None = None) -> ModelVersion:
        """Copy a version to another board, byte for byte. References name that board from now on (``LABEL:name``).

        Parameters
        ----------
        board
            The other board: its label, a folder or a URL.
        name
            The name there, by default the same.

        Raises
        ------
        NotFound, InvalidInput, IntegrityError, BoardError
            The version does not exist, is a pin of several files, was damaged, or the other board cannot be written.
            That board has no new version then.
        """
        source, version = self._locate(ref)
        target = self._boards.get(board) if isinstance(board, str) else None
        target = target or self._opened(board)
        copied = source.copy(version, target, name=name)
        self._boards.setdefault(target.label, target)
        return copied

    def package(
        self,
        ref: str,
        *,
        to: str = "onnx",
        path: str | Path | None = None,
        data: Any = None,
        settings: Mapping[str, Any] | None = None,
    ) -> OnnxCopy | Package:
        """Write a copy of a version for elsewhere: an ONNX graph, or the files that deploy it at a target.

        Parameters
        ----------
        to
            ``onnx``, which needs the extra of that name, or a target: ``docker``, ``kubernetes``, ``sagemaker``, ….
        path
            The file, ``NAME-VERSION.onnx`` in the working folder by default, or the folder of a target,
            ``NAME-TARGET``. One that exists is not overwritten.
        data
            Rows ``(n_samples, n_features)`` to compare an ONNX graph on. The version's example rows by default.
        settings
            Options of the target by name: ``{"base": "python:3.12-slim", "build": "podman"}``.

        Raises
        ------
        InvalidInput, NotTrusted, IntegrityError, SerializationError
            Nothing is written in any of these cases.
        MissingDependency, TargetError
            When an image was not built. Its files are kept.
        """
        board, version = self._locate(ref)
        if to == "onnx":
            from mlops_magics.core.versioning.publishing import onnx_export

            file = Path(path or f"{version.name}-{version.version}.onnx")
            return onnx_export.write(version, lambda: board.load(version), file, data)
        from mlops_magics.core.deploying.targets import target

        progress.report(f"writing the files for {to}")
        return target.package(board, version, to, Path(path or f"{version.name}-{to}"), settings)

    def delete(self, ref: str, *, note: str | None = None) -> TrashPlace:
        """Move a version to the board's trash, and return its place there, which `restore` takes.

        Raises
        ------
        NotFound
            When the board has no such version.
        InvalidInput
            When an alias names it, or the reference names a model without a version.
        """
        board, version = self._locate(ref)
        if isinstance(ref, str) and ModelRef.parse(ref).selector is None:
            raise InvalidInput(f"Name the version that goes, such as `%delete {ref}@v{version.number}`, the newest.")
        return board.delete(version.ref, note=note)

    def restore(self, ref: str, *, note: str | None = None) -> ModelVersion:
        """Take a version out of the trash again: ``name@version``, or the place that `delete` returned.

        Raises
        ------
        NotFound
            When the trash does not hold it.
        """
        label, colon, rest = ref.rpartition(":")
        return self._board_named(label if colon else None).restore(rest, note=note)

    def verify(self, *, repair: bool = False, accept: bool = False) -> VerifyReport:
        """Hash every file of the board again, and name stray, broken and orphaned entries and a log that was changed.

        Parameters
        ----------
        repair
            Move stray and broken entries into the trash.
        accept
            Take the log as it is, where events were changed or removed. Until then no alias moves or is resolved.
        """
        return self.board.verify(repair=repair, accept=accept)
