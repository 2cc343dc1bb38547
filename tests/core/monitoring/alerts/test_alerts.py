"""Limits of a model's own, gates, and telling people: a webhook and a mail server that really listen."""

from __future__ import annotations

import http.server
import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlops_magics.core.monitoring import MonitorReport, monitor, profile
from mlops_magics.core.monitoring.alerts import notify, rules, targets
from mlops_magics.core.monitoring.alerts.thresholds import NONE, Thresholds, parse
from mlops_magics.core.monitoring.alerts.trigger import Trigger
from mlops_magics.errors import InvalidInput, NotFound, NotificationError

FEATURES = ("temp", "wind")


def report(limits: Thresholds = NONE) -> MonitorReport:
    """Return a report in which temp drifted and accuracy is 0.5, under a model's limits."""
    numbers = np.random.default_rng(0)
    before = pd.DataFrame({"temp": numbers.normal(size=500), "wind": numbers.normal(size=500)})
    after = pd.DataFrame({"temp": numbers.normal(size=500) + 0.6, "wind": numbers.normal(size=500)})
    right = np.arange(500) % 2
    return monitor(
        profile(before), after, name="m", version="1", truth=right, prediction=np.ones(500), metrics=["accuracy"],
        thresholds=limits,
    )  # fmt: skip


def test_limits_are_read_from_words_and_kept_as_json() -> None:
    """Of features, metrics and segments; new words are added to the old ones."""
    first = parse(["temp<=0.2", "accuracy>=0.7", "accuracy|north>=0.6", "rmse <= 3"], ["wind"], FEATURES)
    again = parse(["temp<=0.3"], [], FEATURES, Thresholds.from_bytes(first.to_bytes()))

    assert dict(again.features) == {"temp": 0.3}
    assert dict(again.metrics) == {"accuracy": (0.7, None), "accuracy|north": (0.6, None), "rmse": (None, 3.0)}
    assert again.ignored == ("wind",)
    assert repr(again) == "temp<=0.3, accuracy>=0.7, accuracy|north>=0.6, rmse<=3, wind ignored"


@pytest.mark.parametrize(
    ("words", "ignored", "said"),
    [
        (["temp"], [], "not a valid threshold"),
        (["temp<=warm"], [], "not a valid threshold"),
        (["temp>=0.2"], [], "highest score only"),
        (["tepm<=0.2"], [], "did you mean 'temp'"),
        ([], ["tepm"], "did you mean 'temp'"),
    ],
)
def test_limits_that_make_no_sense_are_one_clear_line(words: list[str], ignored: list[str], said: str) -> None:
    """The line names what is known."""
    with pytest.raises((InvalidInput, NotFound), match=said):
        parse(words, ignored, FEATURES)


def test_a_limit_of_a_feature_replaces_the_calibrated_verdict() -> None:
    """Higher, it silences; lower, it alarms; ignored features are silent; the frame shows the limit that counted."""
    assert report().drifted == ["temp"]
    assert report(Thresholds(features={"temp": 0.9})).drifted == []
    assert report(Thresholds(ignored=("temp",))).drifted == []
    low = report(Thresholds(features={"wind": 0.001}))
    assert set(low.drifted) == {"temp", "wind"}
    assert low.drift.set_index("feature").loc["wind", "threshold"] == 0.001


def test_a_limit_of_a_feature_is_one_on_its_main_statistic() -> None:
    """The other default statistics have scales of their own: a rare label whose odds grew is a verdict without a limit
    alone."""
    before, after = (pd.DataFrame({"c": ["a"] * 900 + ["b"] * (100 - n) + ["rare"] * n}) for n in (1, 40))

    assert monitor(profile(before), after).drifted == ["c"]
    assert monitor(profile(before), after, thresholds=Thresholds(features={"c": 0.3})).drifted == []
    assert monitor(profile(before), after, thresholds=Thresholds(features={"c": 0.01})).drifted == ["c"]


def test_a_limit_of_a_metric_is_an_alert_and_a_trigger() -> None:
    """The trigger is what retraining takes; it survives JSON."""
    found = report(Thresholds(metrics={"accuracy": (0.7, None)}, ignored=FEATURES))

    assert [alert.message for alert in found.alerts] == ["accuracy (measured) in all is 0.5, below 0.7"]
    assert rules.failing(found.alerts, "performance")
    assert not rules.failing(found.alerts, "drift")
    assert found.trigger is not None
    assert Trigger.from_json(json.loads(json.dumps(found.trigger.to_json()))).reason == found.alerts[0].message
    assert report(Thresholds(ignored=FEATURES)).trigger is None


class Hook(http.server.BaseHTTPRequestHandler):
    """A webhook that keeps what it was told; /moved answers with a redirect."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        moved = self.path == "/moved"
        if not moved:
            self.server.told.append(json.loads(body))  # type: ignore[attr-defined]
        self.send_response(302 if moved else 204)
        self.send_header("Location", "/hook")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


class Mail(socketserver.StreamRequestHandler):
    """As much of RFC 5321 as one letter needs."""

    def handle(self) -> None:
        self.wfile.write(b"220 here\r\n")
        letter = False
        for line in self.rfile:
            if letter:
                letter = line != b".\r\n"
                self.server.told.append(line.decode())  # type: ignore[attr-defined]
                if letter:
                    continue
            word = line[:4].upper()
            if word == b"DATA":
                letter = True
            self.wfile.write({b"DATA": b"354 go on\r\n", b"QUIT": b"221 bye\r\n"}.get(word, b"250 ok\r\n"))
            if word == b"QUIT":
                return


@contextmanager
def listening(handler: Any) -> Iterator[Any]:
    """Serve on a free port of the loopback."""
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler)
    server.told = []  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_a_webhook_is_told_and_a_redirect_is_not_followed() -> None:
    """T14: The message has the verdict, the alerts and the trigger, and no row of data."""
    found = report()
    with listening(Hook) as server:
        url = f"http://127.0.0.1:{server.server_address[1]}"
        notify.notify(found, found.alerts, *targets.targets_of([f"{url}/hook"], private=True))
        with pytest.raises(NotificationError, match="302, a redirect"):
            notify.notify(found, found.alerts, *targets.targets_of([f"{url}/moved"], private=True))

    assert len(server.told) == 1
    assert server.told[0]["text"] == found.verdict
    assert server.told[0]["trigger"]["version"] == "1"


def test_a_mail_is_delivered() -> None:
    """With the verdict in the body, one alert a line."""
    found = report()
    with listening(Mail) as server:
        smtp = f"smtp://127.0.0.1:{server.server_address[1]}"
        notify.notify(
            found, found.alerts, *targets.targets_of(["mailto:team@example.org"], smtp=smtp, sender="m@x.org")
        )
    letter = "".join(server.told)

    assert "To: team@example.org" in letter
    assert "Subject: [mlops] m: 1 alerts" in letter
    assert found.alerts[0].message in letter


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("ftp://x", "A notification cannot be sent"),
        ("mailto:a@b.c", "Mail needs a server"),
        ("http://example.org/hook", "https"),
    ],
)
def test_targets_that_cannot_be_told_are_one_clear_line(target: str, said: str) -> None:
    """Before anything is monitored for nothing."""
    with pytest.raises(InvalidInput, match=said):
        targets.targets_of([target])
