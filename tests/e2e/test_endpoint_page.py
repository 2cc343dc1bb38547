"""The page of an endpoint, in a real browser: read, and asked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sklearn.linear_model import LinearRegression

from mlops_magics.core.deploying import Endpoint
from mlops_magics.core.session import Session


@pytest.fixture
def endpoint(tmp_path: Path) -> Any:
    """A line with a route of its own."""
    session = Session(board=tmp_path / "board")
    session.pin(LinearRegression().fit([[0.0], [1.0]], [0.0, 2.0]), "line", data=[[0.0], [1.0]])
    started = session.deploy("line")
    started.route("/twice")(lambda model, value: {"twice": 2 * value})
    yield started
    started.stop()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_asks_the_model(page: Any, endpoint: Endpoint, scheme: str) -> None:
    """Without the token it says where that is; with it the example is sent, and answered, by Enter and a click."""
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.emulate_media(color_scheme=scheme)
    page.goto(endpoint.url)
    state = page.get_by_role("status").first
    state.get_by_text("endpoint.token").wait_for()

    page.get_by_label("Token").fill(str(endpoint.token))
    page.get_by_label("Token").press("Enter")
    state.get_by_text(endpoint.version).wait_for()
    for path, body, told in (("/predict", None, '"predict"'), ("/twice", "21", '"twice":42')):
        route = page.locator("details", has=page.locator("code", has_text=path)).first
        route.locator("summary").click()
        if body is not None:
            route.get_by_role("textbox").fill(body)
        route.get_by_role("button", name="Send").click()
        route.get_by_role("status").get_by_text(told).wait_for()

    endpoint.stop()
    page.locator("details", has=page.locator("code", has_text="/predict")).first.get_by_role("button").click()
    page.get_by_text("does not answer").wait_for()
    assert (faults, page.foreign_requests) == ([], [])
