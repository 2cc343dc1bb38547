"""The sources of a recipe in a notebook: the cell, the words of its line, the variables, the cells that ran before."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from mlops_magics.magics.cell.pinning import the_fit
from mlops_magics.magics.cell.running import Prepared, Ran
from mlops_magics.magics.kinds import HANDLING

if TYPE_CHECKING:
    from mlops_magics.core.session.records import CellFacts
    from mlops_magics.magics.cell.cell_log import CellLog
    from mlops_magics.magics.line import Line
    from mlops_magics.magics.verb import Verb


def facts_of(
    line: Line, prepared: Prepared, namespace: Mapping[str, Any], log: CellLog, notebook: str | None
) -> CellFacts:
    """Return the facts of a cell that is about to run."""
    from mlops_magics.core.session.records import CellFacts

    return CellFacts(
        source=prepared.source,
        code=prepared.code,
        line=line.words,
        expressions=tuple(_expressions(line.verb, line.given)),
        test=tuple(line.given["test"] or ()),
        namespace=namespace,
        cells=log.code(),
        notebook=notebook,
        folder=os.getcwd(),
    )


def _expressions(verb: Verb, given: Mapping[str, Any]) -> Iterator[str]:
    """Yield the words of a line that are expressions of the notebook."""
    for argument in verb.arguments:
        if HANDLING[argument.kind].read is None or given.get(argument.name) is None:
            continue
        words = given[argument.name]
        for word in words if isinstance(words, list | tuple) else [words]:
            yield word.partition("=")[2] if argument.kind == "metric" and "=" in word else word


def fits_of(model: Any, ran: Ran, given: Mapping[str, Any]) -> list[tuple[str | None, str | None]]:
    """Return the spelling of features and truth: in the options, then in the model's own ``.fit``."""
    fit = the_fit(model, ran.fits)
    return [(given["data"], given["truth"]), *([(fit.data_text, fit.truth_text)] if fit is not None else [])]
