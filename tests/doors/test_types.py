"""What is asked is what is answered: every form and kind of training data through every door."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from mlops_magics.core.deploying.contract.http_messages import Request
from mlops_magics.core.deploying.contract.media import JSON
from mlops_magics.core.deploying.server.web.openapi import description
from mlops_magics.core.versioning.describing.prototype import frame_of
from tests.doors import types_page
from tests.doors.forms import forms
from tests.doors.table import BATCHED, CLIENT, EQUAL, NOT_WRITTEN, Cell, cells, service_of
from tests.doors.ways import DOORS, records

PAGE = Path(__file__).parents[2] / "docs" / "types.md"

CSV_DOORS = {"CSV", "CSV of a spreadsheet", "CSV in a form"}
STATED = (
    ("In CSV ", "objects: ids", CSV_DOORS),
    ("In CSV ", "category: int and str", CSV_DOORS),
    ("Expected a UUID, got an object", "objects: UUID", {"pandas' to_json"}),
    ("got a missing value", "float64 with infinities", {"pandas' to_json"}),
    ("The body is not a valid Arrow stream", "category: ", {"Arrow"}),
    ("Expected one of", "category: timedelta", {"Parquet"}),
    ("not valid UTF-8", "category: bytes", {"Open Inference, binary"}),
    ("its shape is", "category: tuple", {"Open Inference"}),
    ("its shape is", "category: complex", {"Open Inference", "Open Inference, binary"}),
    *(("got an object", kind, {"pandas' to_json"}) for kind in ("address", "bytearray", "category: UUID")),
    ("lost their offsets", "objects: datetime", {"Arrow", "Parquet"}),
    ("without a zone", "objects: time, zoned", {"Arrow", "Parquet"}),
    ("not a valid Parquet file", "category: UUID", {"Parquet"}),
)
"""The refusals, by what they contain: the kinds and the doors. In CSV ``6`` may be a text or a number; pandas' to_json
writes a UUID and others as an object, and infinity as null; Arrow has one offset for a column, and none for times of
day; Arrow's reader cannot read the categories of pandas that are periods or
intervals; pandas writes categories that are durations to Parquet as numbers."""


def is_stated(cell: Cell) -> bool:
    """Return whether a refusal is one of those that the page names."""
    return any(reason in cell.outcome and kind in cell.kind and cell.door in doors for reason, kind, doors in STATED)


def test_the_model_gets_its_training_rows_through_every_door() -> None:
    """Each cell is the very form, labels, dtypes and values of training, or a refusal that is stated: never others."""
    found = Counter("refused" if cell.status >= 400 else cell.outcome for cell in cells())
    wrong = [cell for cell in cells() if cell.outcome not in {EQUAL, NOT_WRITTEN} and not is_stated(cell)]

    print(f"{len(cells())} cells: {dict(found)}")
    assert not wrong, f"{len(wrong)} cells, such as {wrong[:3]}"
    assert all(400 <= cell.status < 500 for cell in cells() if cell.status not in {0, 200})
    assert len(cells()) > 5000


def test_our_own_client_takes_every_form_and_kind() -> None:
    """What was trained on can be handed to `Endpoint.predict` as it is, alone and in a batch."""
    refused = [cell for cell in cells() if cell.door in {CLIENT, BATCHED} and cell.outcome != EQUAL]

    assert refused == []


@pytest.mark.parametrize("door", DOORS)
def test_a_door_is_closed_to_few_kinds(door: str) -> None:
    """At most five of a hundred kinds are refused at a door."""
    tried = [cell for cell in cells() if cell.door == door and cell.outcome != NOT_WRITTEN]
    refused = [cell for cell in tried if cell.outcome != EQUAL]

    assert len(refused) <= 0.05 * len(tried)


def test_the_page_on_types_is_made_from_this_table() -> None:
    """`docs/types.md` is what `python -m tests.doors.types_page` writes."""
    assert PAGE.read_text(encoding="utf-8") == types_page.text(), "run: .venv/bin/python -m tests.doors.types_page"


def test_the_description_of_an_endpoint_takes_the_rows_of_training() -> None:
    """Each row is valid by the schema at `/openapi.json`, and the example shown there is answered, of every kind."""
    for form, kind, data in forms():
        service = service_of(data)
        shown = description(service)
        schema = {**shown["components"]["schemas"]["doors.row"], "components": shown["components"]}
        example = shown["paths"]["/predict"]["post"]["requestBody"]["content"][JSON].get("example")
        if example is None:  # of large arrays no row is kept
            assert "wide" in kind or "4 axes" in form
            continue

        for row in [*records(frame_of(data)), *example]:
            Draft202012Validator(schema).validate(row)
        response = service.respond(Request("POST", "/predict", "", {}, json.dumps(example).encode()))
        assert response.status == 200, (form, kind, response.body)
