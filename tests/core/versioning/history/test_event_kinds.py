"""Event kinds are declared once: a kind that is not declared can neither be written nor be asked for."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from mlops_magics.core.versioning.history.event_kinds import EventKind
from mlops_magics.core.versioning.history.events import Event

PACKAGE = Path(__file__).parents[4] / "mlops_magics"


@pytest.mark.parametrize("kind", EventKind)
def test_every_kind_has_a_constructor_of_its_name(kind: EventKind) -> None:
    """`Event.promote(…)` makes a promotion, and so on for each kind."""
    assert callable(getattr(Event, kind.value))


def test_no_reader_names_a_kind_by_its_word() -> None:
    """Outside its declaration a kind is a member of `EventKind`; no event is made but by a named constructor."""
    words = {kind.value for kind in EventKind}
    for path in sorted((PACKAGE / "core" / "versioning").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Compare) and _is_event(node.left):
                compared = {
                    each.value
                    for other in node.comparators
                    for each in ast.walk(other)
                    if isinstance(each, ast.Constant)
                }
                assert not compared & words, f"{path}:{node.lineno}"
            if isinstance(node, ast.Dict):
                keys = {key.value for key in node.keys if isinstance(key, ast.Constant)}
                assert not {"event", "name"} <= keys, f"{path}:{node.lineno} makes an event by hand"


def _is_event(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and node.attr in {"event", "kind"}
