"""`%dashboard`: the monitoring of a model as one page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlops_magics.magics.verb import option, verb, word

if TYPE_CHECKING:
    from mlops_magics.core.session import Session
    from mlops_magics.core.session.records import Dashboard


@verb(
    word("name", "the model", "model"),
    option("--to", "the file (default: NAME-dashboard.html)", metavar="FILE"),
    examples=(
        "%dashboard penguins",
        "%dashboard penguins --to site/penguins.html",
        "page = %dashboard penguins",
    ),
    commands=(
        "mlops-magics dashboard penguins",
        "mlops-magics dashboard penguins --to site/penguins.html",
        "mlops-magics dashboard penguins --board s3://bucket/models --to /var/www/penguins.html",
    ),
)
def dashboard(session: Session, name: str, to: str | None) -> Dashboard:
    """Write the monitoring of a model over all its verdicts and metrics as one page, which loads nothing.

    It has metrics over time with their intervals, verdicts, and the last report as the same view as in the notebook. A
    timer refreshes it with `mlops-magics dashboard`.
    """
    return session.dashboard(name, to=to)
