"""`%thresholds`: limits of a model for monitoring."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from mlops_magics.magics.verb import option, switch, verb, word

if TYPE_CHECKING:
    from mlops_magics.core.session import Session
    from mlops_magics.core.session.records import Thresholds


@verb(
    word("name", "the model", "model"),
    word("limits", "such as temp<=0.2, accuracy>=0.7 or 'accuracy|north>=0.6'", nargs="*"),
    option("--ignore", "features whose drift is not reported", nargs="+", default=(), metavar="FEATURE"),
    switch("--clear", "forget what was kept before"),
    examples=(
        "%thresholds penguins",
        "%thresholds penguins mass<=0.25 accuracy>=0.9 --ignore year",
        "%thresholds penguins --clear",
    ),
    commands=(
        "mlops-magics thresholds penguins",
        "mlops-magics thresholds penguins 'mass<=0.25' 'accuracy>=0.9' --ignore year",
        "mlops-magics thresholds penguins --clear",
    ),
)
def thresholds(session: Session, name: str, limits: Sequence[str], ignore: Sequence[str], clear: bool) -> Thresholds:
    """Show or set what monitoring accepts of a model. It is kept on the board, with the model.

    A limit of a feature takes the place of the calibrated verdict on its score. A limit of a metric makes an alert
    where the metric is beyond it, and so does `mlops-magics monitor NAME --fail-on performance`. Behind `|` stands the
    segment that a limit is for.
    """
    return session.thresholds(name, limits, ignore=ignore, clear=clear)
