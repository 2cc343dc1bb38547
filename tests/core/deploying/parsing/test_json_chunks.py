"""Long JSON lists are read a piece at a time: the same rows, the same faults, a fraction of the memory."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mlops_magics.core.deploying import Limits
from mlops_magics.core.deploying.contract.http_messages import Request
from mlops_magics.core.deploying.parsing.json_chunks import CHUNK_BYTES, split_rows
from mlops_magics.core.deploying.serving.loaded_model import LoadedModel
from mlops_magics.errors import DataMismatch
from tests.core.deploying.conftest import Pinned
from tests.core.deploying.service import service_of

NASTY = st.sampled_from(['},{"', "],[", '\\"', "}", '"', ",", "é😀", "a"])
VALUES = st.lists(NASTY, max_size=4).map("".join) | st.integers() | st.none() | st.lists(st.integers(), max_size=2)
RECORDS = st.lists(st.dictionaries(st.sampled_from(["a", "b},{", "c"]), VALUES, max_size=3), min_size=2)
LISTS = st.lists(st.lists(VALUES, max_size=3), min_size=2)


@example(rows=[[], [[-(2**63) - 1]]], size=1, indent=None)  # which JSON's reader makes a float
@given(rows=RECORDS | LISTS, size=st.integers(1, 40), indent=st.sampled_from([None, 1]))
def test_where_every_piece_is_json_the_pieces_are_the_whole(rows: list[Any], size: int, indent: int | None) -> None:
    """A cut within a text or a row never passes as a right one, whatever the texts hold and however it is written."""
    body = json.dumps(rows, indent=indent).encode()
    pieces = split_rows(body, size)
    if pieces is None:
        return
    found: list[Any] = []
    try:
        for piece in pieces:
            found += orjson.loads(piece)
    except orjson.JSONDecodeError:
        return
    assert found == orjson.loads(body)


def long_rows(pinned: Pinned, count: int = 40_000) -> list[dict[str, Any]]:
    """More rows than fit into two pieces."""
    rows = pinned.rows.sample(count, replace=True, random_state=0)
    return [dict(zip(rows.columns, row)) for row in rows.to_numpy().tolist()]


def predicted(pinned: Pinned, body: bytes, limits: Limits | None = None) -> tuple[int, dict[str, Any]]:
    answer = service_of(pinned, limits=limits).respond(Request("POST", "/predict", body=body))
    return answer.status, orjson.loads(answer.body)


@pytest.mark.parametrize("as_lists", [False, True])
def test_long_bodies_have_the_models_answers_in_order(line: Pinned, as_lists: bool) -> None:
    """Every row once, in its place, as records and as lists."""
    rows = long_rows(line)
    values = np.array([list(row.values()) for row in rows])
    body = orjson.dumps(values.tolist() if as_lists else rows)
    assert len(body) > 2 * CHUNK_BYTES

    status, told = predicted(line, body)

    assert status == 200
    np.testing.assert_allclose(told["predict"], values.sum(axis=1), rtol=1e-12)


def test_faults_of_every_piece_are_told_with_their_row(line: Pinned) -> None:
    """Up to the limit on problems, whichever pieces they are in; a wrong value echoes nothing but itself."""
    rows = long_rows(line)
    for place in (7, 20_000, 39_999):
        rows[place] = {**rows[place], "x2": "much"}

    status, told = predicted(line, orjson.dumps(rows))

    assert status == 422
    assert [fault["loc"] for fault in told["detail"]] == [["body", row, "x2"] for row in (7, 20_000, 39_999)]


def test_a_long_body_that_is_no_json_or_too_long_is_refused_as_a_short_one(line: Pinned) -> None:
    """400 with the place, and 413 as soon as there are too many rows."""
    body = orjson.dumps(long_rows(line))

    assert predicted(line, body[:-20])[0] == 400
    assert predicted(line, body + b"]")[0] == 400
    status, told = predicted(line, body, Limits(rows=30_000))
    assert (status, "30,000" in told["message"]) == (413, True)


def test_a_text_that_looks_like_the_end_of_a_row_is_read(totals: Pinned) -> None:
    """Where no cut is right the whole is read at once."""
    row = json.loads(totals.rows[:1].to_json(orient="records", date_format="iso"))[0]
    serving = LoadedModel(totals.version, totals.model)
    rows = [{**row, "city": 'x},{"' * 30}] * 20_000

    table = serving.table(orjson.dumps(rows), "")

    assert table.n_rows == 20_000
    with pytest.raises(DataMismatch, match="row 19999"):
        serving.table(orjson.dumps([*rows[:-1], {**row, "age": "old"}]), "")
