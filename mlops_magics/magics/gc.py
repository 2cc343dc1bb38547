"""`%gc`: remove abandoned staging and old trash."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlops_magics.errors import InvalidInput
from mlops_magics.magics.verb import option, verb

if TYPE_CHECKING:
    from mlops_magics.core.session import Session


@verb(
    option("--log", "compact a log that replicas shipped, in place of the board: s3://bucket/log", metavar="URL"),
    option("--name", "the model whose log it is", "model", metavar="NAME"),
    examples=("%gc", "%gc --board s3://bucket/models", "%gc --log s3://bucket/log --name penguins"),
    commands=(
        "mlops-magics gc",
        "mlops-magics gc --board s3://bucket/models",
        "mlops-magics gc --log s3://bucket/log --name penguins",
    ),
)
def gc(session: Session, log: str | None, name: str | None) -> Any:
    """Sweep abandoned uploads and old trash, but nothing that an alias or a running endpoint holds.

    With `--log` the hours of a shipped log that are over become one segment each, whose parts are removed by the next
    sweep that is an hour later.
    """
    if log is None and name is None:
        return session.collect_garbage()
    if log is None or name is None:
        raise InvalidInput("To compact a log: `%gc --log URL --name MODEL`.")
    return session.compact_log(log, name)
