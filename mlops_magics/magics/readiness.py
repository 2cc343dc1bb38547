"""`%readiness`: six questions to a team, answered from its boards."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from mlops_magics.magics.verb import option, switch, verb

if TYPE_CHECKING:
    from mlops_magics.core.session import Session
    from mlops_magics.core.session.records import Readiness


@verb(
    option(
        "--answer",
        "what boards cannot see: a test of the ML Test Score with yes, partly or no, and a note",
        nargs="+",
        default=(),
        metavar="ID=ANSWER[:NOTE]",
    ),
    option("--to", "a file to write: .html, .md or .json", metavar="FILE"),
    option("--files", "the folder with files that %%export wrote (default: the working folder)", metavar="DIR"),
    switch("--dry-run", "do not add the assessment to the history on the board"),
    examples=(
        "%readiness",
        "%readiness --answer 'D5=yes' 'I6=partly:a canary by hand, each time'",
        "%readiness --to readiness.html",
    ),
    commands=(
        "mlops-magics readiness --json",
        "mlops-magics readiness --board s3://bucket/models --to readiness.md",
        "mlops-magics readiness --fail-under 2",
    ),
)
def readiness(session: Session, answer: Sequence[str], to: str | None, files: str | None, dry_run: bool) -> Readiness:
    """Assess how ready the team is: six questions with levels from 0 to 4, each with its evidence and one next step.

    It reads boards, history, endpoints, logs, policies and exports, states whether the practice pays off yet, and
    fills in the ML Test Score. Questions about the rest are kept on the board with person and time.
    """
    return session.readiness(answer, to=to, files=files or ".", keep=not dry_run)
