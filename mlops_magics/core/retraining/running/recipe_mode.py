"""The mode of a process that runs a recipe: it may only pin the model that it was started for."""

from __future__ import annotations

import dataclasses
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlops_magics.core.recipe_guard import RETRAINING_VARIABLE
from mlops_magics.core.retraining.running.job import EXECUTED, Job
from mlops_magics.core.versioning import Facts


@dataclass(frozen=True, slots=True)
class RecipeMode:
    """The order of the run to the sessions of its process."""

    job: Job
    board: str
    name: str
    parent: str
    facts: dict[str, Any]

    @classmethod
    def current(cls) -> RecipeMode | None:
        """Return the mode of this process, or None where it does not run a recipe."""
        folder = os.environ.get(RETRAINING_VARIABLE)
        if not folder:
            return None
        job = Job(Path(folder))
        order = job.order()
        return cls(job, order["board"], order["name"], order["parent"], order["facts"])

    @property
    def pinned(self) -> bool:
        """Whether the run has pinned its version."""
        return any(each["step"] == "pinned" for each in self.job.reports())

    def marked(self, facts: Facts) -> Facts:
        """Return the facts of the new version with its parent, its run, and the code that was executed."""
        from mlops_magics.core.versioning.describing.lineage import Lineage

        executed = self.job.folder / EXECUTED
        files = {EXECUTED: executed.read_bytes()} if executed.is_file() else {}
        lineage = dataclasses.replace(facts.lineage or Lineage(), parent=self.parent, retraining=self.facts)
        return dataclasses.replace(facts, parent=self.parent, lineage=lineage, files={**facts.files, **files})
