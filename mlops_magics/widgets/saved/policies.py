"""The policies of models as a page: the last outcome of each, its next time, and why it is not due."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlops_magics.widgets.saved import formats
from mlops_magics.widgets.saved.components import Column, chip, head, table
from mlops_magics.widgets.saved.markup import Markup, breakable, h
from mlops_magics.widgets.saved.page import page

if TYPE_CHECKING:
    import pandas as pd


def policies(found: pd.DataFrame) -> Markup:
    """Return the policies of models, and when each is next."""
    columns = [
        Column("Model"),
        Column("Policy", "", ""),
        Column("Every", "", "every"),
        Column("When", "mlops-wrap", "when"),
        Column("Last", "mlops-2", "last"),
        Column("Next", "mlops-2", "next"),
        Column("", "mlops-wrap", ""),
    ]
    rows = [
        [
            h("b", None, breakable(row["model"])),
            breakable(row["policy"]),
            formats.readable(row["every"]),
            formats.readable(row["when"]) if isinstance(row["when"], str) else ", ".join(map(str, row["when"] or ())),
            [_day(row["last"]), " ", h("small", None, formats.readable(row["outcome"]))],
            _day(row["next"]),
            chip("due", "is-champion")
            if row["due"]
            else h("span", {"class": "mlops-2"}, formats.readable(row["why_not"])),
        ]
        for row in found.to_dict("records")
    ]
    about = (
        f"{formats.plural(len(rows), 'policy', 'policies')}; times are UTC"
        if rows
        else "No policies: `%retrain NAME --every week` keeps one."
    )
    return page(
        "Policies",
        head([h("h2", None, "Policies")], about),
        table("Policies", columns, rows) if rows else None,
        asof=True,
    )


def _day(moment: Any) -> str:
    """Return a moment of a table, nothing where it is missing."""
    if moment is None or moment != moment:  # NaT
        return ""
    return formats.day(moment.isoformat() if hasattr(moment, "isoformat") else str(moment))
