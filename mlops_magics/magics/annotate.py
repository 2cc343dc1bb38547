"""`%annotate`: annotations of a version: description, tags, metrics, metadata."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from mlops_magics.magics.pin_model import merged
from mlops_magics.magics.verb import option, verb, word

if TYPE_CHECKING:
    from mlops_magics.core.session import Session
    from mlops_magics.core.session.records import ModelVersion


@verb(
    word("ref", "name, name@alias or name@version", "version"),
    option("--description", "one sentence for those who choose among models"),
    option("--tag", "its tags from now on; may be given several times", action="append"),
    option(
        "--metrics", "metrics to add: name=number, or a mapping", "metric", nargs="+", default=(), metavar="NAME=NUMBER"
    ),
    option("--metadata", "a mapping to add to what you keep with it", "value", metavar="MAPPING"),
    option("--note", "the reason, kept in the history"),
    examples=(
        "%annotate penguins --description 'trained on all islands'",
        "%annotate penguins@champion --tag eu --tag audited --note 'passed the audit'",
        "%annotate penguins --metrics auc=0.97 --metadata {'owner': 'risk'}",
    ),
    commands=(
        "mlops-magics annotate penguins --description 'trained on all islands'",
        "mlops-magics annotate penguins@champion --tag eu --tag audited --note 'passed the audit'",
        "mlops-magics annotate penguins --metrics auc=0.97",
    ),
)
def annotate(
    session: Session,
    ref: str,
    *,
    description: str | None,
    tag: Sequence[str] | None,
    metrics: Sequence[Mapping[str, Any]] = (),
    metadata: Mapping[str, Any] | None = None,
    note: str | None = None,
) -> ModelVersion:
    """Change the facts of a version, without storing its model again. The history keeps the former ones."""
    return session.annotate(
        ref,
        description=description,
        tags=tag,
        metrics=merged(metrics) or None,
        metadata=metadata,
        note=note,
    )
