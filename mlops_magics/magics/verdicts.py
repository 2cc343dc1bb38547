"""`%verdicts`: the findings of each time a model was monitored."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlops_magics.magics.verb import switch, verb, word

if TYPE_CHECKING:
    import pandas as pd

    from mlops_magics.core.session import Session


@verb(
    word("name", "the model", "model"),
    switch("--metrics", "the performance that --pin-metrics kept instead: one row per period, metric and segment"),
    examples=("%verdicts penguins", "%verdicts penguins --metrics", "history = %verdicts penguins"),
)
def verdicts(session: Session, name: str, metrics: bool) -> pd.DataFrame:
    """List what was found each time a model was monitored, newest first."""
    return session.metrics(name) if metrics else session.verdicts(name)
