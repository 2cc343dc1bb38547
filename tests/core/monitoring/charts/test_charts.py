"""Charts: what they show, in every viewer; and that nothing in them can hurt who draws them."""

from __future__ import annotations

import base64
import dataclasses
import json
import struct
import subprocess
import sys
import time
import zlib
from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import psutil
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from mlops_magics.core.monitoring import MonitorReport, monitor, profile
from mlops_magics.core.monitoring.charts import png_quantiser, renderer
from mlops_magics.core.monitoring.reporting.report_period import VersionChange
from mlops_magics.errors import InvalidInput

HOSTILE = [
    "__proto__",
    "constructor",
    "if",
    "a\0b",
    "line\nfeed",
    "<b>",
    "W" * 5_000,
    "\u202eno",
    "🦆",
    "🦆" * 40,
    "'\\\"`${}",
]


def weeks(**columns: Any) -> pd.DataFrame:
    """Return 2,000 rows over four weeks."""
    return pd.DataFrame({**columns, "at": pd.date_range("2024-01-01", periods=2_000, freq="20min", tz="UTC")})


@pytest.fixture(scope="module")
def report() -> MonitorReport:
    """Return a report of four weeks: a skewed income, an island with a new value, truths, two segments."""
    numbers = np.random.default_rng(0)
    before = pd.DataFrame(
        {"income": np.exp(numbers.normal(8, 1.2, 2_000)), "island": numbers.choice(["Biscoe", "Dream"], 2_000)}
    )
    now = weeks(
        income=np.exp(numbers.normal(8, 1.2, 2_000)), island=numbers.choice(["Biscoe", "Dream", "Torgersen"], 2_000)
    )
    truth = numbers.integers(0, 2, 2_000)
    guess = np.clip(truth * 0.4 + numbers.random(2_000) * 0.6, 0, 1)
    return monitor(
        profile(before), now, name="m", version="20240101T000000Z-abcde", by="week", timestamp="at", truth=truth,
        prediction=guess, segment="island",
    )  # fmt: skip


def panels(spec: Any) -> Iterator[dict[str, Any]]:
    """Yield every part of a specification."""
    if isinstance(spec, dict):
        yield spec
    for part in spec.values() if isinstance(spec, dict) else spec if isinstance(spec, list) else ():
        yield from panels(part)


@settings(deadline=None, max_examples=25)
@given(words=st.lists(st.text(min_size=1, max_size=30), min_size=3, max_size=3, unique=True))
@example(words=["\u2028", "\u2029", "0"])
def test_no_text_of_others_hurts_who_draws_it(words: list[str]) -> None:
    """Any name of a feature, a category, a model, a class: the picture is there, and the chart is JSON."""
    feature, category, model = words
    rows = pd.DataFrame({feature: np.arange(40.0), "kind": [category, "x"] * 20})
    found = monitor(profile(rows), rows, name=model, version=category, truth=["x", category] * 20, prediction="kind")
    bundle = found.charts().bundle()

    assert base64.b64decode(bundle["image/png"]).startswith(b"\x89PNG")
    json.dumps(bundle, allow_nan=False).encode()


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_drawn_like_any_other(name: str) -> None:
    """As a feature and as a category, over periods too."""
    for rows in (weeks(**{name: np.arange(2_000.0)}), weeks(kind=[name, "x"] * 1_000)):
        drawn = monitor(profile(rows.drop(columns="at")), rows, by="week", timestamp="at").charts().draw()

        assert (drawn or b"").startswith(b"\x89PNG")


def test_half_a_letter_is_drawn(report: MonitorReport) -> None:
    """A lone surrogate, which no encoder takes, in the words above the chart."""
    drawn = dataclasses.replace(report, name="\ud800").charts().draw()

    assert (drawn or b"").startswith(b"\x89PNG")


def test_names_that_differ_only_in_what_cannot_be_drawn_stay_two() -> None:
    """They are features of their own in the data, and so in the chart."""
    rows = pd.DataFrame({"a\0": np.arange(50.0), "a\1": np.arange(50.0)})
    (ranked,) = [part for part in panels(monitor(profile(rows), rows).charts().to_dict()) if "cursor" in part]
    (bars,) = [part for part in panels(monitor(profile(rows), rows).charts().to_dict()) if part.get("mark") == ranked]
    data = bars["data"]["values"]

    assert len({row["feature"] for row in data}) == 2


def test_a_specification_that_ends_the_renderer_ends_no_kernel(report: MonitorReport) -> None:
    """vl-convert aborts its process at a control character; the next drawing has a new one."""
    spec = report.charts().to_json()

    assert renderer.draw(spec.replace("Biscoe", "B\\u0000"), "png") is None
    assert renderer.draw("no json", "png") is None
    assert (renderer.draw(spec, "svg") or b"").startswith(b"<svg")


def test_the_process_that_draws_ends_with_who_started_it() -> None:
    """Also when that one is killed."""
    code = """
import os, signal
from mlops_magics.core.monitoring.charts import renderer
renderer.draw('{"data": {"values": [{}]}, "mark": "point"}', "svg")
print(renderer._running[0]._child.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False).stdout
    limit = time.monotonic() + 10
    while psutil.pid_exists(int(told)) and time.monotonic() < limit:
        time.sleep(0.05)

    assert not psutil.pid_exists(int(told)) or psutil.Process(int(told)).status() == psutil.STATUS_ZOMBIE


def test_the_process_that_draws_is_told_no_secret(report: MonitorReport, monkeypatch: pytest.MonkeyPatch) -> None:
    """It sees what its fonts need of the environment, and nothing else."""
    renderer.close()
    monkeypatch.setenv("MLOPS_MAGICS_SMTP", "smtp://me:secret@mail")
    report.charts().draw()
    names = set(psutil.Process(renderer._running[0]._child.pid).environ())

    assert names <= {*renderer.KEPT, "LC_CTYPE"}


def test_drawing_loads_no_chart_library(tmp_path: Path) -> None:
    """Neither altair nor vl-convert comes into the kernel with a report that is shown."""
    code = """
import sys
from mlops_magics.core.monitoring import monitor, profile
bundle = monitor(profile({"x": [1.0, 2.0, 3.0]}), {"x": [1.0, 2.0, 4.0]}).charts().bundle()
print("image/png" in bundle, "altair" in sys.modules, "vl_convert" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)

    assert done.stdout.split() == ["True", "False", "False"]


def test_the_picture_has_few_colours_and_the_same_pixels(report: MonitorReport) -> None:
    """A palette weighs a fraction of what the renderer writes, and nobody sees a difference."""
    renderer.draw(report.charts().to_json(), "svg")
    spec = json.dumps({**report.charts().to_dict(), "background": "white"})
    request = json.dumps({"spec": spec, "kind": "png", "scale": 1.0}).encode()
    written = renderer._running[0].draw(request) or b""
    whole, light = png_quantiser._pixels(written), png_quantiser.lighter(written)
    chunks = dict(png_quantiser._chunks(light))
    width, height = struct.unpack(">II", chunks[b"IHDR"][:8])
    places = np.frombuffer(zlib.decompress(chunks[b"IDAT"]), np.uint8).reshape(height, width + 1)[:, 1:]
    colours = np.frombuffer(chunks[b"PLTE"], np.uint8).reshape(-1, 3)

    assert whole is not None
    assert len(light) < len(written) / 3
    apart = np.abs(colours[places].astype(int) - whole[..., :3]).max(axis=2)
    assert (apart <= 4).mean() > 0.999
    assert apart.max() < 64
    assert png_quantiser.lighter(light) == light


def test_new_categories_are_hatched_and_skewed_bars_grow_by_a_factor(report: MonitorReport) -> None:
    """Neither is told by colour alone: the words say "(new)" and "logarithmic bars"."""
    held = {entry.feature: entry for entry in report.distributions}
    told = report.charts("drift").to_json()
    edges = [float(bar.split(" to ")[0]) for bar in held["income"].bars[1:-1]]

    assert (held["income"].scale, held["island"].scale) == ("log", "linear")
    np.testing.assert_allclose(np.diff(np.log(edges)), np.diff(np.log(edges)).mean(), atol=0.01)
    assert max(held["income"].reference[1:-1]) < 0.2 * sum(held["income"].reference)
    assert held["island"].new == ("Torgersen",)
    assert all(word in told for word in ("Torgersen (new)", "gradient", "logarithmic bars"))


def test_another_version_is_a_line_through_the_performance(report: MonitorReport) -> None:
    """In the period in which it began to answer; one outside the periods is not drawn."""
    change = VersionChange("2024-01-15", "20240116T000000Z-fedcb", "2024-01-16T10:00:00+00:00")
    outside = dataclasses.replace(change, period="2023-01-01", version="v-other")
    drawn = dataclasses.replace(report, versions=(change, outside)).charts("performance")
    told = json.dumps(drawn.to_dict(), ensure_ascii=False)

    assert told.count("→ fedcb") == len(report.performance["metric"].unique())
    assert "v-other" not in told
    assert "fedcb" not in json.dumps(report.charts("performance").to_dict())


def test_a_chart_is_saved_and_taken_on(report: MonitorReport, tmp_path: Path) -> None:
    """As a picture, a page that fetches nothing, a specification, or a chart of altair."""
    chart = report.charts()
    written = {kind: chart.save(tmp_path / f"drift.{kind}").read_bytes() for kind in ("png", "svg", "html", "json")}

    assert written["png"].startswith(b"\x89PNG")
    assert b"<svg" in written["svg"]
    assert b'src="http' not in written["html"]
    assert json.loads(written["json"]) == chart.to_dict()
    assert chart.to_altair().to_dict()["vconcat"]
    with pytest.raises(InvalidInput, match="Known endings: png, svg, html, json"):
        chart.save(tmp_path / "drift.gif")


ENDING = ["</script><script>window.pwned = 1</script>", "<!--<script>", "</SCRIPT >", "]]></script>", "<!-- </script>"]


@pytest.mark.parametrize("how", ["save", "altair"])
def test_T06_no_text_of_the_data_ends_the_script_of_a_saved_page(tmp_path: Path, how: str) -> None:
    """T6: a page has as many script elements as without hostile names, and the names are still read in it."""
    numbers = np.random.default_rng(0)
    hostile = pd.DataFrame({name: numbers.choice([*ENDING, "b"], 300) for name in ENDING})
    plain = pd.DataFrame({f"feature {place}": numbers.choice(["a", "b"], 300) for place in range(len(ENDING))})
    pages = []
    for number, frame in enumerate((hostile, plain)):
        chart, path = monitor(profile(frame), frame).charts(), tmp_path / f"{number}.html"
        chart.save(path) if how == "save" else chart.to_altair().save(path)
        pages.append(Counted(path.read_text()))

    assert pages[0].elements == pages[1].elements
    assert pages[0].comments == pages[1].comments
    assert "window.pwned" in pages[0].scripts
    assert "window.pwned" not in pages[0].texts


def test_a_saved_page_lists_every_alert_as_text(tmp_path: Path) -> None:
    """Forty features drift: the verdict names three, the page all of them, and markup in a name stays a name."""
    before = pd.DataFrame({f"<b>{place}</b>": np.arange(60.0) for place in range(40)})
    report = monitor(profile(before), before + 60)

    path = report.charts().save(tmp_path / "report.html")

    page = Counted(path.read_text())
    assert len(report.alerts) == 40
    assert all(alert.message in page.texts for alert in report.alerts)
    assert not page.elements["b"]


class Counted(HTMLParser):
    """A page as a browser reads it: how many elements of each kind, and the text in scripts and around them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: Counter[str] = Counter()
        self.comments, self.scripts, self.texts, self._inside = 0, "", "", False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.elements[tag] += 1
        self._inside = tag == "script"

    def handle_endtag(self, tag: str) -> None:
        self._inside = False

    def handle_comment(self, data: str) -> None:
        self.comments += 1

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.scripts += data
        else:
            self.texts += data
