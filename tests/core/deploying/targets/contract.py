"""What a version answers wherever it runs: the requests, and what of two answers has to be equal."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
import pytest

COMPARED = ("content-type", "x-model-version", "x-request-id", "x-warning")
"""Headers that are the same wherever a version answers."""


@dataclass(frozen=True)
class Answer:
    """Status, headers by their small names, and body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


Ask = Callable[[str, str, dict[str, str], bytes], Answer]


def requests_of(name: str, rows: pd.DataFrame) -> Iterator[tuple[str, str, dict[str, str], bytes]]:
    """Yield requests about a model: its protocols, forms and methods, and what it refuses."""
    records = json.loads(rows.head(4).to_json(orient="records", double_precision=15))
    columns = {column: [record[column] for record in records] for column in rows}
    tensors = [
        {
            "name": column,
            "shape": [len(values)],
            "datatype": "BYTES" if isinstance(values[0], str) else "FP64",
            "data": values,
        }
        for column, values in columns.items()
    ]
    outside = [{**records[0], "x2": 1e6}]
    as_json, named = {"Content-Type": "application/json"}, {"X-Request-Id": "asked-1"}
    for path, headers, value in (
        ("predict", as_json, records),
        ("predict", as_json, {"columns": columns}),
        ("predict", named, records[:1]),
        ("predict", named, records[0]),
        ("predict", named, outside),
        ("predict_proba", as_json, records),
        ("invocations", as_json, {"dataframe_records": records}),
        ("invocations", as_json, {"instances": records}),
        ("invocations", as_json, records),
        ("predict", as_json, [{**records[0], "x2": "much"}]),
        ("predict", as_json, [{"x2": 1}]),
        ("predict", as_json, []),
        ("nothing", as_json, records),
    ):
        yield "POST", f"/{name}/{path}", headers, json.dumps(value).encode()
    yield "POST", f"/{name}/predict", {"Content-Type": "text/csv"}, rows.head(3).to_csv(index=False).encode()
    yield "POST", f"/{name}/predict", {"Content-Type": "text/csv", "Accept": "text/csv"}, b"x"
    yield "POST", f"/{name}/predict", {"Content-Encoding": "br"}, b"x"
    yield "POST", f"/{name}/predict", as_json, b"[{"
    yield "POST", f"/v2/models/{name}/infer", as_json, json.dumps({"id": "7", "inputs": tensors}).encode()
    yield "POST", f"/v2/models/{name}/infer", as_json, b'{"inputs": []}'
    yield "GET", f"/v2/models/{name}", {}, b""
    yield "GET", f"/{name}/prototype", {}, b""
    yield "GET", f"/{name}/predict", {}, b""
    for path in ("/ping", "/v2/health/live", "/v2/health/ready"):
        yield "GET", path, {}, b""


def assert_equal(here: Answer, there: Answer, asked: tuple[str, str]) -> None:
    """Status and headers are equal, texts and trees too, floats to 1e-12."""
    assert there.status == here.status, (asked, there.body[:300])
    for name in COMPARED:
        if name != "x-request-id" or here.headers.get(name) == "asked-1":
            assert there.headers.get(name) == here.headers.get(name), (asked, name)
    if here.headers.get("content-type", "").startswith("application/json"):
        assert _same(json.loads(here.body), json.loads(there.body)), (asked, here.body[:300], there.body[:300])
    else:
        assert here.body == there.body, asked


def _same(here: Any, there: Any) -> bool:
    if isinstance(here, dict):
        return isinstance(there, dict) and here.keys() == there.keys() and all(_same(here[k], there[k]) for k in here)
    if isinstance(here, list):
        return isinstance(there, list) and len(here) == len(there) and all(map(_same, here, there))
    if isinstance(here, float) and isinstance(there, float):
        return here == pytest.approx(there, rel=1e-12, abs=1e-12)
    return type(here) is type(there) and here == there
