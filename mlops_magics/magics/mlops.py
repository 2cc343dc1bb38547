"""`%mlops`: the current board, and the verbs."""

from __future__ import annotations

import shutil
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlops_magics.magics.verb import verb
from mlops_magics.magics.verbs import VERBS

if TYPE_CHECKING:
    from mlops_magics.core.session import Session


@dataclass(frozen=True, slots=True)
class Overview:
    """The board in use, its models, the endpoints, and every verb with its first sentence."""

    board: str
    models: tuple[str, ...]
    endpoints: tuple[str, ...]
    verbs: tuple[tuple[str, str], ...]
    examples: tuple[str, ...]

    def __repr__(self) -> str:
        width = max(len(name) for name, _ in self.verbs)
        room, hang = shutil.get_terminal_size().columns, " " * (width + 5)
        lines = (f"  %{name:<{width}}  {summary}" for name, summary in self.verbs)
        listed = [textwrap.fill(line, room, subsequent_indent=hang) for line in lines]
        return "\n".join([*(f"{label}: {text}" for label, text in self.state()), *listed, self.more()])

    def state(self) -> list[tuple[str, str]]:
        """Return the board, its models and the endpoints, in words."""
        return [
            ("board", self.board),
            ("models", ", ".join(self.models) or "none yet: %%pin_model NAME over the cell that trains"),
            ("endpoints", ", ".join(self.endpoints) or "none: %deploy NAME starts one"),
        ]

    @staticmethod
    def more() -> str:
        """Return where to read on."""
        return "Each answers --help with three examples. %config MLOpsMagics shows the settings."


@verb(
    examples=("%mlops", "%mlops;", "overview = %mlops"),
    commands=("mlops-magics mlops", "mlops-magics mlops --help", "mlops-magics mlops --board s3://bucket/models"),
)
def mlops(session: Session) -> Overview:
    """Show the board, what is on it, what answers, and every verb."""
    return Overview(
        board=session.board.label,
        models=tuple(session.board.names()),
        endpoints=tuple(f"{each.name}@{each.version} ({each.state})" for each in session.endpoints_running()),
        verbs=tuple((each.name, each.summary) for each in VERBS.values()),
        examples=tuple(each.examples[0] for each in VERBS.values()),
    )
