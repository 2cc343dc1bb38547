"""`%copy`: the same version on another board."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlops_magics.magics.verb import option, verb, word

if TYPE_CHECKING:
    from mlops_magics.core.session import Session
    from mlops_magics.core.session.records import ModelVersion


@verb(
    word("ref", "name, name@alias or name@version", "version"),
    word("target", "the board to copy to: its label, a folder or a URL", "board"),
    option("--name", "another name there"),
    examples=(
        "%copy penguins s3://bucket/models",
        "%copy penguins@champion production",
        "%copy penguins@champion shared/models --name birds",
    ),
    kept="The other board has no new version.",
)
def copy(session: Session, ref: str, target: str, name: str | None) -> ModelVersion:
    """Copy a version to another board, byte for byte, with its lineage."""
    return session.copy(ref, target, name=name)
