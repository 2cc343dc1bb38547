"""`%mlops` shows the panel: the widget answers the sidebar's verbs, for the session's own boards."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from sklearn.linear_model import LinearRegression

from mlops_magics import Session
from mlops_magics.core import known_boards
from mlops_magics.errors import InvalidInput
from mlops_magics.extension import DISPLAYED
from mlops_magics.magics.mlops import Overview
from mlops_magics.panel import verbs
from mlops_magics.panel.board_pool import BoardPool
from mlops_magics.panel.widget import PanelView, panel_bundle
from mlops_magics.widgets.views import VIEW, WIDGET


@pytest.fixture
def session() -> Session:
    """A session whose board no other process can open."""
    opened = Session(board="memory://panel")
    opened.pin(LinearRegression().fit([[0.0], [1.0]], [0.0, 1.0]), "line", data=[[0.0], [1.0]])
    return opened


@pytest.fixture
def view(session: Session) -> Iterator[PanelView]:
    """The panel of that session."""
    shown = PanelView(session)
    yield shown
    shown.close()


def ask(view: PanelView, verb: str, **fields: Any) -> dict[str, Any]:
    """Ask as the browser does."""
    return view.answer({"id": 1, "verb": verb, "args": fields})


def test_the_widget_shows_the_sessions_own_board(view: PanelView, session: Session) -> None:
    """A board in memory too: the widget lives in the process that has it."""
    boards = ask(view, "boards")["result"]["boards"]
    models = ask(view, "models", board=boards[0]["key"])["result"]["models"]

    assert [board["url"] for board in boards] == [session.board.url]
    assert [model["name"] for model in models] == ["line"]


def test_what_the_browser_may_ask_is_the_panels_verbs_with_their_fields(view: PanelView) -> None:
    """Anything else is refused in one line."""
    assert view.verbs.keys() == verbs.VERBS.keys()
    assert ask(view, "__init__")["error"] == "This view cannot '__init__'."
    assert "not 'path'" in ask(view, "boards", path="/etc")["error"]


def test_a_saved_notebook_keeps_the_overview(session: Session) -> None:
    """T17: The panel is live; what is on the board stands in the HTML and the text as well."""
    overview = Overview(
        board="panel",
        models=("line",),
        endpoints=(),
        verbs=(("pin_model", "Pin."),),
        examples=("%pin_model penguins model",),
    )
    data, _ = panel_bundle(overview, session)

    assert ("mlops_magics.magics.mlops", "Overview") in DISPLAYED
    assert data[VIEW] == {"kind": "panel", "model_id": data[WIDGET]["model_id"]}
    assert "line" in data["text/html"]
    assert data["text/plain"] == repr(overview)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "'version' is missing"),
        ({"version": 3}, "'version' is of type str"),
        ({"version": "v", "force": "yes"}, "'force' is of type bool"),
        ({"version": "v", "pool": "x"}, "not 'pool'"),
    ],
)
def test_fields_that_make_no_sense_are_refused_in_words(fields: dict[str, Any], words: str) -> None:
    """Before anything is opened."""
    with pytest.raises(InvalidInput, match=words):
        verbs.call(BoardPool(), "promote", {"board": "k", "name": "m", "alias": "champion", **fields})


@pytest.mark.parametrize("offset", ["-1", "1e3", "٣", "9" * 10, "", True, 1.5])
def test_a_page_begins_at_a_whole_number(offset: Any) -> None:
    """A number may come as text, from a query string; nothing else passes."""
    with pytest.raises(InvalidInput, match="offset"):
        verbs.call(BoardPool(), "models", {"board": "k", "offset": offset})


def test_a_negative_offset_is_no_place_in_a_list(view: PanelView) -> None:
    """A widget sends numbers as numbers."""
    key = ask(view, "boards")["result"]["boards"][0]["key"]

    assert "offset" in ask(view, "models", board=key, offset=-1)["error"]


def test_a_board_that_does_not_answer_delays_no_other(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """The panel shows the others after a short while; the slow one is not asked again before it has answered."""
    monkeypatch.setattr("mlops_magics.panel.boards.ANSWER_SECONDS", 0.2)
    pool, let_go = BoardPool(session), threading.Event()
    stuck = pool.ask(known_boards.key_of(session.board.url), lambda session: let_go.wait(10))
    slow = verbs.call(pool, "boards", {}).boards
    let_go.set()
    stuck.result(10)
    answered = verbs.call(pool, "boards", {}).boards

    assert slow[0].trouble.startswith("Not reachable: no answer within")
    assert answered[0].trouble is None


def test_rolling_back_takes_the_endpoint_along(view: PanelView, session: Session) -> None:
    """`%mlops` does what `%rollback` does: the endpoint that follows the alias goes back too."""
    first = session.versions("line")["version"].iloc[0]
    session.pin(LinearRegression().fit([[0.0], [1.0]], [0.0, 2.0]), "line", data=[[0.0], [1.0]])
    second = session.versions("line")["version"].iloc[0]
    board = ask(view, "boards")["result"]["boards"][0]["key"]
    for version in (first, second):
        answered = ask(view, "promote", board=board, name="line", alias="champion", version=version)
        assert answered["ok"], answered
    endpoint = session.deploy("line@champion")
    moved = ask(view, "rollback", board=board, name="line", alias="champion")
    now = endpoint.version
    endpoint.stop()

    assert moved["result"]["move"]["version"] == first
    assert now == first
