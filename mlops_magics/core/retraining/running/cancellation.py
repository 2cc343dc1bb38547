"""Cancellation of a run, from any process of its user: the run stops itself at its next look."""

from __future__ import annotations

import time

from mlops_magics.core.deploying.endpoints import processes
from mlops_magics.core.retraining.claims import claim as claims
from mlops_magics.core.retraining.claims.claim import Claim, Request
from mlops_magics.core.retraining.retraining import Retraining
from mlops_magics.core.retraining.running import job
from mlops_magics.core.retraining.running.job import Job
from mlops_magics.core.retraining.running.run_record import RunRecord
from mlops_magics.core.versioning import Board
from mlops_magics.core.versioning.history.events import Event, author
from mlops_magics.errors import NothingToDo, RetrainingFailed

ANSWER_SECONDS = 30.0
"""Longest wait for a run to stop: its recipe has some seconds to end."""
POLL_SECONDS = 0.1


def cancel(board: Board, name: str) -> Retraining:
    """End the run of a model. Its processes end, its claim is released, and nothing is promoted.

    Returns
    -------
    Retraining
        The record of the run: ``cancelled``, or its outcome where it ended before it looked.

    Raises
    ------
    NothingToDo
        No run of this user on this machine holds the model.
    RetrainingFailed
        The run does not stop.
    """
    running = next((each for each in job.runs(board.url, name) if each.status == "running"), None)
    claim = claims.open_claim(board, name)
    if running is None or claim is None or claim.details.get("run") != running.run:
        holder = "" if claim is None else f" {claims.holder_of(claim)} retrains it: cancel the run there."
        raise NothingToDo(f"No retraining of {name} runs on this machine.{holder}", "not running")
    folder = Job.of(board.url, name, running.run)
    by = author() or "its user"
    folder.ask_to_stop(by)
    until = time.monotonic() + ANSWER_SECONDS
    while time.monotonic() < until:
        now = folder.read()
        if now.status != "running":
            return now
        # a process that was killed reads no request to stop, so its claim is released for it
        if not _is_alive(claim):
            return _ended_for_it(board, claim, folder, now, by)
        time.sleep(POLL_SECONDS)
    raise RetrainingFailed(f"The retraining of {name} has not stopped after {ANSWER_SECONDS:g} s.", running)


def _is_alive(claim: Event) -> bool:
    return processes.runs(int(claim.details.get("pid", 0)), float(claim.details.get("started", 0.0)))


def _ended_for_it(board: Board, claim: Event, folder: Job, record: Retraining, by: str) -> Retraining:
    """Release the claim of a run whose process is gone."""
    run = RunRecord(folder, record)
    run.fail(folder.cancelled_words(by), "cancelled")
    request = Request(claim.name, str(claim.version))
    claims.give_back(
        board, Claim(record.run, claim.sequence, request), "cancelled", record.version, f"cancelled by {by}"
    )
    folder.clear()
    return run.value
