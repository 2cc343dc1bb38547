"""`%models`: the models on the board."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlops_magics.magics.verb import verb, word

if TYPE_CHECKING:
    from mlops_magics.core.session import Session
    from mlops_magics.core.session.records import ModelTable


@verb(
    word("query", "keep models that fit all of these, such as accuracy>0.9 or tag:eu", nargs="*"),
    examples=("%models", "%models accuracy>0.9", "%models tag:eu --board s3://bucket/models"),
)
def models(session: Session, query: list[str]) -> ModelTable:
    """List the models of the board, newest first."""
    return session.models(" ".join(query) or None)
