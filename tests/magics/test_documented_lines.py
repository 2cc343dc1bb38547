"""What README and the pages name exists: each line, option, call, route, target, variable, setting and file."""

from __future__ import annotations

import ast
import importlib.util
import inspect
import re
import runpy
import shlex
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import mlops_magics as mm
from mlops_magics import cli
from mlops_magics.core.deploying import Endpoint
from mlops_magics.core.deploying.server.routes import ROUTES
from mlops_magics.core.deploying.targets import target as deployment_targets
from mlops_magics.core.monitoring.report import MonitorReport
from mlops_magics.core.session import records
from mlops_magics.core.versioning import ModelVersion
from mlops_magics.core.versioning.formats import registry
from mlops_magics.errors import InvalidInput
from tests.magics.documented_blocks import LINE, PAGES, ROOT, blocks, spans

EVERY_PAGE = pytest.mark.parametrize("page", PAGES, ids=[page.stem for page in PAGES])
OWN_WORDS = [page for page in PAGES if page.stem != "coming-from"]
"""The page on other tools names their calls too; another test runs its lines."""
OF_OTHERS = {"--execute", "--strict", "--data-binary"}
"""Options of nbconvert, kubernetes-validate and curl."""
PART = re.compile(r"the following arguments are required|expected (one|at least one) argument")
"""What a mention of an option in a sentence lacks."""
OBJECTS: dict[str, Any] = {
    "mm": mm, "s": mm.Session, "session": mm.Session, "endpoint": Endpoint, "report": MonitorReport,
    "run": records.Retraining, "version": ModelVersion,
}  # fmt: skip
"""What a name means in a sentence."""


@EVERY_PAGE
def test_every_line_and_option_is_understood(page: Path) -> None:
    """No page names a verb or an option that does not exist."""
    arguments = [each for verb in cli.COMMANDS.values() for each in (*verb.arguments, *cli.more(verb))]
    known = {flag for each in arguments for flag in each.flags} | {"--help"} | OF_OTHERS

    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", page.read_text(encoding="utf-8"))) <= known
    for line in [line for block in blocks(page) for line in block.text.splitlines()]:
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


@pytest.mark.parametrize("page", OWN_WORDS, ids=[page.stem for page in OWN_WORDS])
def test_every_call_of_a_sentence_has_that_name_and_those_arguments(page: Path) -> None:
    """`s.pin(model, …, truth=y)` is a method of a session, and `truth` is one of its parameters."""
    for span in spans(page):
        for owner, name, call in _uses(span):
            assert hasattr(owner, name), span
            if call is not None:
                kept = inspect.signature(getattr(owner, name)).parameters
                assert {each.arg for each in call.keywords} <= set(kept) or "**" in str(kept), span


def _uses(span: str) -> Iterator[tuple[Any, str, ast.Call | None]]:
    """Yield each attribute of a known object in a span, with its call."""
    try:
        tree = ast.parse(span.replace("…", "..."))
    except SyntaxError:
        return
    calls = {id(node.func): node for node in ast.walk(tree) if isinstance(node, ast.Call)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in OBJECTS:
            yield OBJECTS[node.value.id], node.attr, calls.get(id(node))


@EVERY_PAGE
def test_every_route_variable_extra_target_and_file_exists(page: Path) -> None:
    """What a page names beside its lines is in the package or the project."""
    text = page.read_text(encoding="utf-8")
    paths = [re.sub(r"<[^>]+>", "NAME", route.pattern) for route in ROUTES]
    for path in re.findall(r"`(?:GET |POST )?(/[a-z0-9_/]+)`", text):
        known = any(path.endswith(each) or re.sub(r"/(owls|penguins)$", "/NAME", path) == each for each in paths)
        assert known or path in PATHS, path
    for name in re.findall(r"MLOPS_MAGICS_[A-Z_0-9]+", text):
        assert name in _package() or name.removeprefix("MLOPS_MAGICS_").lower() in _package(), name
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    assert set(re.findall(r"mlops-magics\[(\w+)\]", text)) <= set(extras)
    made = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert {each.split()[1] for each in spans(page) if each.startswith("make ")} <= made
    for module in re.findall(r"`python -m ([\w.]+)`", text):
        assert importlib.util.find_spec(module), module
    for file in re.findall(r"`((?:bench|tests|docs|mlops_magics|notebooks)/[\w./-]+)`", text):
        assert (ROOT / file).exists(), file


PATHS = {"/sum", "/owls/predict", "/tmp", "/var/www"}
"""Routes of the reader's own in the examples, and folders of the system."""


@cache
def _package() -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "mlops_magics").rglob("*.py"))


@EVERY_PAGE
def test_every_setting_of_a_target_exists(page: Path) -> None:
    """A word behind `--set` is an option of some target."""
    known = {setting.name for each in deployment_targets.targets().values() for setting in each.settings}
    lines = [*spans(page), *(line for block in blocks(page) for line in block.text.splitlines())]
    named = {found for line in lines for found in re.findall(r"--set ([a-z]\w*)=", line)}

    assert named <= known


def test_every_option_is_documented() -> None:
    """The reference of the site has each verb with each of its options, and each parameter of a public method."""
    pages = runpy.run_path(str(ROOT / "docs" / "site_pages.py"))
    text = " ".join(pages["commands"]().split())
    for verb in cli.COMMANDS.values():
        for each in (*verb.arguments, *cli.more(verb)):
            assert all(flag in text for flag in each.flags)
            assert each.help
    for name, method in inspect.getmembers(mm.Session, callable):
        if not name.startswith("_"):
            assert inspect.getdoc(method), name


def test_the_table_of_formats_is_that_of_the_package() -> None:
    """Each format in its order, with its suffix, whether it runs code, and whether it is read without trust."""
    rows = re.findall(r"^\| `([\w-]+)` \|(.+)\|$", (ROOT / "docs" / "formats.md").read_text(), re.MULTILINE)

    assert [name for name, _ in rows] == list(registry.handlers())
    for (name, row), handler in zip(rows, registry.handlers().values(), strict=True):
        _, file, runs_code, untrusted, _ = (cell.strip() for cell in row.split("|"))
        assert runs_code == ("yes" if handler.runs_code else "no"), name
        assert untrusted.startswith("read" if registry.read_without_trust(name) else "refused"), name
        assert handler.suffix in file or "." not in file, name
