"""Retraining, readiness and card as live views: what a person does in them is done through the session."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mlops_magics import Session
from mlops_magics.panel import verbs
from mlops_magics.panel.board_pool import BoardPool
from mlops_magics.widgets.card import CardView
from mlops_magics.widgets.readiness import ReadinessView
from mlops_magics.widgets.retraining import RetrainingView
from tests.wire import example_session


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A board with two versions of one model, the second of which is champion."""
    with example_session.opened(Path(tmp_path_factory.mktemp("documents"))) as opened:
        yield opened


def ask(view: Any, verb: str, **given: Any) -> dict[str, Any]:
    """Ask as the browser does."""
    reply: dict[str, Any] = view.answer({"id": 1, "verb": verb, "args": given})
    return reply


def test_a_text_of_a_card_is_kept_with_the_version(session: Session) -> None:
    """It is in the next card of the version, and an unknown part is refused in one line."""
    view = CardView(session.model_card("toy"), session)
    reply = ask(view, "write", part="ethics", text="Toys have no feelings.")

    assert reply["ok"]
    assert {"ethics"} == {each["id"] for each in view.record["texts"] if each["text"]}
    assert [part.text for part in session.model_card("toy").parts] == ["Toys have no feelings."]
    assert "did you mean" in ask(view, "write", part="ethic", text="x")["error"]
    view.close()


def test_an_answer_is_kept_on_the_board(session: Session) -> None:
    """The test gets its points, and a new assessment knows the answer."""
    view = ReadinessView(session.readiness(files=None, keep=False), session)
    reply = ask(view, "answer", id="D3", answer="partly", note="looked at once: cheap")

    row = next(each for each in reply["result"]["tests"] if each["id"] == "D3")
    assert (row["points"], row["answer"], row["note"]) == (0.5, "partly", "looked at once: cheap")
    assert session.readiness(files=None).evidence.answers["D3"]["answer"] == "partly"
    assert not ask(view, "answer", id="D3", answer="perhaps")["ok"]
    view.close()


def test_a_promotion_is_undone_and_made_again_from_the_view(session: Session) -> None:
    """The view offers what makes sense now."""
    second, first = session.versions("toy")["version"]
    session.promote(f"toy@{first}", to="champion")
    session.promote(f"toy@{second}", to="champion")
    view = RetrainingView(example_session.run(session, first, second), session)

    assert (view.record["can_undo"], view.record["sentence"]) == (True, "The challenger is better: v2 is champion now")
    assert ask(view, "undo")["result"]["message"].endswith("from v2 to v1.")
    assert not view.record["can_undo"]
    assert ask(view, "promote")["ok"]
    assert session.version("toy@champion").version == second
    view.close()


def test_a_policy_is_kept_and_removed_from_the_panel(session: Session) -> None:
    """A word that is not valid is refused with the line that mends it, and nothing is kept."""
    pool = BoardPool(session)
    model = {"board": pool.known()[0].key, "name": "toy"}
    with pytest.raises(Exception, match="cadence or a condition"):
        verbs.call(pool, "schedule", {**model, "policy": "x", "every": "", "notebook": "n"})
    kept = verbs.call(pool, "schedule", {**model, "policy": "x", "every": "day", "at": "04:00", "notebook": "n"})

    assert [(each.policy, each.every.split()[0]) for each in kept.policies.policies] == [("x", "day")]
    assert verbs.call(pool, "unschedule", {**model, "policy": "x"}).policies.policies == ()
