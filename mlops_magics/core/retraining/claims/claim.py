"""A claim on the retraining of a model: taken, kept alive, checked at the promotion, released."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import secrets
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass

from mlops_magics.core import phrases
from mlops_magics.core.deploying.endpoints import processes
from mlops_magics.core.retraining.claims import liveness
from mlops_magics.core.versioning import Board
from mlops_magics.core.versioning.history.event_kinds import EventKind
from mlops_magics.core.versioning.history.events import Event
from mlops_magics.errors import BoardError, Held, MlopsError, NothingToDo

BEAT_SECONDS = 10.0
"""Time between two signs of life."""

LONGEST_WORD = 64
"""Characters of a user, a host or a process in a message."""


@dataclass(frozen=True, slots=True)
class Request:
    """The request of a run.

    Attributes
    ----------
    parent
        The version that is made again.
    policy, slot
        The policy that wants it, and the due time or the verdict that it is for. A slot is used once.
    verdict
        The findings of monitoring, and their rows, or empty where no condition was checked.
    reason
        For the history.
    """

    name: str
    parent: str
    policy: str = ""
    slot: str = ""
    verdict: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Claim:
    """The right of one run to retrain a model.

    Attributes
    ----------
    sequence
        The number of its event: the fencing token.
    resumed
        Whether it continues a run whose process ended.
    """

    run: str
    sequence: int
    request: Request
    resumed: bool = False

    def fence(self, events: list[Event]) -> None:
        """Raise where another run claimed the model after this one.

        Raises
        ------
        Held
        """
        newest = newest_claim(events, self.request.name)
        if newest is None or newest.sequence != self.sequence:
            holder = "another run" if newest is None else holder_of(newest)
            raise Held(
                f"The retraining {self.run} of {self.request.name} was taken over by {holder}: nothing was promoted.",
                holder,
            )


def take(board: Board, request: Request, *, resumable: str | None = None) -> Claim:
    """Claim the retraining of a model.

    Parameters
    ----------
    resumable
        The id of a run whose work is kept on this machine. It is continued where it is the one that holds the model
        and its process is gone.

    Raises
    ------
    Held
        Another run that is alive holds the model. The message names it.
    NothingToDo
        The slot was used already.
    """
    fresh = secrets.token_hex(6)
    chosen: list[tuple[str, bool]] = []

    def compose(events: list[Event]) -> Event:
        open_claim = newest_claim(events, request.name)
        if open_claim is not None and not _has_ended(events, open_claim):
            if liveness.is_alive(board, open_claim):
                raise Held(_held(open_claim), holder_of(open_claim))
            # judged here and not before: between a look at the log and the append another run may claim the model
            resumed = open_claim.details.get("run") == resumable
        else:
            open_claim, resumed = None, False
            _check_slot(events, request)
        run = str(open_claim.details["run"]) if open_claim is not None and resumed else fresh
        chosen[:] = [(run, resumed)]
        details = {
            "run": run, "policy": request.policy, "slot": request.slot, "verdict": request.verdict,
            "host": socket.gethostname(), "pid": os.getpid(), "started": processes.started_at(os.getpid()) or 0.0,
        }  # fmt: skip
        return Event.retrain_claim(request.name, request.parent, details, request.reason or None)

    with board.writing():
        event = board.log.append(compose)
    run, resumed = chosen[0]
    return Claim(run, event.sequence, dataclasses.replace(request, parent=str(event.version)), resumed)


def give_back(board: Board, claim: Claim, outcome: str, version: str | None, why: str) -> None:
    """Record the outcome of a run, so that the next one may begin.

    A board that cannot be written any more keeps the claim open, so this machine also notes that the run has ended.

    Parameters
    ----------
    board, claim
        The board and the claim that ends.
    outcome, why
        The outcome in one word, and its reason.
    version
        The version that the run made.

    Raises
    ------
    BoardError
        The board is gone or refuses.
    """
    details = {"run": claim.run, "outcome": outcome, "why": why}
    with contextlib.suppress(MlopsError):
        # first, and on this machine: the board may refuse all that follows
        liveness.note_end(board, claim.run)
    check_board(board, claim.request.name)
    with contextlib.suppress(MlopsError):
        board.store.beat(claim.run, None)
    board.log.append(lambda events: Event.retrain_end(claim.request.name, version, details, why or None))
    liveness.forget_end(board, claim.run)


def check_board(board: Board, name: str) -> None:
    """Check that the board still has a claim on a model: a write would make a new board where it was.

    Raises
    ------
    BoardError
    """
    if not board.store.exists() or newest_claim(board.log.read(), name) is None:
        raise gone(board.url, name)


def gone(board: str, name: str) -> BoardError:
    """Return the error of a board that was moved or removed during a run."""
    return BoardError(
        f"The board {board} was moved or removed while {name} was retrained. Nothing was promoted. Bring the board "
        f"back, then: `%retrain {name}`."
    )


@contextlib.contextmanager
def kept_alive(board: Board, claim: Claim) -> Iterator[None]:
    """Give signs of life during the work inside, for runs on other hosts."""
    ended = threading.Event()

    def beat() -> None:
        count = 0
        while True:
            with contextlib.suppress(MlopsError, OSError):
                if board.store.exists():
                    # a count and no time, since the clocks of two hosts are not compared
                    board.store.beat(claim.run, str(count).encode())
            count += 1
            if ended.wait(BEAT_SECONDS):
                return

    beating = threading.Thread(target=beat, name=f"retraining {claim.run}", daemon=True)
    beating.start()
    try:
        yield
    finally:
        ended.set()
        beating.join()


def newest_claim(events: list[Event], name: str) -> Event | None:
    """Return the last claim on a model."""
    found = (each for each in reversed(events) if each.kind is EventKind.RETRAIN_CLAIM and each.name == name)
    return next(found, None)


def open_claim(board: Board, name: str) -> Event | None:
    """Return the claim of a run that has not ended, or None where no run holds the model."""
    events = board.log.read()
    newest = newest_claim(events, name)
    return newest if newest is not None and not _has_ended(events, newest) else None


def _has_ended(events: list[Event], claim: Event) -> bool:
    run = claim.details.get("run")
    return any(
        each.kind is EventKind.RETRAIN_END and each.details.get("run") == run and each.sequence > claim.sequence
        for each in events
    )


def _check_slot(events: list[Event], request: Request) -> None:
    """Refuse a slot that a run of this policy has used. A cancelled run does not use it."""
    if not request.slot:
        return
    used = {
        str(each.details.get("run"))
        for each in events
        if each.kind is EventKind.RETRAIN_CLAIM
        and each.name == request.name
        and (each.details.get("policy"), each.details.get("slot")) == (request.policy, request.slot)
    }
    cancelled = {
        str(each.details.get("run"))
        for each in events
        if each.kind is EventKind.RETRAIN_END and each.details.get("outcome") == "cancelled"
    }
    if used - cancelled:
        raise NothingToDo(
            f"{request.name} was retrained for {request.slot} already. `%policies {request.name}` shows what is next.",
            "slot used",
        )


def holder_of(claim: Event) -> str:
    """Return the user, host and process of a claim, and its time."""
    by, host, pid = (
        phrases.one_line(each)[:LONGEST_WORD]
        for each in (claim.by or "someone", claim.details.get("host"), claim.details.get("pid"))
    )
    return f"{by}@{host}, pid {pid}, since {claim.time[:16].replace('T', ' ')} UTC"


def _held(claim: Event) -> str:
    run = phrases.one_line(claim.details.get("run"))[:LONGEST_WORD]
    return f"{claim.name} is being retrained by {holder_of(claim)} (run {run}). Wait for it, then try again."
