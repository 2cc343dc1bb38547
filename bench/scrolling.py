"""How a long version history draws and scrolls in Chromium: `python bench/scrolling.py [versions]`; 10,000 unless told.

The built widget is given a record as Python would send it, then scrolled by ten rows a frame, a fast flick, for 120
frames.
"""

from __future__ import annotations

import datetime as dt
import json
import shutil
import statistics
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

BUNDLE = Path(__file__).parents[1] / "mlops_magics" / "static" / "versions.js"
FRAMES = 120

_DRAW = """
async ({bundle, code, record}) => {
    const widget = await import(URL.createObjectURL(new Blob([bundle], {type: 'text/javascript'})));
    const shared = {get: name => ({code, rules: ''})[name]};
    const traits = {record, kind: 'versions', rules: '', components: 'shared'};
    const model = {get: name => traits[name], set() {}, save_changes() {}, on() {}, off() {}, send() {}};
    model.widget_manager = {get_model: async () => shared};
    const began = performance.now();
    await widget.default.render({model, el: document.body});
    document.body.getBoundingClientRect();
    return performance.now() - began;
}
"""
_SCROLL = """
async frames => {
    const place = document.querySelector('.mlops-scroll');
    const step = 320;
    const next = () => new Promise(resolve => requestAnimationFrame(resolve));
    const found = [];
    let before = await next();
    for (let frame = 1; frame <= frames; frame += 1) {
        place.scrollTop = frame * step;
        const now = await next();
        found.push(now - before);
        before = now;
    }
    return found;
}
"""


def main(count: int) -> None:
    """Draw, scroll, and print the times."""
    record = {
        "name": "many", "board": "/srv/models", "label": "srv/models", "metrics": [{"name": "accuracy", "better": 1}],
        "aliases": [], "versions": [_version(place, count) for place in range(count)],
    }  # fmt: skip
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = chromium.new_page()
        for name in ("components", "versions", "compare"):
            page.add_style_tag(path=BUNDLE.with_name(f"{name}.css"))
        code = BUNDLE.with_name("components.js").read_text()
        drawn = page.evaluate(_DRAW, {"bundle": BUNDLE.read_text(), "code": code, "record": record})
        frames = page.evaluate(_SCROLL, FRAMES)
        rows = page.locator("tbody tr").count()
        chromium.close()
    late = sum(frame > 34 for frame in frames)
    weight = len(json.dumps(record)) / 1e6
    print(f"{count:,} versions ({weight:.1f} MB): drawn in {drawn:.0f} ms, {rows} rows in the document")
    print(
        f"{FRAMES} frames: median {statistics.median(frames):.1f} ms, longest {max(frames):.1f} ms, {late} over 34 ms"
    )


def _version(place: int, count: int) -> dict[str, object]:
    created = dt.datetime(2026, 1, 1, tzinfo=dt.UTC) - dt.timedelta(minutes=place)
    return {
        "version": f"{created:%Y%m%dT%H%M%SZ}-{place:05x}", "number": count - place, "created": created.isoformat(),
        "format": "skops", "size": 12_345,
        "aliases": ["champion"] if place == 7 else [], "metrics": {"accuracy": 0.9 + place % 97 / 1000},
        "author": "somebody", "description": "A LogisticRegression model", "tags": [], "parent": None, "trusted": True,
    }  # fmt: skip


if __name__ == "__main__":
    main(*(int(given) for given in sys.argv[1:2] or ["10000"]))
