"""The end of a run: both models on the held-out rows, the decision, the alias, and the endpoint that follows it."""

from __future__ import annotations

import dataclasses
import datetime as dt
import time
from typing import TYPE_CHECKING, Any

from mlops_magics.core import deploying, json_text, progress
from mlops_magics.core.retraining.champion_challenger.contestants import Contestant
from mlops_magics.core.retraining.champion_challenger.model_comparison import compare
from mlops_magics.core.retraining.champion_challenger.promotion_rule import PromotionRule
from mlops_magics.core.retraining.claims.claim import Claim, check_board
from mlops_magics.core.retraining.recipe import row_sketch
from mlops_magics.core.retraining.retraining import Check, Comparison, Status
from mlops_magics.core.retraining.running.job import Job
from mlops_magics.core.retraining.running.run_record import RunRecord
from mlops_magics.core.versioning import Board, ModelVersion
from mlops_magics.core.versioning.names import CHALLENGER, CHAMPION
from mlops_magics.core.versioning.publishing.facts import PROFILE
from mlops_magics.errors import EndpointError, InvalidInput, MlopsError, NotFound

if TYPE_CHECKING:
    import pandas as pd

SHADOW_SECONDS = 600.0
"""Longest wait for the rows that a challenger answers unseen."""
POLL_SECONDS = 0.5
MANY = 0.05
"""Share of held-out rows among the champion's training rows that is worth a note."""


def evaluate_and_decide(board: Board, claim: Claim, record: RunRecord) -> None:
    """Compare the new version with the champion, and promote it or keep the champion.

    Raises
    ------
    Held
        Another run took over: nothing was moved.
    BoardError
        The board is gone or refuses.
    """
    check_board(board, claim.request.name)
    order = record.job.order()
    decision = order["decision"]
    rule = PromotionRule(**decision["rule"])
    champion = board.version(f"{claim.request.name}@{CHAMPION}")
    challenger = board.version(f"{claim.request.name}@{record.value.version}")
    if not record.is_done("evaluated"):
        record.begin("evaluated")
        held: pd.DataFrame = record.job.rows("held-out")
        comparison = _compared(board, champion, challenger, held, order, rule)
        record.done("evaluated", f"{comparison.rows:,} rows", comparison=comparison, parent=champion.version)
    record.begin("decided")
    found = record.value.comparison
    assert found is not None
    status, why = _decision(rule, decision, found, champion, challenger)
    if status == "promoted" and decision["shadow"]:
        status, why = _after_shadow(board, challenger, record.job, int(decision["shadow"]), _head(found), why)
    notes = _carry_out(board, claim, status, (champion, challenger), why, bool(order["made_champion"]))
    record.done(
        "decided",
        why,
        status=status,
        why=why,
        ended=dt.datetime.now(dt.UTC).isoformat(),
        notes=(*record.value.notes, *notes),
    )


def _compared(
    board: Board, champion: ModelVersion, challenger: ModelVersion, held: pd.DataFrame, order: dict[str, Any],
    rule: PromotionRule,
) -> Comparison:  # fmt: skip
    decision, truth = order["decision"], order["truth"]
    wanted = decision["segments"]
    segments = _pinned_segments(board, champion) if wanted is None else wanted
    groups = held[decision["group"]].to_numpy() if decision["group"] else None
    sides = [Contestant(each, board.load(each)) for each in (champion, challenger)]
    try:
        found = compare(sides[0], sides[1], held, held[truth], rule, segments=segments, groups=groups)
    except InvalidInput as fault:
        return _impossible(str(fault), rule)
    return _with_overlap(board, champion, held, found)


def _impossible(why: str, rule: PromotionRule) -> Comparison:
    """Return the comparison of models of which one cannot answer the held-out rows."""
    from mlops_magics.core.retraining.retraining import Gain

    nothing = Gain(rule.metric or "accuracy", None, None, None, None, None, decides=True)
    return Comparison(nothing.metric, 0, (nothing,), checks=(Check("both answer the held-out rows", False, why),))


def _pinned_segments(board: Board, version: ModelVersion) -> list[str]:
    """Return the columns whose values the version was pinned with."""
    try:
        facts = json_text.parse(board.read_file(version, PROFILE)).get("facts", {})
    except (NotFound, ValueError):
        return []
    found = facts.get("segments", {})
    return list(found) if isinstance(found, dict) else []


def _with_overlap(board: Board, champion: ModelVersion, held: pd.DataFrame, found: Comparison) -> Comparison:
    """Return the comparison with the share of held-out rows that the champion was trained on: they raise its score."""
    if champion.stored(row_sketch.FILE) is None or champion.prototype is None:
        return found
    kept = board.read_file(champion, row_sketch.FILE)
    columns = list(champion.prototype.names)
    seen = row_sketch.overlap(kept, held[columns], columns)
    if seen.share is None:
        return found
    note = (
        f"about {seen.share:.0%} of the held-out rows were among the champion's training rows ({seen.found} of "
        f"{seen.sampled} sampled), which flatters the champion"
    )
    return dataclasses.replace(found, overlap=seen.share, notes=(*found.notes, *([note] if seen.share >= MANY else [])))


def _decision(
    rule: PromotionRule, decision: dict[str, Any], comparison: Comparison, champion: ModelVersion,
    challenger: ModelVersion,
) -> tuple[Status, str]:  # fmt: skip
    """Return the action and its reason, in one sentence."""
    failed = [each for each in comparison.checks if not each.held]
    head = _head(comparison)
    if rule.promote_if == "never" or (not failed and decision["approve"]):
        return "waiting", f"{head} A person decides: `%promote {challenger.ref} champion`, or leave it."
    if not failed:
        return "promoted", f"{head} {challenger.version} is champion now."
    by_gain = [each for each in failed if each.name.startswith(("better", "no worse"))]
    others = "; ".join(f"{each.name}: {each.text}" for each in failed if each not in by_gain)
    asked = f" It should be {by_gain[0].name}." if by_gain else ""
    power = f"{_power(comparison)}{_flattered(comparison)}" if by_gain else ""
    return "kept", f"{head}{asked}{power} {champion.version} stays champion{f' ({others})' if others else ''}."


def _flattered(comparison: Comparison) -> str:
    """Return why a challenger that lost may be the better model all the same."""
    if comparison.overlap is None or comparison.overlap < MANY:
        return ""
    return f" The champion was trained on about {comparison.overlap:.0%} of these rows, which flatters it."


def _head(comparison: Comparison) -> str:
    gain = comparison.deciding
    if None in (gain.gain, gain.lower, gain.upper, gain.champion, gain.challenger):
        return "The models could not be compared."
    name = gain.metric
    words = {"better": "is better", "worse": "is worse", "within chance": "is not surely better"}[gain.verdict]
    return (
        f"On the same {comparison.rows:,} held-out rows the challenger {words}: {name} {gain.challenger:.3g} against "
        f"{gain.champion:.3g}, a gain of {gain.gain:+.3g} ({gain.lower:+.3g} to {gain.upper:+.3g})."
    )


def _power(comparison: Comparison) -> str:
    if comparison.power is None or comparison.power_gain is None:
        return ""
    return (
        f" With these {comparison.rows:,} rows a gain of {comparison.power_gain:.3g} would be seen "
        f"{_often(comparison.power)}."
    )


def _often(power: float) -> str:
    """Return a probability in everyday words.

    >>> _often(1 / 6), _often(0.9)
    ('once in 6 times', '90 times in 100')
    """
    if power >= 0.5:
        return f"{power * 100:.0f} times in 100"
    return f"once in {1 / power:.0f} times" if power > 0.001 else "hardly ever"


def _carry_out(
    board: Board,
    claim: Claim,
    status: Status,
    versions: tuple[ModelVersion, ModelVersion],
    why: str,
    made_champion: bool,
) -> list[str]:
    """Move the alias and swap the endpoint, and return notes on those that did not follow."""
    champion, challenger = versions
    alias = CHAMPION if status == "promoted" else CHALLENGER
    # a killed run may have got this far: the alias is moved once
    if board.aliases(challenger.name).get(alias) == challenger.version:
        return []
    note = f"retraining {claim.run}: {why}"[:400]
    move = board.promote(challenger.ref, to=alias, note=note, force=alias == CHALLENGER, fence=claim.fence)
    if status != "promoted":
        return []
    notes = []
    for endpoint in deploying.running(challenger.name):
        follows = endpoint.alias == CHAMPION or (endpoint.alias is None and made_champion)
        if endpoint.board != board.url or endpoint.version != move.previous or not follows:
            continue
        if endpoint.state != "running":
            continue
        try:
            endpoint.swap(challenger, alias=CHAMPION)
        except EndpointError as fault:
            notes.append(f"the endpoint goes on with {champion.version}: {fault}")
    return notes


def _after_shadow(
    board: Board, challenger: ModelVersion, folder: Job, wanted: int, head: str, why: str
) -> tuple[Status, str]:
    """Let the challenger answer requests unseen first. It is promoted when it has answered enough of them."""
    by_hand = f"A person decides: `%promote {challenger.ref} champion`, or leave it."
    progress.report("answering unseen next to the champion")
    try:
        endpoint = deploying.challenge(challenger, shadow=True)
    except MlopsError as fault:
        return "waiting", f"{head} It could not answer unseen first: {fault} {by_hand}"
    try:
        answered = _await_rows(board, challenger, wanted, folder)
    finally:
        endpoint.withdraw(model=challenger.name)
    if answered < wanted:
        return "waiting", f"{head} It answered only {answered} of {wanted} rows unseen. {by_hand}"
    return "promoted", f"{why} It answered {answered:,} rows unseen first."


def _await_rows(board: Board, challenger: ModelVersion, wanted: int, folder: Job) -> int:
    from mlops_magics.core.deploying import prediction_log

    until, answered = time.monotonic() + SHADOW_SECONDS, 0
    while answered < wanted and time.monotonic() < until:
        time.sleep(POLL_SECONDS)
        folder.check_not_stopped()
        answered = len(prediction_log.read(challenger.name, board=board.url, version=challenger.version))
        progress.report("answering unseen next to the champion", min(answered, wanted), wanted, "rows")
    return answered
