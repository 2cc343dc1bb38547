"""One version in memory, ready to be asked: its check, its lanes, and how to read a body for it."""

from __future__ import annotations

import functools
import logging
import warnings
from collections.abc import Iterable, Sequence
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from mlops_magics.core.deploying.contract.http_error import Refusal
from mlops_magics.core.deploying.contract.limits import Limits
from mlops_magics.core.deploying.contract.model_options import ServingOptions
from mlops_magics.core.deploying.parsing import bodies
from mlops_magics.core.deploying.parsing.json_chunks import PIECE_BYTES, cut
from mlops_magics.core.deploying.parsing.json_records import RecordDecoder
from mlops_magics.core.deploying.parsing.memory_limits import COLUMN_BYTES, admit_marks
from mlops_magics.core.deploying.serving.backends.backend import OwnLane, values_of
from mlops_magics.core.deploying.serving.backends.choice import Choice, choose, first_row
from mlops_magics.core.deploying.serving.backends.equivalence_rows import trial_table
from mlops_magics.core.deploying.validation.check import Check
from mlops_magics.core.deploying.validation.layout import Layout, Table
from mlops_magics.core.versioning.formats import registry
from mlops_magics.errors import InvalidInput

if TYPE_CHECKING:
    from mlops_magics.core.deploying.serving.prediction_request import Part
    from mlops_magics.core.versioning import ModelVersion

METHODS = ("predict", "predict_proba", "decision_function", "transform", "score_samples")
"""What may be asked of a model, where it has it."""
MANY_ROWS = 32
"""From here on a matrix of their own is quicker than waiting for others to make one together."""

logger = logging.getLogger(__name__)


class Serving:
    """A fitted model and everything derived from its prototype.

    Parameters
    ----------
    version
        The record of the version; its name and version travel in every answer.
    model
        The fitted model.

    Raises
    ------
    InvalidInput
        When the version has no prototype, or the model nothing to ask.
    """

    def __init__(
        self, version: ModelVersion, model: Any, options: ServingOptions | None = None, limits: Limits | None = None
    ) -> None:
        if version.prototype is None:
            raise InvalidInput(
                f"{version.ref} has no prototype, so nothing can be checked. Pin it again with `--data X`."
            )
        self.version = version
        self.model = model = registry.with_predict(model)
        self.options = options or ServingOptions()
        self.limits = limits or Limits()
        self.layout = Layout(version.prototype)
        self.check = Check(self.layout, extras=self.options.extras, limits=self.limits)
        self.methods = tuple(name for name in METHODS if callable(getattr(model, name, None)))
        if not self.methods:
            raise InvalidInput(f"{version.ref} has none of {', '.join(METHODS)}, so there is nothing to ask.")
        self._decoder = RecordDecoder(
            self.layout,
            forbid_extras=self.options.extras == "refuse",
            most_columns=max(self.limits.columns, 2 * len(self.layout.names)),
        )
        self._trial = trial_table(self.check)
        self._samples: dict[str, Any] = {}
        self._choices: dict[str, Choice] = {self.methods[0]: self._choose(self.methods[0])}

    @functools.cached_property
    def classes(self) -> list[Any] | None:
        """The labels in the order of `predict_proba`'s columns, where the model has them."""
        classes = getattr(self.model, "classes_", None)
        return None if classes is None or isinstance(classes, list) else values_of(classes).tolist()

    def choice(self, method: str) -> Choice:
        """Return the lane for a method; chosen when it is first asked for."""
        chosen = self._choices.get(method)
        if chosen is None:
            if method not in self.methods:
                raise Refusal(404, f"{self.version.name} has no {method}. Known: {', '.join(self.methods)}.")
            chosen = self._choices[method] = self._choose(method)
        return chosen

    def quick_rows(self, body: bytes) -> Part | None:
        """Read JSON records the quick way, many as a table; ``None`` when they are long or need the explaining way."""
        if len(body) > 2 * PIECE_BYTES:
            return None
        records = self._decoder.records(body)
        if not records or len(records) > self.limits.rows:
            return None
        matrix = self._decoder.matrix(records) if len(records) >= MANY_ROWS else None
        return self._decoder.tuples(records) if matrix is None else Table(self.layout, None, matrix)

    def table(self, body: bytes, content_type: str) -> Table:
        """Read and check a body of any format."""
        if bodies.media_type(content_type) == bodies.JSON:
            quick = self._quick_table(body)
            if quick is not None:
                return quick
        return bodies.table(body, content_type, self.check)

    def _quick_table(self, body: bytes) -> Table | None:
        if body.lstrip()[:1] == b"{":
            admit_marks(body, self.limits, COLUMN_BYTES)
            columns = self._decoder.columns(body)
            return self.check.columns(columns) if columns is not None else None
        pieces = cut(body)
        if pieces is not None:
            return self._piecewise(pieces)
        rows = self.quick_rows(body)
        return self.check.typed_rows(rows) if isinstance(rows, list) else rows

    def _piecewise(self, pieces: Iterable[bytes]) -> Table | None:
        """Read a long list of rows a piece at a time; ``None`` where it was cut at a wrong place, or is no JSON."""
        try:
            return self.check.pieces(map(self._piece, pieces))
        except Refusal as refusal:
            if refusal.code == HTTPStatus.BAD_REQUEST:
                return None
            raise

    def _piece(self, piece: bytes) -> tuple[Sequence[Any], Table | None]:
        rows = self.quick_rows(piece)
        if rows is None:
            return bodies.json_value(piece, self.limits), None
        table = self.check.typed_rows(rows) if isinstance(rows, list) else rows
        return range(table.n_rows), table

    def gathered(self, parts: Sequence[Part]) -> Table:
        """Put the rows and tables of several requests below each other."""
        rows = [part for part in parts if isinstance(part, list)]
        if len(rows) == len(parts):
            return self.check.typed_rows(rows[0] if len(rows) == 1 else [row for part in rows for row in part])
        return Table.concatenated([self.check.typed_rows(part) if isinstance(part, list) else part for part in parts])

    def ask(self, method: str, table: Table) -> Any:
        """Return the model's answer for these rows, one value or list of values for each.

        Where a faster way fails on rows that the model itself answers, the model's own way is taken from then on.
        """
        choice = self.choice(method)
        try:
            return values_of(choice.lane(table))
        except Exception as error:  # whatever a library raises: the model's own way decides what is an error
            if isinstance(choice.lane, OwnLane):
                raise
            own = OwnLane(self.model, method)
            values = values_of(own(table))
            told = f"the {choice.lane.name} lane failed on a request ({type(error).__name__})"
            self._choices[method] = Choice(own, told, choice.seconds)
            logger.warning("%s.%s: %s; from now on its own way", self.version.ref, method, told, exc_info=error)
            return values

    def sample(self, method: str) -> Any:
        """Return the model's answer to one example row; ``None`` where there is none that it answers."""
        if method not in self._samples:
            try:
                self._samples[method] = self._trial and values_of(OwnLane(self.model, method)(first_row(self._trial)))
            except Exception as error:  # the example row may be the one that the model cannot answer
                logger.info("%s.%s does not answer its example row: %s", self.version.ref, method, error)
                self._samples[method] = None
        return self._samples[method]

    def report(self) -> dict[str, Any]:
        """Say which lane was chosen for which method, and why; for `/health` and the endpoint's record."""
        return {method: {"lane": choice.lane.name, "reason": choice.reason} for method, choice in self._choices.items()}

    def _choose(self, method: str) -> Choice:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            chosen = choose(self.model, method, self.layout, self._trial, self.options)
        logger.info("%s.%s goes the %s lane: %s", self.version.ref, method, chosen.lane.name, chosen.reason)
        return chosen
