"""Writes what TypeScript is generated from: the schema of every record on the wire, and one example of each.

``make wire`` runs this, then ``js/scripts/wire.mjs``. The examples come from a real board, endpoint and report.
"""

from __future__ import annotations

import importlib
import inspect
import json
import os
import pkgutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from mlops_magics.core import wire
from mlops_magics.core.wire import encoding, endpoint_records, panel_records, version_records
from mlops_magics.panel import verbs
from tests.wire import format_cases

PROJECT = "/rides"
"""Stands for the folder in which the examples were made."""
HERE = Path(__file__).parent
SCHEMA = HERE / "schema.json"
FORMATS = HERE / "formats.json"
"""Values as Python and TypeScript write them."""
MODULES = [importlib.import_module(f"{wire.__name__}.{found.name}") for found in pkgutil.iter_modules(wire.__path__)]
TYPES: dict[str, type] = {
    **{name: kind for module in MODULES for name, kind in getattr(module, "EXAMPLES", {}).items()},
    **{f"panel-{verb}": verbs.reply_type(verb) for verb in verbs.VERBS},
}
"""Each example's file, and the record that it holds."""
JSON_TYPES: dict[type, str] = {str: "string", int: "integer", float: "number", bool: "boolean", dict: "object"}


def schema() -> dict[str, Any]:
    """Return the JSON schema of all records, of the fields of each verb, and the verbs' addresses."""
    _, components = msgspec.json.schema_components(
        [
            *dict.fromkeys(
                [
                    *TYPES.values(),
                    version_records.Message,
                    version_records.Deleted,
                    endpoint_records.FormAnswer,
                    panel_records.Change,
                    panel_records.VerbList,
                ]
            )
        ],
        ref_template="#/definitions/{name}",
    )
    for component in components.values():
        component["required"] = list(component.get("properties", ()))  # what is sent has every field
        if "description" in component:  # msgspec removes the indent from 0.23 on
            component["description"] = inspect.cleandoc(component["description"])
    replies = {verb: {"$ref": f"#/definitions/{verbs.reply_type(verb).__name__}"} for verb in verbs.VERBS}
    examples = {name: kind.__name__ for name, kind in TYPES.items()}
    return {
        "definitions": {
            **components,
            "Replies": _object("What each verb of the panel answers.", replies, list(replies)),
            "Fields": _object(
                "What each verb of the panel takes.", {verb: _fields(verb) for verb in verbs.VERBS}, list(verbs.VERBS)
            ),
        },
        "addresses": {verb: list(address) for verb, address in verbs.ADDRESSES.items()},
        "examples": examples,
    }


def _fields(verb: str) -> dict[str, Any]:
    known = verbs.fields(verb)
    properties = {name: {"type": JSON_TYPES[kind]} for name, (kind, _) in known.items()}
    return _object("", properties, [name for name, (_, needed) in known.items() if needed])


def _object(description: str, properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    told = {"description": description} if description else {}
    return {**told, "type": "object", "properties": properties, "required": required}


def examples() -> dict[str, Any]:
    """Return one example of each record, from a real board, endpoint and report."""
    from tests.wire import example_session

    with tempfile.TemporaryDirectory() as folder, _state(folder), example_session.opened(Path(folder)) as session:
        found = {
            name: json.dumps(encoding.to_json(record)) for name, record in example_session.records(session).items()
        }
        return {
            name: json.loads(text.replace(folder, PROJECT).replace(Path(folder).name, PROJECT[1:]))
            for name, text in found.items()
        }


@contextmanager
def _state(folder: str) -> Iterator[None]:
    before = dict(os.environ)
    os.environ |= {"MLOPS_MAGICS_STATE": f"{folder}/state", "MLOPS_MAGICS_WARM_SPARE": "0"}
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def main() -> None:
    """Write the schema and the examples; with ``--schema`` the schema alone."""
    SCHEMA.write_text(json.dumps(schema(), indent=1) + "\n")
    FORMATS.write_text(json.dumps(format_cases.cases(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    if "--schema" in sys.argv:
        return
    for name, record in examples().items():
        (HERE / f"{name}.json").write_text(json.dumps(record, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
