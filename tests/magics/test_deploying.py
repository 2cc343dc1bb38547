"""An endpoint that goes on while its versions change: by alias, back again, tried out, several behind one address."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from IPython.core.error import UsageError

from mlops_magics.widgets import text


@pytest.fixture
def pinned(birds: Any, tmp_path: Path) -> Any:
    """A notebook with two versions of one model and one of another, on a board that only it can see."""
    birds.run(f"%board memory://{tmp_path.name}")
    for name, strength in (("penguins", 1), ("penguins", 2), ("owls", 3)):
        birds.run(f"%%pin_model {name} --test X_test y_test\nmodel = LogisticRegression(C={strength}).fit(X, y)")
    return birds


def test_an_endpoint_goes_back_with_its_alias(pinned: Any) -> None:
    """`%rollback` lets the endpoint of the alias answer with the version before, in the same process; others stay."""
    new, old = pinned.run("%versions penguins")["version"]
    for version in (old, new):
        pinned.run(f"%promote penguins@{version} champion --force")
    endpoint = pinned.run("%deploy penguins --also owls")
    assert (endpoint.alias, endpoint.version) == ("champion", new)
    assert list(pinned.run("%predict owls X_test")) == list(pinned.session.load("owls").predict(pinned["X_test"]))

    pinned.run("%rollback penguins")

    (found,) = pinned.session.endpoints_running()
    assert (found.pid, found.version, found.state) == (endpoint.pid, old, "running")
    assert list(found.predict(pinned["X_test"])) == list(pinned.session.load("penguins").predict(pinned["X_test"]))


def test_a_version_is_tried_out_beside_the_one_that_answers(pinned: Any) -> None:
    """`--canary` and `--shadow` leave the endpoint as it is; the next `%deploy` ends them."""
    new, old = pinned.run("%versions penguins")["version"]
    with pytest.raises(UsageError, match="%deploy penguins"):
        pinned.run(f"%deploy penguins@{new} --canary 10%")
    endpoint = pinned.run(f"%deploy penguins@{old}")

    tried = pinned.run(f"%deploy penguins@{new} --canary 10%")
    assert tried.challengers["penguins"].text == f"{new} for 10 %"
    assert tried.version == old
    assert pinned.run(f"%deploy penguins@{new} --shadow").challengers["penguins"].mode == "shadow"
    for wrong in ("110%", "much"):
        with pytest.raises(UsageError, match="share"):
            pinned.run(f"%deploy penguins@{new} --canary {wrong}")

    again = pinned.run(f"%deploy penguins@{new}")
    assert (again.pid, again.version, again.challengers) == (endpoint.pid, new, {})


def test_what_stands_behind_an_endpoint_is_told(pinned: Any) -> None:
    """Every model is in the line of the endpoint; the second cannot be stopped alone; a stopped one starts anew."""
    endpoint = pinned.run("%deploy penguins --also owls")
    owls = endpoint.models["owls"]

    assert f"owls@{owls} at /owls" in text.endpoint(endpoint)
    with pytest.raises(UsageError, match="`%stop penguins` ends both"):
        pinned.run("%stop owls")
    stopped = pinned.run("%stop penguins")
    assert "was stopped: `%deploy penguins` starts another" in text.endpoint(stopped)


def test_a_trial_takes_no_options_of_an_endpoint(pinned: Any) -> None:
    """What the running endpoint cannot take from it is refused by name, with a line that does it; nothing changes."""
    new, old = pinned.run("%versions penguins")["version"]
    endpoint = pinned.run(f"%deploy penguins@{old}")

    for said, named in (
        ("--canary 10% --workers 2 --port 8080", "leave port and workers out"),
        ("--shadow --no-log", "leave log out"),
        ("--shadow --no-token", "leave token out"),
        ("--canary 10% --engine native", "leave engine out"),
        ("--canary 10% --exact --also owls", "leave exact and also out"),
        ("--canary 10% --drop species", "leave privacy out"),
        ("--canary 10% --temporary", "leave temporary out"),
        ("--canary 10% --host 127.0.0.1", "leave host out"),
        ("--canary 10% --shadow", "not both"),
    ):
        with pytest.raises(UsageError, match=named) as caught:
            pinned.run(f"%deploy penguins@{new} {said}")
        assert "both." in str(caught.value) or f"`%deploy penguins@{old} …`" in str(caught.value)
    assert (endpoint.challengers, endpoint.state) == ({}, "running")
