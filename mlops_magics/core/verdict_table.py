"""The verdicts of monitoring as a DataFrame that displays can recognise."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pandas as pd

from mlops_magics.core import text_tables
from mlops_magics.core.phrases import counted

COLUMNS = ["created", "version", "rows", "drifted", "alerts", "verdict", "by"]


class VerdictTable(pd.DataFrame):
    """The verdicts on one model, newest first. ``attrs`` holds the board, the model, and the full verdicts."""

    @property
    def _constructor(self) -> Callable[..., pd.DataFrame]:
        return pd.DataFrame

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """Show what people read in a terminal, by IPython's protocol, which needs no import."""
        columns: dict[str, Iterable[Any]] = {
            "checked": self["created"],
            "version": text_tables.short_ids(self["version"]),
            "rows": self["rows"],
            "drifted": self["drifted"],
            "alerts": self["alerts"],
            "by": self["by"],
            "verdict": self["verdict"],
        }
        name, board = self.attrs["name"], self.attrs["board"]
        title = f"{name}: {counted(len(self), 'verdict')} on {board}, newest first"
        printer.text(text_tables.text_table(title, columns))

    @classmethod
    def of(cls, verdicts: Iterable[Mapping[str, Any]], board: str, name: str) -> VerdictTable:
        """Build the table. It has the numbers of features and alerts, and the verdict without its reference."""
        found = list(verdicts)
        rows = [
            {
                **each,
                "drifted": len(each["drifted"]),
                "alerts": each.get("n_alerts", len(each.get("alerts", ()))),
                "verdict": each["verdict"].removeprefix(f"{each['name']}@{each['version']}: "),
            }
            for each in found
        ]
        frame = pd.DataFrame(rows, columns=COLUMNS)
        table = cls(frame.assign(created=pd.to_datetime(frame["created"], utc=True, format="ISO8601")))
        table.attrs |= {"board": board, "name": name, "verdicts": found}
        return table
