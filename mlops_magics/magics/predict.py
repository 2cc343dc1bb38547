"""`%predict`: ask a version."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlops_magics.magics.verb import verb, word

if TYPE_CHECKING:
    from mlops_magics.core.session import Session


@verb(
    word("ref", "name, name@alias or name@version", "version"),
    word("frame", "the rows, (n_samples, n_features): a variable, an expression or a file", "request"),
    examples=(
        "%predict penguins X_test",
        "answers = %predict penguins@champion X_test.head()",
        "%predict penguins X[X.island == 'Biscoe']",
    ),
    commands=(
        "mlops-magics predict penguins rows.csv",
        "mlops-magics predict penguins@champion rows.parquet",
        "mlops-magics predict penguins rows.json --board s3://bucket/models",
    ),
)
def predict(session: Session, ref: str, frame: Any) -> Any:
    """Ask the endpoint that serves this version, or the model from the board when none does."""
    return session.predict(ref, frame)
