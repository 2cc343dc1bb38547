"""A run, step by step: prepared, trained, pinned, evaluated, decided. A killed run continues after its last step.

Before the version is pinned nothing but the claim is on the board, so a run killed there begins anew. From then on
its rows and its choices are in its folder, and its version carries its id.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import os
import signal
import socket
from collections.abc import Callable, Iterator
from typing import Any

from mlops_magics.core import retrainings
from mlops_magics.core.retraining.claims import claim as claims
from mlops_magics.core.retraining.claims.claim import Claim, Request
from mlops_magics.core.retraining.retraining import Retraining
from mlops_magics.core.retraining.running import deciding, job, preparation
from mlops_magics.core.retraining.running.job import Job
from mlops_magics.core.retraining.running.order import Order
from mlops_magics.core.retraining.running.preparation import Prepared
from mlops_magics.core.retraining.running.recipe_process import RecipeProcess, last_lines
from mlops_magics.core.retraining.running.run_record import RunRecord
from mlops_magics.core.versioning import Board, ModelVersion
from mlops_magics.core.versioning.history.events import author
from mlops_magics.core.versioning.names import CHAMPION
from mlops_magics.errors import Cancelled, MlopsError, NotFound, RetrainingFailed

HINT = " The cell has run:"
"""Beginning of the hint that `%%pin_model` adds for a notebook: a run has none."""
LOOKED_AT = 20
"""Newest versions among which that of a killed run is searched."""


def retrain(board: Board, parent: ModelVersion, order: Order) -> Retraining:
    """Make the next version of a model, and let it be champion where it is better.

    Raises
    ------
    InvalidInput, NotFound, DataMismatch, NotTrusted
        The order cannot be run, and no run began.
    Held, NothingToDo
        Another run holds the model, or the slot was used.
    RetrainingFailed
        The recipe failed. The record is in the error.
    """
    unfinished = _unfinished(board, parent.name)
    if unfinished is not None:
        finished = _continue(board, parent, unfinished, order)
        if finished is not None and (order.policy or order.data is None):
            return finished
    prepared = preparation.prepare(board, parent, order)
    claim = claims.take(board, _request(parent, order))
    with _given_back(board, claim) as record_end:
        record = _new_record(prepared, claim)
        return record_end(_run(prepared, claim, record))


def _request(parent: ModelVersion, order: Order) -> Request:
    return Request(
        parent.name, parent.version, order.policy, order.slot, order.verdict, str(order.trigger.get("reason", ""))
    )


def _new_record(prepared: Prepared, claim: Claim) -> RunRecord:
    folder = Job.of(prepared.board.url, prepared.parent.name, claim.run)
    folder.create()
    record = Retraining(
        run=claim.run, name=prepared.parent.name, board=prepared.board.url, parent=prepared.parent.version,
        started=dt.datetime.now(dt.UTC).isoformat(), trigger=dict(prepared.order.trigger), by=author(),
        host=socket.gethostname(),
        pid=os.getpid(), log=str(folder.log), notes=prepared.notes, rows=len(prepared.rows.frame),
        training_rows=len(prepared.training), held_out_rows=len(prepared.held_out), held_out=prepared.text,
    )  # fmt: skip
    return RunRecord(folder, record)


@contextlib.contextmanager
def _given_back(board: Board, claim: Claim) -> Iterator[Callable[[RunRecord], Retraining]]:
    """Keep a claim alive, release it however the run ends, and keep the record of the run for the sidebar."""
    current: list[RunRecord] = []

    def end(record: RunRecord) -> Retraining:
        current.append(record)
        return record.value

    try:
        with claims.kept_alive(board, claim):
            yield end
    except BaseException as fault:  # also an interrupt: a claim that is kept holds back every later run
        failed = isinstance(fault, MlopsError) and not isinstance(fault, Cancelled)
        outcome = "failed" if failed else "cancelled"
        _close(board, claim, outcome, None, str(fault))
        raise
    record = current[0].value
    _close(board, claim, record.status, record.version, record.why)


def _close(board: Board, claim: Claim, outcome: str, version: str | None, why: str) -> None:
    name = claim.request.name
    folder = Job.of(board.url, name, claim.run)
    folder.clear()
    with contextlib.suppress(MlopsError):  # a board that cannot be written any more: the claim ends with this process
        claims.give_back(board, claim, outcome, version, why[:500])
    if outcome != "cancelled":
        _remember(board, name, outcome, version, why)
    job.prune(board.url, name, claim.run)


def _remember(board: Board, name: str, outcome: str, version: str | None, why: str) -> None:
    if outcome == "failed" or version is None:
        retrainings.remember(board.url, name, error=why)
        return
    number = None
    with contextlib.suppress(MlopsError):
        number = board.numbers(name, [version]).get(version)
    retrainings.remember(board.url, name, version=version, number=number, outcome=outcome)


def _run(prepared: Prepared, claim: Claim, record: RunRecord) -> RunRecord:
    process = RecipeProcess(record.job)
    try:
        record.begin("prepared")
        made_champion = _ensure_champion(prepared.board, prepared.parent, claim)
        preparation.write_job(prepared, claim, record.job, made_champion)
        record.done("prepared", prepared.text)
        _train(prepared, record, process)
        deciding.evaluate_and_decide(prepared.board, claim, record)
        return record
    except Cancelled as fault:
        process.stop()
        record.fail(str(fault), "cancelled")
        raise Cancelled(str(fault), record.value) from None
    except MlopsError as fault:
        if record.value.status == "running":
            record.fail(str(fault))
        raise
    except BaseException:
        process.stop()
        record.fail("It was interrupted. Nothing was promoted.", "cancelled")
        raise


def _ensure_champion(board: Board, parent: ModelVersion, claim: Claim) -> bool:
    """Let the parent be champion where no version is, and return whether that was needed.

    A bare name would otherwise mean the new version as soon as it is pinned.
    """
    if CHAMPION in board.aliases(parent.name):
        return False
    note = "champion until a retraining is better"
    board.promote(parent.ref, to=CHAMPION, note=note, force=True, fence=claim.fence)
    return True


def _train(prepared: Prepared, record: RunRecord, process: RecipeProcess) -> None:
    """Run the recipe until it has pinned.

    Raises
    ------
    RetrainingFailed
        It raised, took too long, or pinned nothing.
    """
    record.begin("trained")
    process.start(prepared.recipe.folder)
    problem: dict[str, Any] = {}

    def notice(report: dict[str, Any]) -> None:
        if report["step"] == "trained":
            record.done("trained")
            record.begin("pinned")
        elif report["step"] == "pinned":
            record.done("pinned", report["version"], version=report["version"])
        elif report["step"] == "failed":
            problem.update(report)

    in_time = process.wait(prepared.order.limit, notice)
    if record.is_done("pinned"):
        return
    raise _failure(prepared, record, problem, in_time, process.status)


def _failure(
    prepared: Prepared, record: RunRecord, problem: dict[str, Any], in_time: bool, status: int | None
) -> RetrainingFailed:
    name, log = prepared.parent.name, record.job.log
    said = str(problem.get("message", "")).partition(HINT)[0]
    if not in_time:
        why = (
            f"The recipe of {name} took longer than {prepared.order.limit:g} s and was ended. Give it more: --limit 4h"
        )
    elif said.startswith("The board "):
        why = said
    elif problem.get("error") == "EOFError":
        why = f"The recipe of {name} needs input, which a run cannot give. Take the value from a variable"
    elif problem:
        at = f" (line {problem['line']}: {problem['code'].strip()[:80]})" if problem.get("code") else ""
        why = f"The recipe of {name} raised {problem['error']}{f': {said}' if said else ''}{at}"
    else:
        last = last_lines(log, 1)
        why = f"The process of the recipe of {name} {_end(status)}" + (f": {last[:200]}" if last else "")
    message = f"{why.rstrip('.')}. {prepared.parent.ref} stays, and nothing was pinned. Output: {log}"
    record.fail(message)
    return RetrainingFailed(message, record.value)


def _end(status: int | None) -> str:
    """Return the end of a process in words: a negative status is the number of a signal."""
    if status is None or status >= 0:
        return f"ended with status {status}"
    # subprocess gives the number of the signal that ended a process as a negative status
    if status == -signal.SIGKILL:
        return "was killed (SIGKILL), as a machine does that runs out of memory"
    return f"was ended by {signal.Signals(-status).name}"


# A run that was killed


def _unfinished(board: Board, name: str) -> tuple[Job, ModelVersion] | None:
    """Return the folder and the version of a run that was killed after its pin, or None."""
    event = claims.open_claim(board, name)
    if event is None:
        return None
    run = str(event.details.get("run"))
    folder = Job.of(board.url, name, run)
    if not folder.exists:
        return None
    version = _version_of(board, name, run)
    return None if version is None else (folder, version)


def _version_of(board: Board, name: str, run: str) -> ModelVersion | None:
    """Return the version that a run has pinned."""
    for version in list(board.versions(name)["version"])[:LOOKED_AT]:
        with contextlib.suppress(NotFound):
            found = board.version(f"{name}@{version}")
            if (found.lineage.retraining or {}).get("run") == run:
                return found
    return None


def _continue(
    board: Board, parent: ModelVersion, unfinished: tuple[Job, ModelVersion], order: Order
) -> Retraining | None:
    """Continue a killed run after its pin, or None where another process has it."""
    folder, version = unfinished
    before = folder.read()
    request = dataclasses.replace(
        _request(parent, order), slot="", verdict="", reason=f"continues the run {before.run}"
    )
    claim = claims.take(board, request, resumable=before.run)
    if not claim.resumed:
        _close(board, claim, "cancelled", None, "nothing to continue")
        return None
    with _given_back(board, claim) as end:
        import os

        record = RunRecord(
            folder, dataclasses.replace(before, status="running", pid=os.getpid(), ended=None, error=None)
        )
        record.done("trained")
        record.done("pinned", version.version, version=version.version)
        try:
            deciding.evaluate_and_decide(board, claim, record)
        except MlopsError as fault:
            record.fail(str(fault), "cancelled" if isinstance(fault, Cancelled) else "failed")
            raise
        return end(record)
