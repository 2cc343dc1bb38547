"""`%use`: a model to work with, from the board or from its endpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlops_magics.magics.verb import option, verb, word

if TYPE_CHECKING:
    from mlops_magics.core.session import Session


@verb(
    word("ref", "name, name@alias or name@version, or the URL of an endpoint", "version"),
    option("--token", "the bearer token of a URL; `$token` is the variable's value", metavar="TOKEN"),
    examples=(
        "model = %use penguins",
        "model = %use penguins@champion",
        "model = %use https://models.example.org --token $token",
    ),
    commands=(
        "mlops-magics use penguins",
        "mlops-magics use penguins@champion --board s3://bucket/models",
        'mlops-magics use https://models.example.org --token "$TOKEN"',
    ),
)
def use(session: Session, ref: str, token: str | None) -> Any:
    """Return a fitted estimator: the model of the board, or one that calls its endpoint where its library is missing.

    It predicts, scores and goes into pipelines and scikit-learn's inspection as the model itself does.
    """
    if "://" in ref:
        return session.remote(ref, token=token)
    return session.usable(ref)
