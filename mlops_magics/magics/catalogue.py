"""`%catalogue`: a board as a site."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlops_magics.magics.verb import option, verb

if TYPE_CHECKING:
    from mlops_magics.core.session import Session
    from mlops_magics.core.session.records import Site


@verb(
    option("--to", "a folder or a URL such as s3://bucket/site (default: catalogue)", metavar="PLACE"),
    examples=(
        "%catalogue",
        "%catalogue --to site",
        "%catalogue --to s3://bucket/models-site",
    ),
    commands=(
        "mlops-magics catalogue --to site",
        "mlops-magics catalogue --board s3://bucket/models --to /var/www/models",
        "mlops-magics catalogue --to s3://bucket/models-site --json",
    ),
    kept="Pages that were written are whole, and the same line goes on with the others.",
)
def catalogue(session: Session, to: str | None) -> Site:
    """Write the board as a static site: a list to search, and a page for each model, without a server.

    The page of a model has how to call it, its versions with their metrics over time, its card and its monitoring.
    Pages of models that did not change are kept.
    """
    return session.catalogue(to="catalogue" if to is None else to)
