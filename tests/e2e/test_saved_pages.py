"""Saved pages on paper and without colours, in a real browser."""

from __future__ import annotations

from typing import Any

import pandas as pd

from mlops_magics.widgets.saved import listings
from mlops_magics.widgets.saved.components import alias_chip, chip, head, version_chip

PAPER = 524
"""Pixels of the width that nbconvert leaves an output on A4."""
NOTE = (
    "On the same 1,202 held-out rows the challenger is better: mae 15 against 16.1, a gain of +1.14 (+0.593 to +1.69)."
)


def history() -> str:
    """Return the page of a history whose notes are long."""
    moment = pd.Timestamp("2026-11-29 09:00", tz="UTC")
    row = {"time": moment, "event": "promote", "alias": "champion", "by": "ana", "note": NOTE}
    table = pd.DataFrame([{**row, "version": "20261129T090100Z-a4772", "previous": "20261128T090100Z-85f63"}] * 3)
    table.attrs.update(name="late_flights", board="/rides/models")
    return str(listings.history(table, {"20261129T090100Z-a4772": 2, "20261128T090100Z-85f63": 1}))


def test_a_note_on_paper_has_the_whole_width_and_a_long_page_begins_below_its_cell(page: Any) -> None:
    """On a screen the note is a column; on paper the row is a card, and JupyterLab's rule for outputs does not hold."""
    rule = "@media print { .jp-OutputArea-child { break-inside: avoid-page; } }"
    output = f"<style>{rule}</style><div class=jp-OutputArea-child style='width:{PAPER}px'>{history()}</div>"
    page.set_content(output)
    note = page.get_by_text(NOTE).first
    seen = note.bounding_box()["width"]
    page.emulate_media(media="print")

    assert note.bounding_box()["width"] > 2 * seen
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    broken = "getComputedStyle(document.querySelector('.jp-OutputArea-child')).breakInside"
    assert page.evaluate(broken) == "auto"


def test_words_beside_each_other_are_apart_where_no_style_is(page: Any) -> None:
    """GitHub takes styles and pictures away."""
    subject = [alias_chip("champion"), version_chip("20261129T090100Z-a4772", 2), chip("due")]
    page.set_content(head(subject, "3 events") + history())
    page.evaluate("document.querySelectorAll('style, svg').forEach(each => each.remove())")
    page.evaluate("document.querySelectorAll('[class]').forEach(each => each.removeAttribute('class'))")

    assert page.locator("header").first.inner_text().split() == ["champion", "v2", "a4772", "due", "3", "events"]
    assert page.locator("td").nth(3).inner_text().strip() == "champion"
    assert "History of late_flights" in page.locator("caption").inner_text()
