"""Once around the loop through the magics, with real parts: board folder, endpoint process, prediction log, drift."""

from __future__ import annotations

import os
import signal
import socket
import time
from typing import Any

import numpy as np
import pandas as pd
import pytest
from IPython.core.error import UsageError

from mlops_magics.core.deploying import prediction_log

FEATURES = ("bill", "flipper", "mass", "island")
REQUESTS = 200
LOG_SECONDS = 10.0  # the log is written a moment after the answer
SHIFT = 1.5  # standard deviations


def rows(number: int, seed: int, shift: float = 0.0) -> pd.DataFrame:
    """Draw birds; ``flipper`` moves by ``shift``, everything else stays as it was."""
    choice = np.random.default_rng(seed)
    frame = pd.DataFrame(choice.normal(size=(number, 3)), columns=list(FEATURES[:3]))
    frame["flipper"] += shift
    return frame.assign(island=choice.choice(["Biscoe", "Dream"], number))


def truth(frame: pd.DataFrame) -> pd.Series:
    """Tell the species by the bill."""
    return pd.Series(np.where(frame["bill"] > 0, "gentoo", "adelie"), index=frame.index, name="species")


TRAIN = """
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

columns = make_column_transformer((OneHotEncoder(), ["island"]), remainder="passthrough")
model = make_pipeline(columns, LogisticRegression()).fit(X, y)
"""


def ask(shell: Any, frame: pd.DataFrame) -> None:
    """Send each row as a request of its own, as an application would, and wait until the log has them."""
    endpoint = shell["endpoint"]
    for position in range(len(frame)):
        endpoint.predict(frame.iloc[position : position + 1])
    deadline = time.monotonic() + LOG_SECONDS
    while len(prediction_log.read(endpoint.name, version=endpoint.version)) < len(frame):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_fit_pin_deploy_predict_drift_retrain_and_quiet(shell: Any) -> None:
    """`%monitor` names the shifted feature and only it; after a refit on what came, it is quiet."""
    before = rows(2_000, seed=1)
    held_out = rows(500, seed=2)
    shell.give(X=before, y=truth(before), X_test=held_out, y_test=truth(held_out))
    first = shell.run(f"%%pin_model penguins --test X_test y_test\n{TRAIN}")
    assert first.metrics["accuracy"] > 0.9
    assert first.parent is None

    endpoint = shell.run("endpoint = %deploy penguins\nendpoint")
    assert endpoint.version == first.version
    arrived = rows(REQUESTS, seed=3, shift=SHIFT)
    ask(shell, arrived)

    report = shell.run("report = %monitor penguins\nreport")
    assert report.version == first.version
    assert report.rows == REQUESTS
    assert report.drifted == ["flipper"]

    both = pd.concat([before, rows(2_000, seed=4, shift=SHIFT)], ignore_index=True)
    now = rows(2_000, seed=5, shift=SHIFT)
    shell.give(X=now, y=truth(now), both=both)
    second = shell.run(f"%%pin_model penguins --test X_test y_test\n{TRAIN}")
    assert second.parent == first.version
    assert list(shell.run("%versions penguins")["version"]) == [second.version, first.version]

    endpoint = shell.run("endpoint = %deploy penguins\nendpoint")
    assert endpoint.version == second.version
    ask(shell, rows(REQUESTS, seed=6, shift=SHIFT))
    quiet = shell.run("quiet = %monitor penguins\nquiet")
    assert quiet.version == second.version
    assert quiet.rows == REQUESTS
    assert quiet.drifted == []

    assert shell.run("%stop penguins").state == "stopped"


def test_the_loop_goes_on_after_a_kernel_restart(shell: Any) -> None:
    """What the next step needs lies on disk: a new session finds endpoint, log and reference."""
    before = rows(500, seed=1)
    shell.give(X=before, y=truth(before))
    shell.run(f"%%pin_model penguins\n{TRAIN}")
    shell.run("endpoint = %deploy penguins")
    ask(shell, rows(60, seed=3, shift=SHIFT))

    shell.ip.reset(new_session=True)
    shell.ip.run_line_magic("reload_ext", "mlops_magics")

    assert list(shell.run("%endpoints")["name"]) == ["penguins"]
    assert shell.run("%monitor penguins").drifted == ["flipper"]
    assert (
        len(shell.run("%predict penguins __import__('pandas').DataFrame(" + repr(before.head(2).to_dict("list")) + ")"))
        == 2
    )


def test_the_truth_of_a_frame_gives_performance_by_period(shell: Any) -> None:
    """A column of the rows is the truth; periods are by rows or by a calendar."""
    before = rows(500, seed=1)
    year = rows(900, seed=2).assign(seen=pd.date_range("2026-01-01", periods=900, freq="2h"))
    shell.give(X=before, y=truth(before), year=year.assign(species=truth(year)))
    shell.run(f"%%pin_model penguins\n{TRAIN}")

    report = shell.run("%monitor penguins --data year --truth species --timestamp seen --by month")
    assert len(report.periods) == 3
    assert set(report.performance["metric"]) >= {"accuracy"}
    assert len(shell.run("%monitor penguins --data year --by 300").periods) == 3


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("%monitor penguins", "log .* is empty"),
        ("%monitor penguins --data X --truth species", "No column or variable 'species'"),
        ("%monitor penguins --data X --by fortnight", "fortnight"),
        ("%monitor penguins --data X --statistics kss", "kss"),
        ("%deploy penguins@nobody", "nobody"),
        ("%deploy penguins --port 99999", "65535"),
        ("%deploy penguins --workers 0", "workers"),
        ("%promote penguins a/b", "alias"),
        ("%rollback penguins", "."),
        ("%compare penguins", "required: b"),
        ("%stop penguins", "No endpoint"),
        ("%predict penguins (1+)", "neither a variable nor an expression"),
        ("%predict penguins X['nope']", "KeyError"),
        ("%predict 'penguins", "not closed"),
        ("%board ''", "."),
    ],
)
def test_bad_input_gets_one_line(shell: Any, line: str, words: str) -> None:
    """Each says what was asked, what exists or what to do; nothing is started, moved or written."""
    before = rows(200, seed=1)
    shell.give(X=before, y=truth(before))
    shell.run(f"%%pin_model penguins\n{TRAIN}")
    with pytest.raises(UsageError, match=words) as refused:
        shell.run(line)

    assert "\n" not in str(refused.value)
    assert len(shell.run("%endpoints")) == 0
    assert len(shell.run("%versions penguins")) == 1


def test_a_taken_port_a_killed_endpoint_and_rows_that_do_not_fit_are_told(shell: Any) -> None:
    """A port that somebody has is named; an endpoint that was killed starts again on its own port."""
    before = rows(200, seed=1)
    shell.give(X=before, y=truth(before))
    shell.run(f"%%pin_model penguins\n{TRAIN}")
    with socket.socket() as owner:
        owner.bind(("127.0.0.1", 0))
        owner.listen()
        with pytest.raises(UsageError, match=str(owner.getsockname()[1])):
            shell.run(f"%deploy penguins --port {owner.getsockname()[1]}")

    endpoint = shell.run("endpoint = %deploy penguins\nendpoint")
    os.kill(endpoint.pid, signal.SIGKILL)
    deadline = time.monotonic() + 2
    while "died" not in list(shell.run("%endpoints")["state"]) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert list(shell.run("%endpoints")["state"]) == ["died"]
    assert shell.run("again = %deploy penguins\nagain").port == endpoint.port
    with pytest.raises(UsageError, match="flipper"):
        shell.run("%predict penguins X[['bill','mass','island']]")


@pytest.mark.parametrize("number", [1, 3])
def test_one_row_and_a_feature_that_is_all_missing_are_no_accident(shell: Any, number: int) -> None:
    """Few rows give no verdict of chance; a feature without values is named."""
    before = rows(200, seed=1)
    shell.give(X=before, y=truth(before), few=rows(number, seed=2), hollow=rows(50, seed=2).assign(mass=np.nan))
    shell.run(f"%%pin_model penguins\n{TRAIN}")

    assert shell.run("%monitor penguins --data few").drifted == []
    assert "mass" in shell.run("%monitor penguins --data hollow").drifted
