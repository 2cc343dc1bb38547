"""The verbs of versioning: pin, list, load, promote, compare, copy, delete."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlops_magics.core import progress
from mlops_magics.core.session.trust_verbs import TrustVerbs
from mlops_magics.core.versioning import AliasName, ModelRef
from mlops_magics.core.versioning.names import CHAMPION
from mlops_magics.core.wire.version_records import AliasTarget
from mlops_magics.errors import BoardError, InvalidInput

if TYPE_CHECKING:
    from mlops_magics.core.deploying.targets.package_record import Package
    from mlops_magics.core.retraining.recipe.cell_recipe import CellFacts, Prepared
    from mlops_magics.core.retraining.recipe.recipe import Recipe
    from mlops_magics.core.retraining.running.history_check import Check
    from mlops_magics.core.versioning import AliasMove, Board, Facts, Lineage, ModelVersion, VerifyReport, VersionDiff
    from mlops_magics.core.versioning.listing.version_tables import HistoryTable, ModelTable, VersionTable
    from mlops_magics.core.versioning.publishing.onnx_export import OnnxCopy


class VersioningVerbs(TrustVerbs):
    """The part of a session that stores models, lists them and moves their aliases."""

    def pin(
        self,
        model: Any,
        name: str,
        *,
        data: Any = None,
        truth: Any = None,
        test: tuple[Any, Any] | None = None,
        segments: Iterable[str] = (),
        metrics: Mapping[str, float] | None = None,
        description: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        tags: Iterable[str] = (),
        format: str | None = None,
        source: str | None = None,
        notebook: str | None = None,
        training_seconds: float | None = None,
        alias: str | None = None,
        positive: Any = None,
        recipe: Recipe | Callable[..., Any] | None = None,
    ) -> ModelVersion:
        """Store a fitted model as the next immutable version of ``name``.

        Parameters
        ----------
        model
            A fitted estimator, booster, network, or any object with ``predict``.
        data, truth
            The training data, ``(n_samples, n_features)`` and ``(n_samples,)``, or a frame and the name of its
            target column: they give the prototype and the reference profile. No row is stored but a few examples.
        test
            ``(X_test, y_test)``: the metrics are computed on it. ``metrics`` are added and win. It also teaches how
            performance can be estimated before the truth is known. Without ``data`` it gives the prototype and the
            reference profile too.
        segments
            Columns by whose values drift can be split later (``monitor(…, segment=…)``).
        format
            ``auto``, ``skops``, ``joblib`` (as vetiver reads) or a native format of the model's library.
        source, notebook, training_seconds
            Lineage: the code that trained it (secrets are redacted), where it ran, how long it took.
        alias
            An alias that names the new version from now on.
        positive
            The positive class of two; by default the one that its word marks (``fraud`` against ``ok``), the larger
            number, or the second of the model's classes.
        recipe
            The way to make the model again: a function of ``(X, y)``, or of the rows, that returns a fitted model.
            `%%pin_model` finds it in the cell.

        Raises
        ------
        InvalidName, InvalidInput, SerializationError, BoardError
            Nothing is published in any of these cases.
        """
        from mlops_magics.core.answers import Answers
        from mlops_magics.core.evaluation import evaluate
        from mlops_magics.core.session.pinned_facts import describe
        from mlops_magics.core.versioning import Facts
        from mlops_magics.core.versioning.publishing.facts import checked_metrics

        board, pinned = self._target(name, alias)
        made = self._recipe(recipe, data, truth, board, pinned) if self.settings.store_source else None
        data, truth = _separate(data, truth)
        progress.tell("learning the columns")
        held_out = (Answers.of(model, test[0], "test rows"), test[1]) if test is not None else None
        described = describe(model, pinned, (data, truth), held_out, tuple(segments), positive)
        scores = evaluate(*held_out, described.task) if held_out is not None else {}
        facts = Facts(
            prototype=described.prototype,
            example=described.rows,
            profile=described.profile,
            metrics={**scores, **({} if metrics is None else checked_metrics(metrics))},
            metadata={} if metadata is None else metadata,
            tags=(tags,) if isinstance(tags, str) else tuple(tags),
            description=description,
            format=format or self.settings.format,
            lineage=dataclasses.replace(
                self._lineage(model, data, truth, source, notebook, training_seconds),
                recipe=None if made is None else made.sentence,
            ),
            files=_retraining_files(made, data),
        )
        return self._publish(board, model, pinned, facts, alias)

    def _publish(self, board: Board, model: Any, name: str, facts: Facts, alias: str | None) -> ModelVersion:
        version = board.publish(model, name, facts)
        if alias is not None:
            board.promote(version.ref, to=alias)
        return version

    def _recipe(self, given: Any, data: Any, truth: Any, board: Board, name: str) -> Recipe | None:
        """Return the recipe of a pin, whose earlier cells are checked in a fresh process before they are believed."""
        if given is None:
            return None
        from mlops_magics.core.retraining.recipe.function_recipe import recipe_of
        from mlops_magics.core.retraining.running import history_check

        recipe = recipe_of(given, data, truth) if callable(given) else given
        return history_check.checked(recipe, board.url, name, self._check_of_history())

    def _check_of_history(self) -> Check | None:
        """Return the check of the earlier cells of a recipe; None for a run of them in a fresh process."""
        return None

    def prepare_recipe(self, facts: CellFacts) -> Prepared | None:
        """Return the needs of a cell for another run, before it runs; None where no recipe is wanted or possible."""
        from mlops_magics.core.retraining.recipe import cell_recipe, notebook_recipe

        if not self.settings.store_source:
            return None
        prepared = cell_recipe.prepare(facts)
        whole = notebook_recipe.of_pinned(facts.notebook, facts.source)
        return prepared if whole is None or prepared is None else dataclasses.replace(prepared, notebook=whole)

    def check_pin(self, name: str, *, alias: str | None = None) -> None:
        """Raise the error that `pin` would raise for the name, the alias or the board: before a training, not after it.

        Raises
        ------
        InvalidName, InvalidInput, NotFound, BoardError
        """
        board, _ = self._target(name, alias)
        if not board.writable:
            raise BoardError(
                f"The board {board.label} cannot be written. To fix it: `%board PATH_OR_URL` chooses another one."
            )

    def _target(self, name: str, alias: str | None) -> tuple[Board, str]:
        """Return the board and the name of a new version."""
        ref = ModelRef.parse(name)
        if ref.selector is not None:
            raise InvalidInput(
                f"A new version gets its own name. To fix it: `%pin_model {ref.name}` with `--alias {ref.selector}`."
            )
        if alias is not None:
            AliasName(alias)
        return self._board_named(ref.board), str(ref.name)

    def _lineage(
        self, model: Any, data: Any, truth: Any, source: str | None, notebook: str | None, seconds: float | None
    ) -> Lineage:
        from mlops_magics.core.versioning.describing import lineage

        return lineage.record(
            model,
            data=data,
            truth=truth,
            source=source if self.settings.store_source else None,
            notebook=notebook,
            training_seconds=seconds,
        )

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
        NotFound, NotTrusted, IntegrityError
        """
        board, version = self._locate(ref)
        return board.load(version)

    def promote(self, ref: str, to: str, *, note: str | None = None, force: bool = False) -> AliasMove:
        """Let the alias ``to`` name this version. Protected aliases need ``force``."""
        board, version = self._locate(ref)
        return board.promote(version.ref, to=to, note=note, force=force)

    def alias_targets(self, name: str) -> list[AliasTarget]:
        """Return the version that each alias names, and the one after a `rollback`, the champion first."""
        ref = ModelRef.parse(name)
        board = self._board_named(ref.board)
        before = board.before(str(ref.name))
        named = sorted(board.aliases(str(ref.name)).items(), key=lambda each: (each[0] != CHAMPION, each[0]))
        return [AliasTarget(alias, version, before.get(alias)) for alias, version in named]

    def aliases(self) -> dict[str, dict[str, str]]:
        """Return model → alias → version of the current board."""
        return self.board.all_aliases()

    def protect(self, name: str, alias: str, *, protected: bool = True, note: str | None = None) -> None:
        """Let an alias be moved with ``force`` only, or take that back."""
        ref = ModelRef.parse(name)
        self._board_named(ref.board).protect(str(ref.name), alias, protected=protected, note=note)

    def annotate(self, ref: str | ModelVersion, **said: Any) -> ModelVersion:
        """Change description, tags, metrics or metadata of a version without storing its model again.

        Parameters
        ----------
        said
            Arguments of `Board.annotate`: ``description``, ``tags``, ``metrics``, ``metadata``, and ``note``, a reason.
        """
        board, version = self._locate(ref)
        return board.annotate(version.ref, **said)

    def compare(self, a: str, b: str, data: Any = None) -> VersionDiff:
        """Return the differences between two versions, with ``data`` also those between their predictions."""
        from mlops_magics.core.versioning.comparing.comparison import compare

        board_a, first = self._locate(a)
        if b.startswith("@"):
            b = self.labelled(f"{first.name}{b}", board_a.url)
        board_b, second = self._locate(b)
        return compare(board_a.side(first), board_b.side(second), data)

    def copy(self, ref: str, board: Any, *, name: str | None = None) -> ModelVersion:
        """Copy a version to another board, byte for byte. References name that board from now on (``LABEL:name``)."""
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
            Rows ``(n_samples, n_features)`` to compare an ONNX graph on; the version's example rows by default.
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

        progress.tell(f"writing the files for {to}")
        return target.package(board, version, to, Path(path or f"{version.name}-{to}"), settings)

    def delete(self, ref: str, *, note: str | None = None) -> str:
        """Move a version to the board's trash, and return its place there, which `restore` takes."""
        board, version = self._locate(ref)
        return board.delete(version.ref, note=note)

    def restore(self, ref: str, *, note: str | None = None) -> ModelVersion:
        """Take a version out of the trash again: ``name@version``, or the place that `delete` returned."""
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


def _retraining_files(recipe: Recipe | None, data: Any) -> dict[str, bytes]:
    """Return the side files that a retraining reads: the recipe, and a sketch of the training rows."""
    from mlops_magics.core.retraining.recipe import notebook_recipe, row_sketch
    from mlops_magics.core.retraining.recipe import recipe as recipes

    files = {} if recipe is None else {recipes.FILE: recipe.to_bytes()}
    if recipe is not None and recipe.kind == "notebook" and recipe.notebook is not None:
        files[notebook_recipe.COPY] = notebook_recipe.copy_of(Path(recipe.notebook).read_bytes())
    return files if data is None else {**files, row_sketch.FILE: row_sketch.sketch(data)}


def _separate(data: Any, truth: Any) -> tuple[Any, Any]:
    """Take the target out of a frame where it is given as the name of a column."""
    if isinstance(truth, str) and hasattr(data, "columns"):
        return data.drop(columns=truth), data[truth]
    return data, truth
