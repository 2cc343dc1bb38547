"""A dashboard is one page that loads nothing: metrics over time, verdicts, and the last report as its view."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shlex
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

import mlops_magics as mm
from mlops_magics import cli
from mlops_magics.core.dashboards import inline_view, line_chart
from mlops_magics.core.dashboards.line_chart import Line, Point

HOSTILE = "</script><script>alert(1)</script>"
ROWS = pd.DataFrame(np.random.default_rng(2).normal(size=(120, 2)), columns=["a", HOSTILE])
TRUTH = (ROWS["a"] > 0).astype(int)


class Parsed(HTMLParser):
    """Tags with their attributes, and the content of scripts."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.tags and self.tags[-1][0] == "script":
            self.scripts.append(data)


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> mm.Session:
    """Return a session whose model was monitored twice, by month, with truth."""
    session = mm.Session(board=tmp_path / "board")
    session.pin(LogisticRegression().fit(ROWS, TRUTH), "owls", data=ROWS, truth=TRUTH)
    seen = pd.date_range("2024-01-01", periods=120, freq="20h")
    for shift in (0.0, 2.0):
        rows = (ROWS + shift).assign(y=TRUTH, seen=seen)
        session.monitor("owls", data=rows, truth="y", by="month", timestamp="seen", pin_metrics=True)
    return session


def test_it_shows_every_metric_and_verdict(session: mm.Session, tmp_path: Path) -> None:
    """Each metric that is kept has a chart with a point for each period and kind; each verdict has a row."""
    (tmp_path / "site").mkdir()
    found = session.dashboard("owls", to=tmp_path / "site" / "owls.html")
    page = (tmp_path / "site" / "owls.html").read_text()

    kept = session.metrics("owls")
    assert set(found.metrics) == set(kept["metric"])
    assert found.verdicts == len(session.verdicts("owls")) == 2
    for metric in found.metrics:
        assert f"<figcaption><b>{metric}</b>" in page
    assert page.count("<line") == 0
    session.thresholds("owls", ["accuracy>=0.8"])
    session.dashboard("owls", to=tmp_path / "site" / "owls.html")
    assert (tmp_path / "site" / "owls.html").read_text().count("<line") == 1
    assert page.count("<circle") == len(kept[kept["score"].notna()].drop_duplicates(["metric", "kind", "period"])) + 2
    assert [each.name for each in (tmp_path / "site").iterdir()] == ["owls.html"]


def test_nothing_is_loaded_and_only_the_view_runs(
    session: mm.Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page names no address; its policy allows the hash of its one script, and no text of the data ends it."""
    monkeypatch.setattr(inline_view, "BUNDLES", tmp_path)
    (tmp_path / "components.js").write_text("var q=1;function head(){return q}export{head,q as words};\n")
    (tmp_path / "drift.js").write_text(
        'var l=1;export default delayed($=>{var x={render({el:e}){e.textContent="</script>"}};return x});\n'
    )
    session.dashboard("owls", to=tmp_path / "owls.html")
    page = (tmp_path / "owls.html").read_text()

    parsed = Parsed(page)
    policy = next(each["content"] or "" for tag, each in parsed.tags if each.get("http-equiv"))
    scripts = [each for tag, each in parsed.tags if tag == "script"]
    assert [each["type"] for each in scripts] == ["application/json", "module"]
    digest = base64.b64encode(hashlib.sha256(parsed.scripts[1].encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'")
    assert not [each for _, each in parsed.tags if "src" in each or each.get("href", "#") != "#"]
    record = json.loads(parsed.scripts[0])
    assert {each["feature"] for each in record["features"]} == {"a", HOSTILE}


def test_a_built_view_of_another_form_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page without its view would say nothing of it."""
    monkeypatch.setattr(inline_view, "BUNDLES", tmp_path)
    (tmp_path / "components.js").write_text("var q=1;export{q as words};")
    (tmp_path / "drift.js").write_text("var x=1;export{x as default};")

    with pytest.raises(RuntimeError, match="another form"):
        inline_view.of_record("drift", {})


def test_the_views_of_the_wheel_have_the_form_that_a_page_reads() -> None:
    """Each built one, where they are built: the script is one that Node accepts."""
    built = [path.stem for path in inline_view.BUNDLES.glob("drift.js")]
    for name in built:
        found = inline_view.of_record(name, {})
        assert found is not None
        script = found.body.rpartition('<script type="module">')[2].removesuffix("</script>")
        made, start, _ = script.partition(inline_view.START)
        asked = (
            "const lacks = []; const has = new Proxy(parts, "
            "{get: (all, name) => (name in all ? all[name] : lacks.push(name))});"
        )
        made = (
            made.replace("})(parts);", "})(has);") + "if (lacks.length || !view.render) throw new Error(lacks.join());"
        )
        made = made.replace("const view = ", f"{asked}\nconst view = ")
        done = subprocess.run(["node", "--input-type=module", "-"], input=made, text=True, check=False)

        assert start
        assert done.returncode == 0


def test_without_built_views_the_tables_say_the_same(
    session: mm.Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A clone without Node writes the page too; the command line is the same verb."""
    monkeypatch.setattr(inline_view, "BUNDLES", tmp_path / "nothing")
    to = str(tmp_path / "owls.html")

    assert cli.main(["dashboard", "owls", "--board", session.board.url, "--to", to, "--json"]) == cli.DONE
    record = json.loads(capsys.readouterr().out.splitlines()[-1])
    page = Path(to).read_text()
    assert record["size"] == len(page.encode())
    assert "<script" not in page
    assert "Features, the worst first" in page


def test_a_model_that_was_never_monitored_has_a_page(tmp_path: Path) -> None:
    """It says so."""
    session = mm.Session(board=tmp_path / "board")
    session.pin(LogisticRegression().fit(ROWS, TRUTH), "owls", data=ROWS, truth=TRUTH)

    found = session.dashboard("owls", to=tmp_path / "owls.html")

    assert found.metrics == ()
    assert "not monitored yet" in (tmp_path / "owls.html").read_text()


def test_the_line_that_refreshes_it_does_so_in_any_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A timer has another folder and no default board."""
    (tmp_path / "my folder").mkdir()
    monkeypatch.chdir(tmp_path / "my folder")
    session = mm.Session(board="models")
    session.pin(LogisticRegression().fit(ROWS, TRUTH), "owls", data=ROWS)
    found = session.dashboard("owls", to="owls.html")
    (tmp_path / "my folder" / "owls.html").unlink()
    monkeypatch.chdir(tmp_path)

    assert f"`{found.command}` refreshes it" in repr(found)
    assert cli.main(shlex.split(found.command)[1:]) == cli.DONE
    assert (tmp_path / "my folder" / "owls.html").stat().st_size == found.size


def test_a_chart_stays_within_its_box() -> None:
    """One point, equal points, a limit and values without an interval are drawn inside the view box."""
    cases = (
        [Point("a", 1.0)],
        [Point("a", 1.0), Point("b", 1.0)],
        [Point("a", 0.2, 0.1, 0.3), Point("b", 0.4), Point("<c>", 0.9, 0.8, 1.0)],
    )
    for points in cases:
        drawn = line_chart.chart("<m>", [Line("<l>", points)], limit=0.5)

        numbers = [float(each) for each in re.findall(r'c[xy]="(-?[\d.]+)"', drawn)]
        assert all(0 <= each <= line_chart.WIDTH for each in numbers)
        assert "<m>" not in drawn
        assert "<c>" not in drawn
        assert "<l>" not in drawn
    assert line_chart.chart("m", [Line("a", [])]) == ""


def test_a_number_that_the_margin_of_a_chart_has_no_room_for_stands_above_its_rule() -> None:
    """It is whole, and begins where the chart begins."""
    drawn = line_chart.chart("error", [Line("", [Point("a", 1.5e12), Point("b", 0.0)])])

    assert f'<text x="{line_chart.LEFT}" y="9.0">1.5e+12</text>' in drawn
    assert 'text-anchor="end">0</text>' in drawn
