"""The record of a run while it changes: each change is on disk before the next step begins."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

from mlops_magics.core import progress
from mlops_magics.core.retraining.retraining import PROGRESS, STEPS, Retraining, Step, StepName
from mlops_magics.core.retraining.running.job import Job


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


class RunRecord:
    """The record of a run, which writes every change."""

    def __init__(self, job: Job, record: Retraining) -> None:
        self.job, self.value = job, record
        job.write(record)

    def change(self, **fields: Any) -> None:
        """Change fields of the record."""
        self.value = dataclasses.replace(self.value, **fields)
        self.job.write(self.value)

    def begin(self, name: StepName) -> None:
        """Begin a step.

        Raises
        ------
        Cancelled
            A person has cancelled the run.
        """
        self.job.check_not_stopped()
        self._put(Step(name, "running", _now().isoformat()))
        progress.report(PROGRESS[name], record=self.value)

    def done(self, name: StepName, text: str = "", **fields: Any) -> None:
        """End a step, and change the fields known since."""
        before = self._step(name)
        started = before.started or _now().isoformat()
        seconds = (_now() - dt.datetime.fromisoformat(started)).total_seconds()
        self._put(Step(name, "done", started, round(seconds, 3), text), **fields)
        progress.report(PROGRESS[name], record=self.value)

    def fail(self, error: str, status: str = "failed") -> None:
        """End the run at the step at which it is."""
        step = self._step(self.value.step)
        failed = dataclasses.replace(step, state="failed", text=error)
        self._put(failed, status=status, error=error, ended=_now().isoformat())
        progress.report(PROGRESS[step.name], record=self.value)

    def is_done(self, name: StepName) -> bool:
        """Return whether a step is done."""
        return self._step(name).state == "done"

    def _step(self, name: StepName) -> Step:
        return self.value.steps[STEPS.index(name)]

    def _put(self, step: Step, **fields: Any) -> None:
        steps = tuple(step if each.name == step.name else each for each in self.value.steps)
        self.change(steps=steps, **fields)
