"""A version in memory: the model with its check, its backends, and the readers of its requests."""

from __future__ import annotations

import functools
import logging
import warnings
from collections.abc import Iterable, Sequence
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import numpy as np

from mlops_magics.core.deploying.contract.http_error import HttpError
from mlops_magics.core.deploying.contract.limits import Limits
from mlops_magics.core.deploying.contract.media import JSON, media_type
from mlops_magics.core.deploying.contract.methods import METHODS
from mlops_magics.core.deploying.contract.model_options import ServingOptions
from mlops_magics.core.deploying.parsing import bodies
from mlops_magics.core.deploying.parsing.json_chunks import CHUNK_BYTES, split_rows
from mlops_magics.core.deploying.parsing.json_forms import json_value
from mlops_magics.core.deploying.parsing.json_records import RecordDecoder
from mlops_magics.core.deploying.parsing.memory_limits import COLUMN_BYTES, admit_marks
from mlops_magics.core.deploying.serving import decision_rule
from mlops_magics.core.deploying.serving.backends.backend import NativeBackend, values_of
from mlops_magics.core.deploying.serving.backends.choice import Choice, choose, first_row
from mlops_magics.core.deploying.serving.backends.equivalence_rows import equivalence_table
from mlops_magics.core.deploying.validation.check import Check
from mlops_magics.core.deploying.validation.layout import Layout, Part, Table
from mlops_magics.core.deploying.validation.times import is_utc_text
from mlops_magics.core.versioning.formats.registry import with_predict
from mlops_magics.errors import InvalidInput

if TYPE_CHECKING:
    from mlops_magics.core.versioning import ModelVersion

MANY_ROWS = 32
"""Rows from which a request is converted on its own, not with its batch."""

logger = logging.getLogger(__name__)


class LoadedModel:
    """A fitted model and everything derived from its prototype.

    Parameters
    ----------
    version
        The record of the version. Its name and version are sent with every response.
    model
        The fitted model.
    options
        Its serving options.
    limits
        Of the requests.
    timed
        Whether the backend is timed on one row. A server uses the time to decide where it calls the model.

    Raises
    ------
    InvalidInput
        When the version has no prototype, the check at pin time found that endpoints cannot answer, the
        model has none of `METHODS`, or it fails on its own example rows.
    """

    def __init__(
        self,
        version: ModelVersion,
        model: Any,
        options: ServingOptions | None = None,
        limits: Limits | None = None,
        *,
        timed: bool = True,
    ) -> None:
        if version.prototype is None:
            raise InvalidInput(
                f"{version.ref} has no prototype, so nothing can be checked. Pin it again with `--data X`."
            )
        if version.prototype.fault:
            raise InvalidInput(f"Endpoints cannot answer with {version.ref}: {version.prototype.fault}")
        self.version = version
        self.model = model = with_predict(model)
        self.options = options or ServingOptions()
        self.limits = limits or Limits()
        self.layout = Layout(version.prototype)
        self._naive_times = self.layout.naive_times
        self.check = Check(self.layout, extras=self.options.extras, limits=self.limits)
        self.methods = tuple(name for name in METHODS if callable(getattr(model, name, None)))
        if not self.methods:
            raise InvalidInput(f"{version.ref} cannot be served: it has none of {', '.join(METHODS)}.")
        self._decoder = RecordDecoder(
            self.layout,
            forbid_extras=self.options.extras == "refuse",
            most_columns=max(self.limits.columns, 2 * len(self.layout.names)),
        )
        self._timed = timed
        self._examples = equivalence_table(self.check)
        self._samples: dict[str, Any] = {}
        self._choices: dict[str, Choice] = {self.methods[0]: self._choose(self.methods[0])}
        self._check_examples()

    def _check_examples(self) -> None:
        """Refuse a model that fails on each of its own example rows.

        Raises
        ------
        InvalidInput
        """
        examples = self.layout.prototype.examples
        if not examples or self._choices[self.methods[0]].single is not None:
            return
        try:
            table = self.check.records([dict(row) for row in examples])
            NativeBackend(self.model, self.methods[0])(table)
        except Exception as error:  # whatever the model raises
            if self.sample(self.methods[0]) is None:
                raise InvalidInput(
                    f"Endpoints cannot answer with {self.version.ref}: the model fails on its own example rows "
                    f"({type(error).__name__}: {' '.join(str(error).split())[:200]})."
                ) from error

    @functools.cached_property
    def classes(self) -> list[Any] | None:
        """The labels in the order of ``predict_proba``'s columns, where the model has them."""
        classes = getattr(self.model, "classes_", None)
        return None if classes is None or isinstance(classes, list) else values_of(classes).tolist()

    @functools.cached_property
    def argmax(self) -> bool:
        """Whether the prediction is the class of the largest probability, so that one call answers both questions."""
        if "predict_proba" not in self.methods or not self._examples:
            return False
        # the first rows have a category that the model never saw, which an encoder may refuse
        own = [dict(row) for row in self.layout.prototype.examples]
        for rows in (None, own):
            try:
                table = self._examples if rows is None else self.check.records(rows)
                answers, chances = (
                    values_of(NativeBackend(self.model, method)(table)) for method in ("predict", "predict_proba")
                )
            except Exception as error:  # the model may refuse the example rows
                logger.info("%s does not answer its example rows: %s", self.version.ref, error)
                continue
            return decision_rule.predicts_argmax(self.model, self.classes, answers, chances)
        return False

    def choice(self, method: str) -> Choice:
        """Return the backend of a method, chosen on first use.

        Raises
        ------
        HttpError
        """
        choice = self._choices.get(method)
        if choice is None:
            if method not in self.methods:
                raise self.without(method)
            choice = self._choices[method] = self._choose(method)
        return choice

    def without(self, method: str) -> HttpError:
        """Return the error for a method that the model does not have."""
        first = self.methods[0]
        known = f"Known: {', '.join(self.methods)} (POST /{first}, or `endpoint.{first}(rows)`)."
        return HttpError(404, f"{self.version.name} has no {method}. {known}")

    def quick_rows(self, body: bytes) -> Part | None:
        """Read JSON records the quick way, many of them as a table, ``None`` when they need the explaining way."""
        if len(body) > 2 * CHUNK_BYTES:
            return None
        records = self._decoder.records(body)
        if not records or len(records) > self.limits.rows:
            return None
        matrix = self._decoder.matrix(records) if len(records) >= MANY_ROWS else None
        if matrix is not None:
            return Table(self.layout, None, matrix)
        rows = self._decoder.tuples(records)
        if self.layout.naive_times and any(
            is_utc_text(row[place]) for place in self.layout.naive_times for row in rows
        ):
            return None  # the explaining way notes it in the response
        return rows

    def table(self, body: bytes, content_type: str) -> Table:
        """Read and check a body of any format."""
        if media_type(content_type) == JSON:
            quick = self._quick_table(body)
            if quick is not None:
                return quick
        return bodies.table(body, content_type, self.check)

    def _quick_table(self, body: bytes) -> Table | None:
        if body.lstrip()[:1] == b"{":
            admit_marks(body, self.limits, COLUMN_BYTES)
            columns = self._decoder.columns(body)
            return self.check.columns(columns) if columns is not None else None
        chunks = split_rows(body)
        if chunks is not None:
            return self._chunked_table(chunks)
        rows = self.quick_rows(body)
        return None if rows is None else self.check.table([rows])

    def _chunked_table(self, chunks: Iterable[bytes]) -> Table | None:
        """Read a long list of rows in chunks, ``None`` where one was cut at a wrong place or the whole is refused."""
        try:
            return self.check.chunks(map(self._chunk, chunks))
        except HttpError as error:
            if error.code in {HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY}:
                return None
            raise

    def _chunk(self, chunk: bytes) -> tuple[Sequence[Any], Table | None]:
        rows = self.quick_rows(chunk)
        if rows is None:
            return json_value(chunk, self.limits, self.layout.row_keys), None
        table = self.check.table([rows])
        return range(table.n_rows), table

    def predict(self, method: str, table: Table) -> Any:
        """Return the method's values for these rows, one value or list of values for each.

        Where a fast path fails on rows that the model itself answers, it is not taken again.
        """
        choice = self.choice(method)
        try:
            return values_of(choice.backend(table))
        except Exception as error:  # whatever a library raises: the model itself decides what is an error
            if isinstance(choice.backend, NativeBackend):
                raise
            native = NativeBackend(self.model, method)
            # the model itself first: rows that it refuses too show nothing about the fast path
            values = values_of(native(table))
            reason = f"the {choice.backend.name} path failed on a request ({type(error).__name__})"
            self._choices[method] = Choice(native, reason, choice.single, choice.seconds)
            logger.warning("%s.%s: %s; it is not taken again", self.version.ref, method, reason, exc_info=error)
            return values

    def sample(self, method: str) -> Any:
        """Return the model's values for one example row, or ``None`` where it answers none.

        Objects are those of all example rows, because one of them does not show the kinds of the others.
        """
        if method not in self._samples:
            try:
                native = NativeBackend(self.model, method)
                with np.errstate(all="ignore"):  # the logarithm of a probability of zero
                    self._samples[method] = self._examples and _sample(native, self._examples)
            except Exception as error:  # the model may refuse the example row
                logger.info("%s.%s does not answer its example row: %s", self.version.ref, method, error)
                self._samples[method] = None
        return self._samples[method]

    def report(self) -> dict[str, Any]:
        """Return the backend of each method that was called, and the reason of the choice."""
        return {
            method: {"path": choice.backend.name, "reason": choice.reason} for method, choice in self._choices.items()
        }

    def _choose(self, method: str) -> Choice:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            choice = choose(self.model, method, self.layout, self._examples, self.options)
            choice = choice.timed() if self._timed else choice
        logger.info("%s.%s takes the %s path: %s", self.version.ref, method, choice.backend.name, choice.reason)
        return choice


def _sample(native: NativeBackend, examples: Table) -> Any:
    """Return what a model answers the first example row, or all of them where it answers objects."""
    values = values_of(native(first_row(examples)))
    numbers = isinstance(values, np.ndarray) and values.dtype.kind != "O"
    return values if numbers else values_of(native(examples))
