"""Every parser of a request's bytes: rows are answered or refused in one line, and never an error of the server.

CI tries about a hundred bodies for each format; `make fuzz` tries for longer.
"""

from __future__ import annotations

import gzip
import itertools
import json
import math
import zlib

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from mlops_magics.core.deploying.contract import arrow_size
from mlops_magics.core.deploying.contract.http_error import HttpError
from mlops_magics.core.deploying.contract.limits import Limits
from mlops_magics.core.deploying.parsing import parquet_size
from mlops_magics.core.deploying.server.guard import Guard
from mlops_magics.core.deploying.server.http.pressure import Pressure
from mlops_magics.core.deploying.server.http.received_request import ReceivedRequest
from mlops_magics.core.deploying.server.http.request_reader import RequestReader
from tests.core.mutations import foreign
from tests.doors.sending import Endpoint
from tests.doors.test_as_typed import arrow, form, parquet

QUICK = settings(deadline=None, suppress_health_check=list(HealthCheck), phases=set(Phase) - {Phase.shrink})
ROWS = pd.DataFrame({"amount": [1.5, 2.5, 3.5], "age": [20, 30, 40], "size": pd.Categorical([6, 8, 6])})
JSON_BODY, CSV_BODY = ROWS.to_json(orient="records").encode(), ROWS.to_csv(index=False).encode()
OIP = {"inputs": [{"name": name, "shape": [3], "datatype": "FP64", "data": ROWS[name].tolist()} for name in ROWS]}


class Total:
    """Answers a number that changes with every column."""

    def predict(self, rows: pd.DataFrame) -> np.ndarray:
        """Return one number for each row."""
        return rows["amount"].to_numpy() + rows["age"].to_numpy() + rows["size"].astype(int).to_numpy()


BODIES: dict[str, tuple[bytes, dict[str, str], str]] = {
    "Arrow": (arrow(False), {"content-type": "application/vnd.apache.arrow.stream"}, "/predict"),
    "Arrow file": (arrow(True), {"content-type": "application/vnd.apache.arrow.file"}, "/predict"),
    "Parquet": (parquet(), {"content-type": "application/vnd.apache.parquet"}, "/predict"),
    "gzip": (gzip.compress(JSON_BODY), {"content-encoding": "gzip"}, "/predict"),
    "deflate": (zlib.compress(CSV_BODY), {"content-encoding": "deflate", "content-type": "text/csv"}, "/predict"),
    "JSON": (JSON_BODY, {"content-type": "application/json"}, "/predict"),
    "CSV": (CSV_BODY, {"content-type": "text/csv"}, "/predict"),
    "form": (form("x.csv", CSV_BODY, "text/csv"), {"content-type": "multipart/form-data; boundary=b"}, "/predict"),
    "anything": (JSON_BODY, {"content-type": "application/octet-stream"}, "/predict"),
    "MLflow": (json.dumps({"inputs": ROWS.to_dict("list")}).encode(), {}, "/invocations"),
    "Open Inference": (json.dumps(OIP).encode(), {}, "/v2/models/doors/infer"),
}


@pytest.fixture(scope="module")
def endpoint() -> Endpoint:
    """A model of a number, an integer and a category of integers."""
    return Endpoint(ROWS, Total())


@pytest.mark.parametrize("format", BODIES)
def test_T09_fuzz_a_body_is_answered_or_refused_in_one_line(endpoint: Endpoint, format: str) -> None:
    """T9: Whatever the bytes of a format are, the answer is one number for each row, or a 4xx."""
    valid, headers, path = BODIES[format]
    headers = {name.replace("-", "_"): value for name, value in headers.items()}
    assert endpoint.post(valid, path=path, **headers).status == 200

    @QUICK
    @given(body=foreign(valid))
    def fuzz(body: bytes) -> None:
        response = endpoint.post(body, path=path, **headers)
        answer = json.loads(response.body)
        if response.status == 200:
            assert all(map(math.isfinite, answer.get("predict") or answer.get("predictions") or [0.0]))
        else:
            assert 400 <= response.status < 500, answer
            assert "\n" not in (answer.get("message") or answer["error"])

    fuzz()


@pytest.mark.parametrize("format", ["Arrow", "Parquet"])
def test_T09_fuzz_the_size_of_a_body_is_computed_or_refused(format: str) -> None:
    """T9: It is a number before anything is unpacked, whatever lengths the bytes name."""
    valid, _, _ = BODIES[format]

    @QUICK
    @given(body=foreign(valid))
    def fuzz(body: bytes) -> None:
        try:
            if format == "Arrow":
                assert arrow_size.unpacked_bytes(body) >= 0
                assert arrow_size.rows_declared(body) >= 0
            else:
                assert parquet_size.footer_bytes(body) >= 0
        except (ValueError, OSError, pa.ArrowException, IndexError, TypeError, KeyError, AttributeError):
            return  # what `bodies` reports as malformed

    fuzz()


HEAD = b"POST /predict HTTP/1.1\r\nHost: 127.0.0.1:8000\r\nContent-Type: application/json\r\n"
REQUESTS = {
    "length": HEAD + b"Content-Length: 2\r\n\r\n[]" + HEAD + b"Content-Length: 2\r\nConnection: close\r\n\r\n[]",
    "chunks": HEAD + b"Transfer-Encoding: chunked\r\n\r\n1\r\n[\r\n1\r\n]\r\n0\r\n\r\n",
    "gzip": HEAD + b"Content-Encoding: gzip\r\nContent-Length: 22\r\n\r\n" + gzip.compress(b"[]", mtime=0),
    "upgrade": HEAD + b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nContent-Length: 2\r\n\r\n[]",
    "old": b"GET /ping HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n",
}


def _read(reader: RequestReader, pieces: list[bytes]) -> HttpError | None:
    """Read pieces until one is refused, and return the refusal."""
    try:
        for piece in pieces:
            reader.read(piece)
    except HttpError as refused:
        return refused
    return None


@pytest.mark.parametrize("kind", REQUESTS)
def test_T10_fuzz_a_connection_yields_requests_or_is_closed(kind: str) -> None:
    """T10: However the bytes of a connection are changed and cut into pieces, they are requests or one refusal.

    A request that was read has a method, a path and a body of at most the limit.
    """
    limits = Limits(body_bytes=1000)

    @QUICK
    @given(data=foreign(REQUESTS[kind]), cuts=st.lists(st.integers(0, 400), max_size=4))
    def fuzz(data: bytes, cuts: list[int]) -> None:
        taken: list[ReceivedRequest] = []
        reader = RequestReader(Pressure(limits, Guard("127.0.0.1", None)), lambda waits: None, taken.append)
        places = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
        refused = _read(reader, [data[start:end] for start, end in itertools.pairwise(places)])
        reader.close()
        assert refused is None or (400 <= refused.code < 600 and "\n" not in str(refused))
        for each in taken:
            assert each.method
            assert each.path.startswith("/") or each.request.path == "*"
            assert len(each.body) <= limits.body_bytes

    fuzz()


def test_the_valid_requests_are_read() -> None:
    """Each by the same reader, so that the fuzzing begins where requests are."""
    for kind, data in REQUESTS.items():
        taken: list[ReceivedRequest] = []
        reader = RequestReader(Pressure(Limits(), Guard("127.0.0.1", None)), lambda waits: None, taken.append)
        reader.read(data)
        reader.close()
        assert len(taken) == (2 if kind == "length" else 1), kind
