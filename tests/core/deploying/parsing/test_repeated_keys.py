"""A key that one JSON object has twice is refused, since a parser would silently keep its last value."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import orjson
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops_magics.core.deploying.contract.http_error import HttpError
from mlops_magics.core.deploying.parsing import repeated_keys
from mlops_magics.core.deploying.parsing.json_chunks import CHUNK_BYTES
from tests.doors.sending import Endpoint

ROWS = pd.DataFrame({"price": [1.5, 2.5], "at": ["10:00", "a : b"], "n": [1, 2]})
PLAIN = '"price": 1.5, "at": "10:00", "n": 1'


class Total:
    """Answers with a number that shows which value it got."""

    def predict(self, rows: pd.DataFrame) -> np.ndarray:
        """Return one number for each row."""
        return rows["price"].to_numpy() + 100 * rows["n"].to_numpy()


@pytest.fixture(scope="module")
def endpoint() -> Endpoint:
    return Endpoint(ROWS, Total())


REFUSED = {
    "records": (f'[{{{PLAIN}}}, {{{PLAIN}, "n": 7}}]', "/predict", ["body", 1, "n"]),
    "one record": (f'{{{PLAIN}, "n": 7}}', "/predict", ["body", "n"]),
    "an escaped key": (f'[{{{PLAIN}, "\\u006e": 7}}]', "/predict", ["body", 0, "n"]),
    "beside a column that is not read": (f'[{{"id": 5, {PLAIN}, "price": 7}}]', "/predict", ["body", 0, "price"]),
    "JSON Lines": (f'{{{PLAIN}}}\n{{{PLAIN}, "n": 7}}', "/predict", ["body", 1, "n"]),
    "columns": ('{"columns": {"price": [1.5], "at": ["x"], "n": [1], "n": [2]}}', "/predict", ["body", "n"]),
    "split": ('{"columns": ["price", "at", "n"], "data": [[1, "x", 1]], "data": []}', "/predict", ["body", "data"]),
    "records by index": (f'{{"0": {{{PLAIN}, "n": 7}}}}', "/predict", ["body", "n"]),
    "MLflow": (f'{{"dataframe_records": [{{{PLAIN}, "n": 7}}]}}', "/invocations", ["body", "n"]),
}
ANSWERED = {
    "colons in texts": f'[{{{PLAIN}}}, {{"at": "a : b", "price": 1.5, "n": 1}}]',
    "a quote before a colon in a text": '{"price": 1.5, "at": "\\":", "n": 1}',
    "white space before colons": f"[{{{PLAIN}}}]".replace('":', '" \n:'),
    "a column that is not read, twice": f'[{{{PLAIN}, "id": 1, "id": 2}}]',
    "repeated keys within a column that is not read": f'[{{{PLAIN}, "more": {{"a": 1, "a": 2}}}}]',
    "columns that are not read, twice": '{"columns": {"price": [1.5], "at": ["x"], "n": [1], "z": 1, "z": [2]}}',
}


@pytest.mark.parametrize("form", REFUSED)
def test_a_key_that_is_there_twice_is_named(endpoint: Endpoint, form: str) -> None:
    """In every form and protocol, with its row."""
    body, path, place = REFUSED[form]
    response = endpoint.post(body.encode(), "application/json", path)
    refused = json.loads(response.body)

    assert response.status == 422
    assert f"The key {place[-1]!r} is there twice in one object" in refused["message"]
    assert [each["loc"] for each in refused["detail"]] == [place]


@pytest.mark.parametrize("form", ANSWERED)
def test_what_the_model_does_not_read_stops_no_request(endpoint: Endpoint, form: str) -> None:
    """Colons in texts are not keys, and columns that are not read may be there twice."""
    assert set(endpoint.predict(ANSWERED[form].encode(), "application/json")) == {101.5}


@pytest.mark.parametrize("count", [1, 200])
@pytest.mark.parametrize("unread", [{}, {"id": 1}, {f"x{place}": "1:2" for place in range(12)}])
def test_beside_columns_that_are_not_read_each_key_is_counted(
    endpoint: Endpoint, count: int, unread: dict[str, Any]
) -> None:
    """In short and long bodies, in any row, whether the rows have the same further columns or not."""
    rows = [json.dumps({"price": 1.5, "at": "10:00", "n": row} | unread) for row in range(count)]
    quick = endpoint.loaded.quick_rows
    assert quick(f"[{','.join(rows)}]".encode()) is not None

    for change in (lambda row: row.replace("}", ', "n": 7}'), lambda row: row.replace('"id": 1', '"n": 7')):
        changed = [*rows[:-1], change(rows[-1])]
        body = f"[{','.join(changed)}]".encode()
        assert changed == rows or "'n' is there twice" in endpoint.refusal(body, "application/json")[1]


def test_in_a_model_of_objects_every_key_counts() -> None:
    """A list of mappings is its training input, whose keys are the model's columns."""
    of_objects = Endpoint(pd.Series([{"a": 1}, {"b": 2}]))

    assert "'a' is there twice" in of_objects.refusal(b'[{"a": 1, "a": 2}]', "application/json")[1]


def test_the_row_is_that_of_the_whole_body(endpoint: Endpoint) -> None:
    """Also where a long body is read in pieces."""
    rows = [json.dumps({"price": float(row), "at": "10:00", "n": row}) for row in range(60_000)]
    rows[50_123] = rows[50_123].replace("}", ', "price": 7}')
    body = f"[{','.join(rows)}]".encode()

    assert len(body) > 2 * CHUNK_BYTES
    assert endpoint.refusal(body, "application/json")[1].startswith("Row 50123: The key 'price' is there twice")


VALUES = st.recursive(
    st.integers() | st.text(alphabet='":\\ a', max_size=4) | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from('ab":'), inner, max_size=3),
)


@given(value=VALUES, indent=st.sampled_from([None, 1]), separator=st.sampled_from([":", " : "]))
def test_json_without_repeated_keys_is_admitted(value: Any, indent: int | None, separator: str) -> None:
    """Whatever is in texts and keys, and however it is written."""
    body = json.dumps(value, indent=indent, separators=(",", separator)).encode()
    repeated_keys.admit_once(body, orjson.loads(body))


@given(value=VALUES, inner=st.booleans())
def test_a_repeated_key_is_found_at_any_depth(value: Any, inner: bool) -> None:
    """Beside and within anything."""
    twice = f'{{"k": 1, "k": {json.dumps(value)}}}'
    body = (f'[{json.dumps(value)}, {{"x": [{twice}]}}]' if inner else twice).encode()

    with pytest.raises(HttpError, match="'k' is there twice"):
        repeated_keys.admit_once(body, orjson.loads(body))


@pytest.mark.parametrize("where", [b'"n\xb9": 1', b'"other": "\xff"', b'"other": {"\xed\xa0\x80": [1]}'])
def test_T09_a_column_that_is_not_read_and_not_utf_8_is_refused(endpoint: Endpoint, where: bytes) -> None:
    """T9: The quick parser passes over it; the answer is 400, and never an error of the server."""
    body = f"[{{{PLAIN}}}, {{{PLAIN}, ".encode() + where + b"}]"

    assert endpoint.post(body, content_type="application/json").status == 400
