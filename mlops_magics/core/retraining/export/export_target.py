"""The protocol of an export target: it writes files, and reads them back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from mlops_magics.core.retraining.export.export_plan import ExportPlan, ParsedExport

ENTRY_POINTS = "mlops_magics.exports"
"""The group of entry points by which other packages add targets."""


class ExportTarget(Protocol):
    """One orchestrator.

    Attributes
    ----------
    name
        The word after ``--to``.
    file
        The name of its file, without the model: ``{model}`` is filled in.
    next_step
        The next step for the user, in one line.
    here
        True where the file is for this machine: then the command is this environment's own. It may be left out.
    """

    name: str
    file: str
    next_step: str

    def render(self, plan: ExportPlan) -> Mapping[str, str]:
        """Return ending of the file's name to its text. Most targets have one file, with an empty ending."""

    def parse(self, files: Mapping[str, str]) -> ParsedExport:
        """Read the files back."""
