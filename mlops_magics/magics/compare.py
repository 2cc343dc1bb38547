"""`%compare`: the differences between two versions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlops_magics.magics.verb import option, verb, word

if TYPE_CHECKING:
    from mlops_magics.core.session import Session
    from mlops_magics.core.session.records import VersionDiff


@verb(
    word("a", "the one version: name, name@alias or name@version", "version"),
    word("b", "the other one", "version"),
    option("--data", "rows on which both predict, to see where they disagree", "value"),
    examples=(
        "%compare penguins@champion penguins@challenger",
        "%compare penguins@champion penguins --data X_test",
        "difference = %compare penguins@20260301T090000Z-1a2b3 penguins",
    ),
    commands=(
        "mlops-magics compare penguins@champion penguins@challenger",
        "mlops-magics compare penguins@champion penguins --data rows.parquet",
        "mlops-magics compare penguins@champion penguins --json",
    ),
)
def compare(session: Session, a: str, b: str, data: Any) -> VersionDiff:
    """Compare two versions: metrics, parameters, features, packages, code."""
    return session.compare(a, b, data=data)
