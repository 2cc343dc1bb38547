"""`%model_card`: the facts of a version, and texts that people wrote about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlops_magics.magics.verb import option, verb, word

if TYPE_CHECKING:
    from mlops_magics.core.session import Session
    from mlops_magics.core.session.records import ModelCard

PARTS = (
    "owners", "intended_use", "limits", "factors", "training_data", "evaluation_data", "metric_choice", "ethics",
    "caveats", "licence",
)  # fmt: skip


@verb(
    word("ref", "name, name@alias or name@version", "version"),
    option("--owners", "who is responsible, and how they are reached", metavar="TEXT"),
    option("--intended-use", "what it is for, and for whom", metavar="TEXT"),
    option("--limits", "where it does not work, and what must not be decided with it", metavar="TEXT"),
    option("--factors", "groups or conditions that change its answers", metavar="TEXT"),
    option("--training-data", "where the data come from, and what they may be used for", metavar="TEXT"),
    option("--evaluation-data", "the rows that it was measured on, and why those", metavar="TEXT"),
    option("--metric-choice", "why these metrics, and how they are computed", metavar="TEXT"),
    option("--ethics", "whom its errors can harm, and what is done about that", metavar="TEXT"),
    option("--caveats", "what else a user should know", metavar="TEXT"),
    option("--licence", "under which licence it may be used", metavar="TEXT"),
    option(
        "--data", "rows to measure performance on now (default: what is kept on the board)", "rows", metavar="FRAME"
    ),
    option("--truth", "what came out: a column of the rows, or values", "column or value"),
    option("--segment", "measure each value of this column too", "column", metavar="COLUMN"),
    option("--to", "a file to write: .md, .html or .json", metavar="FILE"),
    examples=(
        "%model_card penguins",
        "%model_card penguins --owners 'Ana, ana@example.org' --intended-use 'Tells species apart in the field.'",
        "%model_card penguins@champion --data test --truth species --segment island --to penguins.md",
    ),
    commands=(
        "mlops-magics model_card penguins --to penguins.md",
        "mlops-magics model_card penguins --limits 'Adult birds only.' --json",
        "mlops-magics model_card penguins@champion --data test.csv --truth species --segment island",
    ),
)
def model_card(session: Session, ref: str, **given: Any) -> ModelCard:
    """Show the card of a version: facts, metrics, performance by segment, monitoring, history, and what people wrote.

    What a person must write (owners, intended use, limits, ethics) is requested, kept with the version, and inherited
    by the next one, where it is marked when it may be stale. Markdown has the metadata that Hugging Face's hub reads.
    """
    parts = {name: text for name in PARTS if (text := given.pop(name)) is not None}
    return session.model_card(ref, parts, **given)
