"""Every record's display: live view, HTML and text, from a real board, endpoint and report."""

from __future__ import annotations

import gzip
import importlib
import json
import pkgutil
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

from mlops_magics import Session, widgets
from mlops_magics.core.deploying import Endpoint
from mlops_magics.core.session import endpoint_view
from mlops_magics.core.wire.encoding import to_json
from mlops_magics.errors import DataMismatch
from mlops_magics.panel.widget import PanelView
from mlops_magics.widgets import views
from mlops_magics.widgets.drift import DriftView
from mlops_magics.widgets.endpoint import EndpointView
from mlops_magics.widgets.models import ModelsView
from mlops_magics.widgets.versions import VersionsView
from mlops_magics.widgets.view import BUNDLES, RecordView, shared_source

HOSTILE = [
    "<script>window.__pwned=1</script>",
    '"><img src=x onerror=alert(1)>',
    "'; DROP TABLE models; --",
    "</table></section><h1>gone</h1>",
    "javascript:alert(1)",
    "{{7*7}} ${7*7} <%= 7*7 %>",
    "\u202etxt.exe",
    "&lt;b&gt; & <b>",
    "<svg/onload=alert(1)>",
    "line\nbreak\ttab",
]


@pytest.fixture
def session(tmp_path: Path) -> Session:
    """A session whose board has two versions of one classifier."""
    opened = Session(board=tmp_path / "models")
    for seed in (0, 1):
        data, truth = frame(seed)
        model = LogisticRegression().fit(data, truth)
        opened.pin(
            model, "toy", data=data, truth=truth, metrics={"accuracy": 0.9 + seed / 100}, description="two columns"
        )
    return opened


@pytest.fixture
def view(session: Session) -> Iterator[EndpointView]:
    """The view of a running endpoint."""
    endpoint = session.deploy("toy")
    shown = EndpointView(endpoint, session)
    yield shown
    shown.close()
    shown.endpoint.stop()


def frame(seed: int) -> tuple[pd.DataFrame, pd.Series[str]]:
    """Return 200 rows of two columns, and a label that depends on them."""
    numbers = np.random.default_rng(seed)
    data = pd.DataFrame({"a": numbers.normal(size=200), "b": numbers.normal(size=200)})
    return data, (data["a"] + data["b"] > 0).map({True: "yes", False: "no"})


def records(session: Session) -> list[Any]:
    """Return one of each record that has a view and needs no endpoint."""
    first, second = session.versions("toy")["version"]
    drifted, _ = frame(2)
    return [
        session.version("toy"),
        session.versions("toy"),
        session.models(),
        session.compare(f"toy@{first}", f"toy@{second}"),
        session.promote("toy", to="champion"),
        session.history("toy"),
        session.endpoints(),
        session.monitor("toy", data=drifted.assign(a=drifted["a"] + 2)),
        session.verdicts("toy"),
        session.board,
        session.verify(),
    ]


def test_every_record_ends_in_html_and_text(session: Session) -> None:
    """An exported notebook says the same as the live view; text is one line, but for comparisons and notes."""
    for record in records(session):
        data, _ = views.display_bundle(record, session)

        assert list(data)[-2:] == ["text/html", "text/plain"]
        assert data["text/plain"].strip()
        assert "\n" not in data["text/plain"] or type(record).__name__ in ("VersionDiff", "MonitorReport")
        assert "<script" not in data["text/html"]


class Elements(HTMLParser):
    """Collects the elements, the attributes and the text of a page."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.words = ""
        self.feed(markup)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Remember an element."""
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        """Remember text."""
        self.words += data


@pytest.mark.parametrize("words", HOSTILE)
def test_what_a_board_says_is_text_never_markup(session: Session, words: str) -> None:
    """Descriptions, labels and metrics of others run nothing and break no layout."""
    usual = [Elements(views.display_bundle(each, session)[0]["text/html"]) for each in shown(session)]
    data, truth = frame(3)
    data.columns = [words, "b"]
    session.pin(
        LogisticRegression().fit(data, truth), "toy", data=data, truth=truth, description=words, metadata={"k": words}
    )

    pages = [Elements(views.display_bundle(each, session)[0]["text/html"]) for each in shown(session)]

    assert any(words in page.words for page in pages)
    for page, known in zip(pages, usual):
        assert not page.tags - known.tags - {"title", "i", "ul", "li", "wbr"}
        assert not {name for name in page.attributes if name.startswith("on") or name in ("src", "href")}


def test_each_metric_of_a_pin_has_decimals_of_its_own(session: Session) -> None:
    """An error of thousands takes no digit from a share beside it."""
    data, truth = frame(3)
    metrics = {"rmse": 62_001.5, "r2": 0.9312, "roc_auc": 1.0, "accuracy": 0.9975}
    version = session.pin(LogisticRegression().fit(data, truth), "toy", data=data, truth=truth, metrics=metrics)

    page = Elements(views.display_bundle(version, session)[0]["text/html"])

    assert all(figure in page.words for figure in ("62,002", "0.931", "1.00", "0.998"))


def shown(session: Session) -> list[Any]:
    """Return records that show what a board says."""
    form = session.version("toy").prototype
    assert form is not None
    data = pd.DataFrame(np.zeros((50, 2)), columns=[each.name for each in form.columns])
    return [session.version("toy"), session.versions("toy"), session.models(), session.monitor("toy", data=data)]


def test_views_bring_their_style_sheets(session: Session) -> None:
    """Front ends without our extension, such as VS Code and Colab, have no other."""
    view = VersionsView(session.versions("toy"), session)
    shared = shared_source()["rules"]

    assert "--m-accent" in shared
    assert ".mlops" in view.rules
    assert "http" not in shared + view.rules
    view.close()


def test_a_view_answers_only_the_verbs_it_allows(session: Session) -> None:
    """What a page asks for beyond the list is refused in one line."""
    table = VersionsView(session.versions("toy"), session)

    refused = table.answer({"id": 1, "verb": "__init__", "args": {}})
    wrong = table.answer({"id": 2, "verb": "promote", "args": {"version": "nothing", "alias": "champion"}})

    assert not refused["ok"]
    assert not wrong["ok"]
    assert "nothing" in wrong["error"]
    table.close()


def test_promoting_in_the_view_moves_the_alias_on_the_board(session: Session) -> None:
    """The view and Python see the same board; rolling back undoes it."""
    table = VersionsView(session.versions("toy"), session)
    older = session.versions("toy")["version"].iloc[1]

    answered = table.answer({"id": 1, "verb": "promote", "args": {"version": older, "alias": "champion"}})

    assert answered["ok"], answered
    assert session.version("toy@champion").version == older
    assert table.record["versions"][1]["aliases"] == ["champion"]
    table.close()


@pytest.mark.parametrize("place", ["other", "elsewhere/models"])
def test_a_view_stays_with_the_board_that_it_shows(session: Session, tmp_path: Path, place: str) -> None:
    """After `%board PLACE`, of another label or of the same, nothing is moved, read or swapped there."""
    table = VersionsView(session.versions("toy"), session)
    models = ModelsView(session.models(), session)
    shown = EndpointView(session.deploy("toy"), session)
    here = session.board
    newest, older = here.versions("toy")["version"]
    other = session.use(tmp_path / place)
    data, truth = frame(0)
    session.pin(LogisticRegression().fit(data, truth), "toy", data=data, truth=truth)

    moved = table.answer({"id": 1, "verb": "promote", "args": {"version": older, "alias": "champion"}})
    opened = models.answer({"id": 2, "verb": "open", "args": {"what": "versions", "name": "toy"}})
    versions = models.opened
    swapped = shown.answer({"id": 3, "verb": "swap", "args": {"version": older}})
    back = table.answer({"id": 4, "verb": "rollback", "args": {"alias": "champion"}})

    assert [each["ok"] for each in (moved, opened, swapped, back)] == [True] * 4, (moved, opened, swapped, back)
    assert [each["version"] for each in table.record["versions"]] == [newest, older]
    assert opened["result"] == f"anywidget:{versions.model_id}"
    assert [each["version"] for each in versions.record["versions"]] == [newest, older]
    assert shown.endpoint.version == older
    assert len(here.history("toy").query("event == 'promote'")) == 1
    assert len(other.history("toy").query("event == 'promote'")) == 0
    shown.endpoint.stop()
    for each in (table, models, shown):
        each.close()


def test_what_is_opened_of_a_model_is_a_view_of_its_own_in_place_of_the_one_before(session: Session) -> None:
    """Versions, the last report and the endpoint are opened from the list of models; one is alive, none outlives it."""
    session.monitor("toy", data=frame(2)[0])
    session.deploy("toy")
    models = ModelsView(session.models(), session)
    views = []
    for what in ("versions", "drift", "endpoint"):
        reply = models.answer({"id": 1, "verb": "open", "args": {"what": what, "name": "toy"}})
        assert reply["ok"], reply
        views.append(models.opened)
    refused = models.answer({"id": 2, "verb": "open", "args": {"what": "close", "name": "toy"}})
    models.close()

    assert [each.view_kind for each in views] == ["versions", "drift", "endpoint"]
    assert [each.comm for each in views] == [None] * 3
    assert "cannot be opened" in refused["error"]
    session.stop("toy")


def test_the_line_that_retrains_names_its_board_where_another_one_is_current(session: Session, tmp_path: Path) -> None:
    """A report that was shown before `%board` still offers the retraining of its own model."""
    view = DriftView(session.monitor("toy", data=frame(2)[0]), session)
    here = session.board.url
    names = [view.answer({"id": 1, "verb": "reference", "args": {}})["result"]]
    session.use(tmp_path / "elsewhere")
    names.append(view.answer({"id": 2, "verb": "reference", "args": {}})["result"])
    view.close()

    assert names == ["toy", session.labelled("toy", here)]
    assert session.version(names[1]).name == "toy"


def test_the_list_of_models_follows_what_is_changed_below_it(session: Session) -> None:
    """A promotion in the opened history is seen in the list."""
    models = ModelsView(session.models(), session)
    models.answer({"id": 1, "verb": "open", "args": {"what": "versions", "name": "toy"}})
    older = session.versions("toy")["version"].iloc[1]
    models.opened.answer({"id": 2, "verb": "promote", "args": {"version": older, "alias": "champion"}})

    assert models.record["models"][0]["champion"]["version"] == older
    models.close()


def test_the_endpoint_view_predicts_through_python_and_never_shows_the_token(view: EndpointView) -> None:
    """The form's row reaches the endpoint; the token stays where it is."""
    row = view.record["prototype"]["examples"][0]

    answered = view.answer({"id": 1, "verb": "predict", "args": {"row": row}})

    assert answered["ok"], answered
    assert answered["result"]["prediction"] in ("yes", "no")
    assert sum(answered["result"]["probabilities"].values()) == pytest.approx(1)
    assert view.endpoint.token is not None
    assert view.endpoint.token not in json.dumps(view.get_state(), default=str)


class Load:
    """Asks a hundred times a second from two threads, every tenth time for what does not fit; keeps what it saw."""

    def __init__(self, session: Session, endpoint: Endpoint) -> None:
        self._endpoint, self._row = endpoint, session.version("toy").prototype.examples[0]
        self.milliseconds: list[float] = []
        self.refused = 0
        self.seconds = 0.0

    def run(self, requests: int) -> None:
        """Ask so often."""
        began = time.monotonic()
        with ThreadPoolExecutor(2) as threads:
            list(threads.map(lambda place: self._ask(place, began + place / 100), range(requests)))
        self.seconds = time.monotonic() - began

    def _ask(self, place: int, due: float) -> None:
        time.sleep(max(0.0, due - time.monotonic()))
        if place % 20 == 0:
            self._endpoint.client.close()  # the next connection may reach the other worker
        began = time.perf_counter()
        try:
            self._endpoint.predict([self._row if place % 10 else {"a": 1.0}])
            self.milliseconds.append(1000 * (time.perf_counter() - began))
        except DataMismatch:
            self.refused += 1


def test_the_endpoint_views_figures_are_those_of_the_load(session: Session) -> None:
    """Requests, errors, rate and latency of two workers: what the clients counted and measured is what is shown."""
    shown = EndpointView(session.deploy("toy", workers=2), session)
    load, rates = Load(session, shown.endpoint), []
    shown.observe(lambda change: rates.append(change["new"]["rate"]), "live")

    load.run(400)
    limit = time.monotonic() + 5
    while shown.live["requests"] < 400 and time.monotonic() < limit:
        time.sleep(0.05)
    live = shown.live
    shown.close()
    shown.endpoint.stop()

    assert (live["requests"], live["errors"], live["rows"]) == (400, load.refused, len(load.milliseconds))
    assert (live["refused"], live["failed"], live["answering"][0]["failed"]) == (load.refused, 0, 0)
    assert 0 < live["p50_ms"] <= 1.08 * float(np.median(load.milliseconds))
    # of ticks of a second, which a busy machine fills unevenly: another unit or one worker alone is far outside
    assert float(np.median([rate for rate in rates if rate])) == pytest.approx(400 / load.seconds, rel=0.45)


def test_the_endpoint_view_lists_the_last_requests(view: EndpointView) -> None:
    """Newest first, with what was asked, as the prediction log has them."""
    for number in range(10):
        view.endpoint.predict(pd.DataFrame({"a": [float(number)], "b": [0.5]}))
    view.endpoint.settle()

    recent = to_json(endpoint_view.recent(view._session, view.endpoint))

    assert [entry["row"] for entry in recent] == [{"a": float(number), "b": 0.5} for number in range(9, 1, -1)]
    assert {entry["version"] for entry in recent} == {view.endpoint.version}
    assert recent[0]["prediction"] in ("yes", "no")


def test_a_version_is_tried_out_promoted_and_taken_back_by_one_press_each(session: Session, view: EndpointView) -> None:
    """Each press is one event of the history, and the endpoint follows it."""
    newest, older = session.versions("toy")["version"]

    def press(verb: str, **args: Any) -> tuple[list[tuple[str, str, float]], list[str]]:
        answered = view.answer({"id": 1, "verb": verb, "args": args})
        assert answered["ok"], answered
        answering = [(each["version"], each["mode"], each["share"]) for each in view.live["answering"] if each["share"]]
        return answering, list(session.history("toy").query("event != 'pin'")["event"])[::-1]

    assert press("canary", version=older, share=0.25) == ([(newest, "answers", 0.75), (older, "canary", 0.25)], [])
    assert press("end_trial") == ([(newest, "answers", 1.0)], [])
    press("canary", version=older, share=0.5)
    assert press("adopt") == ([(older, "answers", 1.0)], ["promote"])
    assert press("rollback", alias="champion")[1] == ["promote", "rollback"]


def test_a_restart_is_seen_as_a_start_before_it_runs(view: EndpointView) -> None:
    """Starting is a state of its own: nothing can be asked meanwhile."""
    states: list[str] = []
    view.observe(lambda change: states.append(change["new"]["state"]), names="live")
    view.endpoint.stop()

    answered = view.answer({"id": 1, "verb": "restart", "args": {}})

    assert answered["ok"], answered
    assert states.index("starting") < states.index("running")
    assert states[-1] == "running"


def test_the_endpoint_view_says_within_two_seconds_that_it_was_killed(view: EndpointView) -> None:
    """Nobody needs to ask."""
    import psutil

    for process in (psutil.Process(view.endpoint.pid), *psutil.Process(view.endpoint.pid).children(recursive=True)):
        process.kill()
    limit = time.monotonic() + 2.5
    while view.live["state"] != "died" and time.monotonic() < limit:
        time.sleep(0.05)

    assert view.live["state"] == "died"


def test_a_closed_view_watches_no_more(session: Session, view: EndpointView) -> None:
    """No thread outlives its view."""
    watching = f"watch {view.endpoint.name}"

    view.close()

    limit = time.monotonic() + 3
    while any(thread.name == watching for thread in threading.enumerate()) and time.monotonic() < limit:
        time.sleep(0.05)
    assert not [thread for thread in threading.enumerate() if thread.name == watching]


def test_the_selected_feature_is_readable_in_python(session: Session) -> None:
    """``report.view.selected``: the view of a report can be had from the report."""
    data, _ = frame(2)
    report = session.monitor("toy", data=data)
    assert report.view is None
    views.display_bundle(report, session)
    report.view.selected = {"feature": "a", "periods": ["all"]}

    assert report.view.selected["feature"] == "a"


def test_segments_and_curves_stand_in_the_html_too(session: Session) -> None:
    """What the view draws is readable where no script runs: as a picture, and as a table of its numbers."""
    data, truth = frame(2)
    report = session.monitor("toy", data=data.assign(side=["l", "r"] * 100), truth=truth, segment="side")
    markup = views.display_bundle(report, session)[0]["text/html"]

    for caption in (
        "Performance and drift by side",
        "Performance",
        "ROC of yes",
        "Precision, recall of yes",
        "Calibration of yes",
    ):
        assert f"<caption>{caption}</caption>" in markup


def test_a_saved_report_of_200_features_is_small(session: Session) -> None:
    """Below 200 kB, with its style sheet: the features that changed most are drawn, and a cell is many days at most."""
    numbers = np.random.default_rng(0)
    data = pd.DataFrame(numbers.normal(size=(2600, 200)), columns=[f"feature_{place}" for place in range(200)])
    truth = data["feature_0"] > 0
    session.pin(LogisticRegression().fit(data, truth), "wide", data=data, truth=truth)
    now = (data + 0.5).assign(time=pd.date_range("2026-01-05", periods=len(data), freq="100min", tz="UTC"))
    for by, periods, hidden in (("week", 26, 150), ("day", 181, 190)):
        report = session.monitor("wide", data=now, by=by)
        markup = views.display_bundle(report, session, live=False)[0]["text/html"]

        assert len(report.periods) == periods
        assert len(markup.encode()) < 200_000
        assert f"and {hidden} more that changed less" in markup
        assert max(markup.split("</tr>"), key=len).count("<rect") < 200, "a strip has a bounded number of cells"


WIDGET_BYTES = 30_000
"""Script and rules of one widget, as they are sent."""
SIDEBAR_BYTES = 150_000


def views_of(base: type) -> Iterator[type[RecordView]]:
    """Yield the declared views."""
    for each in base.__subclasses__():
        if each.__dict__.get("view_kind"):
            yield each
        yield from views_of(each)


for _each in pkgutil.iter_modules(widgets.__path__):  # a view is known once its module is imported
    importlib.import_module(f"{widgets.__name__}.{_each.name}")


@pytest.mark.parametrize("view", {each.view_kind: each for each in views_of(RecordView)}.values())
def test_a_widget_is_small_and_what_all_share_is_sent_once(view: type[RecordView]) -> None:
    """A widget's script and rules are below 30 kB; the panel's script is that of the sidebar, below 150 kB."""
    styles = [BUNDLES / f"{name}.css" for name in view.view_styles or (view.view_kind,)]
    rules = sum(path.stat().st_size for path in styles if path.exists())  # parts alone need no rules of their own
    script = (BUNDLES / f"{view.view_kind}.js").stat().st_size

    assert script < SIDEBAR_BYTES if view is PanelView else script + rules < WIDGET_BYTES
    assert (BUNDLES / "components.js").stat().st_size < WIDGET_BYTES


def test_the_sidebar_is_small() -> None:
    """All that the sidebar can load is below 150 kB as it is sent: its scripts, and the views of all its tabs.

    The views come with the first tab, compressed (`tests/e2e/test_first_model.py` counts what a browser fetches).
    """
    folder = BUNDLES.parent / "labextension" / "static"
    at_start = sum(path.stat().st_size for path in folder.iterdir())
    views = (BUNDLES / "tabs.js").read_bytes()

    assert b"Effect by period" in views
    assert b".mlops-lanes" in views
    assert at_start < 105_000
    assert at_start + len(gzip.compress(views)) < SIDEBAR_BYTES


def test_views_of_a_notebook_share_one_model_of_components(session: Session) -> None:
    """The second view brings its own script only; a page without that model asks its view."""
    first, second = VersionsView(session.versions("toy"), session), ModelsView(session.models(), session)
    reply = first.answer({"id": "components", "verb": "components"})

    assert first.components == second.components
    assert reply["result"] == shared_source()
    assert "--m-accent:" not in first.rules
    first.close()
    second.close()
