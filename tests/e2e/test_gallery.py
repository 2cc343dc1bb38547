"""The gallery of all components and views, light and dark, from 260 to 1,400 pixels: photographed and checked."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from .test_faces import AXE, PICTURES, faults

GALLERY = Path(__file__).parents[2] / "js" / "gallery" / "gallery.html"
WIDTHS = (1400, 700, 300, 260)
"""Pixels: a tab, a cell, the sidebar, and the narrowest one."""
IN_DOCUMENTS = ("versions-few", "models", "endpoint", "drift", "journey", "retraining", "compare")
"""Views whose pictures are in the documentation."""
DOCUMENTS = os.environ.get("MLOPS_MAGICS_PICTURES")
"""The folder to write them to: `make pictures` sets it."""
HOSTS = {1400: "jupyter", 700: "vscode", 300: "colab", 260: ""}
"""Whose colours and fonts the page has at each width."""
CUT = """
frame => {
  const right = frame.getBoundingClientRect().right;
  const scrolled = '.mlops-scroll, .mlops-wide-scroll, pre, .mlops-tabs, .mlops-seg, .mlops-asked, .mlops-item';
  return [...frame.querySelectorAll('.mlops-num, .mlops-state, .mlops-chip, .mlops-ver, dd, h2, h3')]
    .filter(each => each.getBoundingClientRect().right > right + 1 && !each.closest(scrolled))
    .map(each => each.textContent.slice(0, 60));
}
"""
"""What sticks out of its frame, but for what scrolls."""


@pytest.fixture(scope="module")
def gallery(browser: Any) -> Any:
    """A page that fails on any error of a script."""
    context = browser.new_context()
    page = context.new_page()
    page.errors = []
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    yield page
    context.close()


def test_paper_has_no_controls_and_forced_colours_are_the_systems(gallery: Any) -> None:
    """Printed, no button, choice or tick is left; the colours of a contrast theme replace those of a dark host."""
    gallery.set_viewport_size({"width": 724, "height": 900})
    gallery.goto(f"{GALLERY.as_uri()}?theme=dark&width=700&host=jupyter")
    gallery.emulate_media(media="print")
    controls = gallery.locator(".mlops-btn, .mlops-seg, .mlops-search, td > input[type=checkbox]")
    printed = controls.filter(visible=True).count()
    gallery.emulate_media(media="screen", forced_colors="active")
    ground = "document.querySelector('.mlops-plot .is-halo')"
    halo = gallery.evaluate(f"getComputedStyle({ground}).stroke")
    gallery.emulate_media(media="screen", forced_colors="none")

    assert printed == 0
    assert halo == "rgb(255, 255, 255)"


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_every_view_fits_and_has_no_serious_fault(gallery: Any, width: int, theme: str) -> None:
    """No number, state, name or heading is cut, nothing is wider than its place, axe-core finds nothing serious.

    JupyterLab, VS Code and Colab each dress the page at one width.
    """
    gallery.set_viewport_size({"width": width + 24, "height": 900})
    gallery.goto(f"{GALLERY.as_uri()}?theme={theme}&width={width}&host={HOSTS[width]}")
    gallery.wait_for_timeout(300)
    PICTURES.mkdir(exist_ok=True)
    gallery.screenshot(path=PICTURES / f"gallery-{width}-{theme}.png", full_page=True)
    frames = gallery.locator("[data-page]").all()
    if DOCUMENTS is not None and (width, theme) == (700, "light"):
        gallery.set_viewport_size({"width": width + 24, "height": 3000})  # what sticks to the window stays at its place
        for name in IN_DOCUMENTS:
            gallery.locator(f"[data-page={name}]").screenshot(path=Path(DOCUMENTS) / f"{name}-{theme}.png")
    cut = {frame.get_attribute("data-page"): frame.evaluate(CUT) for frame in frames}
    wide = [
        frame.get_attribute("data-page")
        for frame in frames
        if frame.evaluate("frame => frame.scrollWidth > frame.clientWidth + 1")
    ]

    assert len(frames) > 15
    assert {name: words for name, words in cut.items() if words} == {}
    assert wide == []
    assert gallery.errors == []
    if width != 260:
        gallery.add_script_tag(path=str(AXE))
        assert faults(gallery.locator("body")) == []


def test_without_colours_of_its_own_what_is_chosen_has_a_line(gallery: Any) -> None:
    """Where the system sets all colours, grounds vanish: what is chosen has an outline."""
    gallery.emulate_media(forced_colors="active")
    gallery.goto(f"{GALLERY.as_uri()}?width=700&page=drift")
    outlined = "each => getComputedStyle(each).outlineStyle"
    for chosen in (".mlops-seg label:has(:checked)", "tr[aria-selected=true]", ".mlops-chip"):
        assert gallery.locator(chosen).first.evaluate(outlined) == "solid", chosen
    ground = gallery.locator(".mlops-key-ref").first.evaluate("each => getComputedStyle(each).backgroundColor")
    assert ground != gallery.locator(".mlops-view").first.evaluate("each => getComputedStyle(each).backgroundColor")
    gallery.emulate_media(forced_colors="none")
