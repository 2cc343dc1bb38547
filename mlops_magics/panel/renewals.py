"""The verbs of a model's renewal: its last retraining, and the policies that start one."""

from __future__ import annotations

import shlex

from mlops_magics.core.session import Session, policy_list, retraining_view
from mlops_magics.core.wire.panel_records import PoliciesReply, RetrainingReply
from mlops_magics.errors import NotFound
from mlops_magics.panel.address import changing, reading
from mlops_magics.panel.board_pool import BoardPool


@reading("/boards/{board}/models/{name}/retraining")
def retraining(pool: BoardPool, board: str, name: str) -> RetrainingReply:
    """Return the last retraining of a model, also while it runs.

    Raises
    ------
    NotFound
        This user has not retrained it on this machine.
    """
    ref = pool.ref(board, name)

    def last(session: Session) -> RetrainingReply:
        found = session.retrainings(ref)
        if not found:
            raise NotFound("retraining of", name, (), hint=f"`%retrain {name} --data NEW` makes one.")
        return RetrainingReply(retraining_view.of(session, found[0]))

    return pool.run(board, last)


@changing("/boards/{board}/models/{name}/retraining/cancel")
def cancel(pool: BoardPool, board: str, name: str) -> RetrainingReply:
    """End the run of a model on this machine. Nothing is promoted.

    Raises
    ------
    NothingToDo
        None runs.
    """
    ref = pool.ref(board, name)
    return pool.run(board, lambda session: RetrainingReply(retraining_view.of(session, session.cancel_retraining(ref))))


@reading("/boards/{board}/models/{name}/policies")
def policies(pool: BoardPool, board: str, name: str) -> PoliciesReply:
    """List the policies of a model."""
    ref = pool.ref(board, name)
    return pool.run(board, lambda session: PoliciesReply(policy_list.of(session, ref, name)))


@changing("/boards/{board}/models/{name}/policies/{policy}/schedule")
def schedule(
    pool: BoardPool,
    board: str,
    name: str,
    policy: str,
    every: str | None = None,
    at: str | None = None,
    zone: str | None = None,
    when: str | None = None,
    data: str | None = None,
    truth: str | None = None,
    notebook: str | None = None,
) -> PoliciesReply:
    """Keep a policy with a model; ``when`` has its conditions with spaces between.

    Raises
    ------
    InvalidInput
        A word is not valid, or the model has no recipe.
    """
    ref = pool.ref(board, name)
    given = {"every": every, "at": at, "zone": zone, "data": data, "truth": truth, "notebook": notebook}

    def kept(session: Session) -> PoliciesReply:
        words = shlex.split(when or "")
        session.policy(ref, policy=policy, when=words, **{key: value for key, value in given.items() if value})  # type: ignore[arg-type]
        return PoliciesReply(policy_list.of(session, ref, name))

    return pool.run(board, kept)


@changing("/boards/{board}/models/{name}/policies/{policy}/unschedule")
def unschedule(pool: BoardPool, board: str, name: str, policy: str) -> PoliciesReply:
    """Remove a policy of a model."""
    ref = pool.ref(board, name)

    def removed(session: Session) -> PoliciesReply:
        session.policy(ref, policy=policy, off=True)
        return PoliciesReply(policy_list.of(session, ref, name))

    return pool.run(board, removed)
