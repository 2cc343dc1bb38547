"""The policies of a board as a DataFrame that displays can recognise."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pandas as pd

from mlops_magics.core import text_tables
from mlops_magics.core.phrases import counted
from mlops_magics.core.retraining.policies.policy_runs import PolicyStatus

COLUMNS = ["model", "policy", "every", "when", "last", "outcome", "next", "due", "why_not"]


class PolicyTable(pd.DataFrame):
    """One row per policy: its triggers, its last outcome, its next time, and the reason why it is not due now."""

    @property
    def _constructor(self) -> Callable[..., pd.DataFrame]:
        return pd.DataFrame

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """Show what people read in a terminal, by IPython's protocol, which needs no import."""
        columns: dict[str, Iterable[Any]] = {name.replace("_", " "): self[name] for name in COLUMNS if name != "due"}
        columns["due"] = ["due" if due else "" for due in self["due"]]
        title = (
            counted(len(self), "policy", "policies")
            if len(self)
            else "No policies: `%retrain NAME --every week` keeps one."
        )
        printer.text(text_tables.text_table(title, columns))

    @classmethod
    def of(cls, statuses: Iterable[PolicyStatus], board: str) -> PolicyTable:
        """Build the table, with times in UTC."""
        rows = [
            {
                "model": each.policy.model,
                "policy": each.policy.name,
                "every": _cadence(each),
                "when": ", ".join(each.policy.when),
                "last": each.past.last,
                "outcome": each.past.outcome,
                "next": each.next,
                "due": each.due,
                "why_not": each.why_not,
            }
            for each in statuses
        ]
        table = cls(pd.DataFrame(rows, columns=COLUMNS))
        table.attrs |= {"board": board}
        return table


def _cadence(status: PolicyStatus) -> str:
    policy = status.policy
    if not policy.every:
        return ""
    at = f" at {policy.at}" if policy.at else ""
    return f"{policy.every}{at}{f' {policy.zone}' if policy.zone else ''}"
