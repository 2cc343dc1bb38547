"""The lines of README and of the pages: each is understood, and those of the first pages run in their order."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from sklearn.ensemble import RandomForestClassifier

from mlops_magics import cli
from mlops_magics.errors import InvalidInput
from tests.magics.conftest import Shell

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```\w*\n(.+?)^```", re.MULTILINE | re.DOTALL)
LINE = re.compile(r"^(?:\w+ = )?(?:%%?|mlops-magics )([a-z_-]+)(.*?)(?:  +#.*)?$")
OF_OTHERS = {"--execute", "--strict", "--data-binary"}
"""Options of nbconvert, kubernetes-validate and curl."""
PART = re.compile(r"the following arguments are required|expected (one|at least one) argument")
"""What a mention of an option in a sentence lacks."""
SOURCES = (
    "README.md", "docs/index.md", "docs/questions.md", "docs/documents.md", "docs/readiness.md",
    "docs/first-minutes.md",
)  # fmt: skip
PLACES = {
    "s3://bucket/models-site": "site-of-team", "s3://bucket/models": "team", "--fail-under 2": "--fail-under 0",
    "reviewed each year": "reviewed",
}  # fmt: skip
"""Stores that are not here, and a gate that this team passes."""
NOT_HERE = ("serve ", "--to docker", "readme", "load_ext", "import vetiver", "/var/www")
"""Lines of servers in the foreground, images and folders of the system, and vetiver, which other tests run."""


def blocks(page: Path) -> list[str]:
    """Return the code of a page."""
    return BLOCK.findall(page.read_text(encoding="utf-8"))


def spans(page: Path) -> list[str]:
    """Return the code within its sentences."""
    return re.findall(r"`([^`\n]+)`", BLOCK.sub("", page.read_text(encoding="utf-8")))


@pytest.mark.parametrize("page", PAGES, ids=[page.stem for page in PAGES])
def test_every_line_and_option_is_understood(page: Path) -> None:
    """No page names a verb or an option that does not exist."""
    arguments = [each for verb in cli.COMMANDS.values() for each in (*verb.arguments, *cli.more(verb))]
    known = {flag for each in arguments for flag in each.flags} | {"--help"} | OF_OTHERS

    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", page.read_text(encoding="utf-8"))) <= known
    for line in [line for block in blocks(page) for line in block.splitlines()]:
        found = LINE.match(line)
        if found is not None and found[1] != "load_ext":
            assert cli.understand(shlex.split(found[1] + found[2]))[0].name == found[1]
    for span in spans(page):
        found = LINE.match(span)
        if found is None or found[1] not in cli.COMMANDS or "…" in span:
            continue
        assert _fault(found[1] + found[2]) is None, span


def _fault(line: str) -> str | None:
    """Return why a line is not understood, or None where it is, or where a sentence mentions a part of it."""
    try:
        cli.understand(shlex.split(line))
    except InvalidInput as fault:
        return None if PART.search(str(fault)) else str(fault)
    return None


def cells(page: Path) -> list[str]:
    """Return the cells of a page: a whole block over a cell magic or without one, else its lines."""
    found = []
    for block in blocks(page):
        lines = block.strip().splitlines()
        if lines[0].startswith("%%") or not any(LINE.match(line) for line in lines):
            found.append(block.strip())
        else:
            found += [line for line in lines if line.strip()]
    return found


@pytest.fixture
def reader(shell: Shell, tmp_path: Path) -> Shell:
    """A notebook with the data that the pages speak of."""
    choice = np.random.default_rng(3)
    island = pd.Series(choice.choice(["Biscoe", "Dream"], 400))
    rows = pd.DataFrame(choice.normal(size=(400, 2)), columns=["bill", "flipper"])
    species = pd.Series(
        np.where(rows["bill"] + choice.normal(scale=0.3, size=400) > 0, "Gentoo", "Adelie"), name="species"
    )
    new = rows.assign(species=species, island=island, day=pd.date_range("2026-01-01", periods=400, freq="6h"))
    shell.give(RandomForestClassifier=RandomForestClassifier, X=rows[:300], y=species[:300], X_test=rows[300:],
               y_test=species[300:], new=new, test=new[300:], reference=rows[:300],
               current=rows[300:])  # fmt: skip
    key = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (tmp_path / "private.pem").write_bytes(key)
    shell.run("%board models")
    return shell


def test_the_lines_of_the_first_pages_run(reader: Shell, capsys: pytest.CaptureFixture[str]) -> None:
    """In the order in which a newcomer reads them, with a model whose data they name."""
    ran = 0
    for name in SOURCES:
        for cell in cells(ROOT / name):
            text = cell
            for words, here in PLACES.items():
                text = text.replace(words, here)
            first = text.splitlines()[0]
            if any(words in first for words in NOT_HERE) or first.startswith(("make ", "iris@", "<Endpoint", "*/")):
                continue
            if first.startswith("mlops-magics "):
                assert cli.main([*shlex.split(first.partition("  #")[0])[1:]]) in (cli.DONE, 75), first
            elif text.startswith("%%") and "\n" not in text:
                reader.run(f"{first}\nmodel = RandomForestClassifier(5).fit(X, y)")
            else:
                reader.run(text)
            ran += 1
    assert ran > 40
    assert capsys.readouterr().out
