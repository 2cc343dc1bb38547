"""What TypeScript is generated from is what Python says: the schema, and every committed example."""

from __future__ import annotations

import json

import msgspec
import pytest

from mlops_magics.core.wire import encoding
from tests.wire import format_cases, write


def test_the_committed_schema_is_that_of_the_records() -> None:
    """A record that changed is written by `make wire`; `make check` compares the TypeScript with it."""
    assert json.loads(write.SCHEMA.read_text()) == json.loads(json.dumps(write.schema()))


@pytest.mark.parametrize("name", write.TYPES)
def test_every_example_is_of_its_record(name: str) -> None:
    """No field lacks, and none is left that the record no longer has; a missing example is a failure."""
    kept = json.loads((write.HERE / f"{name}.json").read_text())

    assert encoding.to_json(msgspec.convert(kept, write.TYPES[name])) == kept


def test_the_examples_of_today_have_the_shape_of_the_committed_ones() -> None:
    """A real board, endpoint and report write what vitest reads, the panel's replies included."""
    assert {name: shape(record) for name, record in write.examples().items()} == {
        name: shape(json.loads((write.HERE / f"{name}.json").read_text())) for name in write.TYPES
    }


def shape(value: object, data: bool = False) -> object:
    """Return the field names of a record, at every level; values, and keys that are data, do not count."""
    if isinstance(value, dict):
        return {key: shape(item) for key, item in value.items() if key not in DATA}
    return [shape(value[0])] if isinstance(value, list) and value and isinstance(value[0], dict) else None


DATA = ("metrics", "snippets", "alias_map", "versions", "row", "version", "a", "b", "prediction", "numbers")
"""Fields that hold names of the user's."""


def test_the_committed_formats_are_those_of_python() -> None:
    """`make wire` writes them; vitest compares the other writer with the same file."""
    assert json.loads(write.FORMATS.read_text(encoding="utf-8")) == json.loads(json.dumps(format_cases.cases()))
