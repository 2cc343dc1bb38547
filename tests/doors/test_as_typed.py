"""Requests as people type them: answered, or refused with the line to type; never an error of the server."""

from __future__ import annotations

import gzip
import io
import json
import zlib
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from tests.doors.sending import Endpoint

ROWS = pd.DataFrame({"amount": [1.5, 2.5, 3.5], "age": [20, 30, 40], "size": pd.Categorical([6, 8, 6])})
ONE = {"amount": 1.5, "age": 20, "size": 6}
FORM, PLAIN = "application/x-www-form-urlencoded", "text/plain"
CSV_TEXT = ROWS.to_csv(index=False).encode()


class Total:
    """Answers a number that changes with every column."""

    def predict(self, rows: pd.DataFrame) -> np.ndarray:
        """Return one number for each row."""
        return rows["amount"].to_numpy() + 100 * rows["age"].to_numpy() + 10_000 * rows["size"].astype(int).to_numpy()


EXPECTED = Total().predict(ROWS).tolist()
RECORDS = json.loads(ROWS.to_json(orient="records"))


@pytest.fixture(scope="module")
def endpoint() -> Endpoint:
    """A model of a number, an integer and a category of integers."""
    return Endpoint(ROWS, Total())


def form(name: str, content: bytes, kind: str = "") -> bytes:
    """Return what ``curl -F file=@NAME`` sends."""
    head = f'--b\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
    return (head + (f"Content-Type: {kind}\r\n" if kind else "") + "\r\n").encode() + content + b"\r\n--b--\r\n"


def parquet() -> bytes:
    sink = io.BytesIO()
    ROWS.to_parquet(sink)
    return sink.getvalue()


def arrow(file: bool) -> bytes:
    table, sink = pa.Table.from_pandas(ROWS), io.BytesIO()
    with (pa.ipc.new_file if file else pa.ipc.new_stream)(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue()


MULTIPART = "multipart/form-data; boundary=b"
LINES = b"\n".join(json.dumps(row).encode() for row in RECORDS)
JSON_BODY = json.dumps(RECORDS).encode()

ANSWERED: dict[str, tuple[bytes, str]] = {
    "curl -d '[…]'": (JSON_BODY, FORM),
    "text/plain with JSON": (JSON_BODY, PLAIN),
    "text/plain with CSV": (CSV_TEXT, PLAIN),
    "text/json": (JSON_BODY, "text/json; charset=utf-8"),
    "bytes without a type, JSON": (JSON_BODY, "application/octet-stream"),
    "bytes without a type, CSV": (CSV_TEXT, "application/octet-stream"),
    "bytes without a type, Parquet": (parquet(), "application/octet-stream"),
    "bytes without a type, Arrow": (arrow(False), "application/octet-stream"),
    "no type, CSV": (CSV_TEXT, ""),
    "no type, Parquet": (parquet(), ""),
    "curl --data-binary, CSV": (CSV_TEXT, FORM),
    "curl --data-binary, Parquet": (parquet(), FORM),
    "-F file=@x.csv": (form("x.csv", CSV_TEXT, "text/csv"), MULTIPART),
    "-F file=@x.csv of Windows": (form("x.csv", CSV_TEXT, "application/vnd.ms-excel"), MULTIPART),
    "-F file=@x.parquet": (form("x.parquet", parquet(), "application/octet-stream"), MULTIPART),
    "-F file=@x.json": (form("x.json", JSON_BODY, "application/json"), MULTIPART),
    "-F file=@x without a type": (form("x", CSV_TEXT), MULTIPART),
    "JSON Lines": (LINES, "application/x-ndjson"),
    "JSON Lines as jsonl": (LINES + b"\n\n", "application/jsonl"),
    "JSON Lines as JSON": (LINES, "application/json"),
    "JSON Lines in curl -d": (LINES, FORM),
    "a byte order mark, JSON": (b"\xef\xbb\xbf" + JSON_BODY, "application/json"),
    "a byte order mark, CSV": (b"\xef\xbb\xbf" + CSV_TEXT, "text/csv"),
    "a byte order mark and no type": (b"\xef\xbb\xbf" + JSON_BODY, ""),
    "UTF-16, CSV": (CSV_TEXT.decode().encode("utf-16"), "text/csv"),
    "Latin-1, CSV": (CSV_TEXT, "text/csv; charset=iso-8859-1"),
    "semicolons": (ROWS.to_csv(index=False, sep=";").encode(), "text/csv"),
    "semicolons and decimal commas": (ROWS.to_csv(index=False, sep=";", decimal=",").encode(), "text/csv"),
    "tabs": (ROWS.to_csv(index=False, sep="\t").encode(), "text/csv"),
    "tabs, by their type": (ROWS.to_csv(index=False, sep="\t").encode(), "text/tab-separated-values"),
    "CSV with an index": (ROWS.to_csv().encode(), "text/csv"),
    "CSV with spaces in its header": (CSV_TEXT.replace(b"amount,age", b"amount, age"), "text/csv"),
    "CSV with lines of Windows": (CSV_TEXT.replace(b"\n", b"\r\n"), "text/csv"),
    "1.0 for an integer in CSV": (CSV_TEXT.replace(b"20", b"20.0").replace(b"6", b"6.0"), "text/csv"),
    "quoted numbers in CSV": (CSV_TEXT.replace(b"20", b'"20"'), "text/csv"),
    "CSV with lines of an old Mac": (CSV_TEXT.replace(b"\n", b"\r"), "text/csv"),
    "CSV below empty lines": (b"\r\n\n" + CSV_TEXT, "text/csv"),
    "CSV with the delimiter of a spreadsheet": (b"sep=|\r\n" + ROWS.to_csv(index=False, sep="|").encode(), "text/csv"),
    "an Arrow file": (arrow(True), "application/vnd.apache.arrow.file"),
    "an Arrow file as a stream": (arrow(True), "application/vnd.apache.arrow.stream"),
    '"6" for a category of integers': (json.dumps([{**row, "size": str(row["size"])} for row in RECORDS]).encode(), ""),
    "1.0 for integers in JSON": (json.dumps([{**row, "age": float(row["age"])} for row in RECORDS]).encode(), ""),
    "pandas' to_json": (ROWS.to_json().encode(), "application/json"),
    "pandas' to_json of an array": (ROWS.to_json(orient="values").encode(), "application/json"),
    "pandas' to_json, split": (ROWS.to_json(orient="split").encode(), "application/json"),
    "pandas' to_json, index": (ROWS.to_json(orient="index").encode(), "application/json"),
    "pandas' to_json, table": (ROWS.to_json(orient="table").encode(), "application/json"),
    "lists by name": (json.dumps(ROWS.astype(float).to_dict("list")).encode(), "application/json"),
}


@pytest.mark.parametrize("typed", ANSWERED)
def test_what_people_type_is_answered(endpoint: Endpoint, typed: str) -> None:
    """Each body has the model's answers, whatever its type says."""
    body, kind = ANSWERED[typed]

    assert endpoint.predict(body, kind) == EXPECTED


def test_one_record_is_one_row(endpoint: Endpoint) -> None:
    """An object without a list around it is a row, with every type that JSON is sent by."""
    for kind in ("", "application/json", FORM, PLAIN):
        assert endpoint.predict(ONE, kind) == EXPECTED[:1]


REFUSED: dict[str, tuple[bytes, str, str]] = {
    "curl -d @x.csv, which has lost its lines": (CSV_TEXT.replace(b"\n", b""), FORM, "--data-binary @"),
    "a form of fields": (b"amount=1&age=2&size=6", FORM, "--json"),
    "a form of several files": (form("a.csv", CSV_TEXT)[:-7] + form("b.csv", CSV_TEXT), MULTIPART, "-F file=@rows.csv"),
    "a form of nothing": (b"--b--\r\n", MULTIPART, "-F file=@rows.csv"),
    "a form without a boundary": (b"x", "multipart/form-data", "form"),
    "a workbook": (b"PK\x03\x04" + bytes(100), "application/octet-stream", "Save the sheet as CSV"),
    "MLflow's form": (json.dumps({"dataframe_records": RECORDS}).encode(), "", "/invocations"),
    "records under a name": (json.dumps({"rows": RECORDS}).encode(), "", "The rows are under 'rows'"),
    "a row without a list around it": (b"[1.5, 20, 6]", "", "A list with one row is [[1.5, 20, 6]]"),
    "a text": (b'"rows.csv"', "", "Expected a list of records"),
    "an image": (b"\x89PNG", "image/png", "image/png"),
    "a gzip file without its header": (gzip.compress(CSV_TEXT), "text/csv", "Content-Encoding: gzip"),
    "the same as JSON": (gzip.compress(JSON_BODY), "application/json", "Content-Encoding: gzip"),
    "the same without a type": (gzip.compress(JSON_BODY), "", "Content-Encoding: gzip"),
    "the same as a file": (form("x.csv.gz", gzip.compress(CSV_TEXT)), MULTIPART, "Content-Encoding: gzip"),
    "an empty body": (b"", "", "The body is empty"),
    "an empty body as CSV": (b" \n", "text/csv", "The body is empty"),
    "the name of a file": (b"rows/x.parquet", FORM, "--data-binary @rows/x.parquet"),
    "a workbook as CSV": (b"PK\x03\x04" + bytes(100), "text/csv", "Save the sheet as CSV"),
    "CSV without a header": (b"1.5,20,6\n", "text/csv", "Put this line above the values: amount,age,size"),
    "CSV in Latin-1": ("amount,age,size\n1.5,20,ü\n".encode("latin-1"), "text/csv", "charset=latin-1"),
    "JSON in Latin-1": ('[{"size": "ü"}]'.encode("latin-1"), "application/json", "charset=latin-1"),
    "NaN": (b'[{"amount": NaN, "age": 20, "size": 6}]', "", "JSON has no NaN: write null"),
    "Python's own text": (b"[{'amount': 1.5}]", "", "between double quotes"),
    "Python's None": (b'[{"amount": None}]', "", "write null"),
    "thousands and decimals": (b"amount;age;size\n1.234,5;20;6\n", "text/csv", "got '1.234,5'"),
    "a point that may part thousands": (
        b"amount;age;size\n1,5;20;6\n2.500;20;6\n",
        "text/csv",
        "row 1, column 'amount'",
    ),
    "texts that are not of their charset": (b"\xff\xfe\x00", "text/csv; charset=utf-16", "utf-16"),
}


@pytest.mark.parametrize("typed", REFUSED)
def test_what_cannot_be_answered_says_what_to_type(endpoint: Endpoint, typed: str) -> None:
    """One line names what to send instead."""
    body, kind, line = REFUSED[typed]

    assert line in endpoint.refusal(body, kind)[1]


@pytest.mark.parametrize("kind", ["text/csv", "application/json"])
def test_no_part_of_a_compressed_body_is_taken_for_the_whole(kind: str) -> None:
    """A gzip body that is cut, has several members or something behind its end is 400; a whole one is answered."""
    rows = pd.concat([ROWS] * 400, ignore_index=True)
    endpoint = Endpoint(ROWS, Total())
    body = rows.to_csv(index=False).encode() if kind == "text/csv" else rows.to_json(orient="records").encode()
    packed = gzip.compress(body)

    assert len(endpoint.predict(packed, kind, content_encoding="gzip")) == 1200
    assert len(endpoint.predict(zlib.compress(body), kind, content_encoding="deflate")) == 1200
    for broken in (packed[: len(packed) // 2], packed[:-1], packed[:-8], packed + packed, packed + b"junk"):
        assert endpoint.refusal(broken, kind, content_encoding="gzip")[0] == 400
    for broken in (zlib.compress(body)[:-3], zlib.compress(body) + b"x"):
        assert endpoint.refusal(broken, kind, content_encoding="deflate")[0] == 400
    assert endpoint.refusal(body, kind, content_encoding="br")[0] == 415


def test_several_faults_of_a_row_are_told_together(endpoint: Endpoint) -> None:
    """A missing column and a wrong value are in one answer, in JSON and in CSV."""
    for body, kind in (
        (json.dumps([{"amount": "much", "size": 7}]).encode(), ""),
        (b"amount,size\nmuch,7\n", "text/csv"),
    ):
        response = endpoint.post(body, kind)
        found = {(problem["loc"][-1], problem["type"]) for problem in json.loads(response.body)["detail"]}
        assert found == {("age", "missing"), ("amount", "number_type"), ("size", "category")}


def test_a_missing_column_is_one_phrase(endpoint: Endpoint) -> None:
    """It is named with its kind, and a misspelt one with what was sent."""
    for body, kind in (([{"age": 1, "size": 6}], ""), (b"age,size\n1,6\n", "text/csv")):
        assert endpoint.refusal(body, kind)[1].endswith("Missing column 'amount' (number)")
    misspelt = [{"ammount": 1.5, "age": 1, "size": 6}] * 3
    for body in (misspelt, {"columns": {name: [value] for name, value in misspelt[0].items()}}):
        message = endpoint.refusal(body)[1]
        assert "Missing column 'amount' (number); 'ammount' was sent: did you mean 'amount'?" in message


@pytest.mark.parametrize("path", ["/predict", "/invocations", "/v2/models/doors/infer"])
def test_no_body_is_an_error_of_the_server(endpoint: Endpoint, path: str) -> None:
    """Anything sent as anything is answered or 4xx."""
    choice = np.random.default_rng(0)
    bodies = [body for body, _ in ANSWERED.values()] + [body for body, _, _ in REFUSED.values()]
    bodies += [bytes(choice.integers(0, 256, size)) for size in (0, 1, 7, 100)] + [body[:-9] for body in bodies]
    kinds = [
        "",
        "application/json",
        "text/csv",
        FORM,
        MULTIPART,
        PLAIN,
        "application/x-ndjson",
        "application/octet-stream",
    ]
    kinds += ["application/vnd.apache.arrow.stream", "application/vnd.apache.parquet", "text/csv; charset=nothing"]
    for body in bodies:
        for kind in kinds:
            response = endpoint.post(body, kind, path)
            assert response.status < 500, (body[:60], kind, response.body)


def test_answers_as_csv(endpoint: Endpoint) -> None:
    """With ``Accept: text/csv`` a value is a line; several values and records have a column each."""
    response = endpoint.post(ONE, accept="text/csv")
    assert (response.body, response.content_type) == (b"predict\n62001.5\n", "text/csv; charset=utf-8")

    class Several(Total):
        def predict_proba(self, rows: Any) -> np.ndarray:
            return np.tile([0.25, 0.75], (len(rows), 1))

        def transform(self, rows: pd.DataFrame) -> pd.DataFrame:
            return rows[["amount"]].assign(tags=[["a,b"]] * len(rows))

    several = Endpoint(ROWS, Several())
    assert several.post(ONE, path="/predict_proba", accept="text/csv").body == b"predict.0,predict.1\n0.25,0.75\n"
    written = pd.read_csv(io.BytesIO(several.post(ONE, path="/transform", accept="text/csv").body))
    assert written.to_dict("list") == {"amount": [1.5], "tags": ['["a,b"]']}


def test_errors_of_a_models_code_are_4xx_where_it_answers_other_rows() -> None:
    """A KeyError or patsy's PatsyError for a value is the value's fault; a model that fails always is the server's."""

    class Lookup:
        def predict(self, rows: pd.DataFrame) -> list[int]:
            return [{1.0: 1, 2.0: 2, 3.0: 3}[value] for value in rows["a"]]

    endpoint = Endpoint(pd.DataFrame({"a": [1.0, 2.0, 3.0]}), Lookup())

    assert endpoint.refusal([{"a": 9.0}]) == (422, "The model cannot take these values: KeyError: 9.0")


def test_error_of_a_formula_is_that_of_patsy() -> None:
    """statsmodels writes before it that a DataFrame is needed, which is not the fault of a value."""
    import statsmodels.formula.api as formulas

    shops = pd.DataFrame({"shop": ["north", "south", "east"] * 9, "sales": np.linspace(0, 1, 27)})
    endpoint = Endpoint(shops[["shop"]], formulas.ols("sales ~ C(shop)", shops).fit())

    status, message = endpoint.refusal([{"shop": "west"}])

    assert status == 422
    assert message.startswith("The model cannot take these values: PatsyError: Error converting data to categorical:")
    assert "'west'" in message


def test_columns_that_the_model_does_not_read_may_be_anything(endpoint: Endpoint) -> None:
    """Duplicate, sparse, complex, huge or nested columns beside those that are read never stop a request."""
    odd = ROWS.assign(
        huge=[2**70, 1, 2],
        complex=[1j, 2j, 3j],
        sparse=pd.arrays.SparseArray([0.0, 0.0, 1.0]),
        nested=[{"a": 1}, [1, "b"], None],
        what=[object(), print, int],
    )
    repeated = pd.concat([odd, odd[["huge", "complex"]]], axis=1)
    for frame in (odd, repeated):
        assert endpoint.client.predict(frame).tolist() == EXPECTED
    records = [{**row, "huge": 2**70, "nested": {"a": [1]}, "null": None} for row in RECORDS]
    assert endpoint.predict(records) == EXPECTED
    table = (
        pa.Table.from_pandas(ROWS).append_column("x", pa.array([1, 2, 3])).append_column("x", pa.array(["a", "b", "c"]))
    )
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    assert endpoint.predict(sink.getvalue(), "application/vnd.apache.arrow.stream") == EXPECTED


@pytest.mark.parametrize(
    ("verb", "path", "status", "line"),
    [
        ("GET", "/predict", 405, "Send POST."),
        ("POST", "/predit", 404, "Did you mean /predict?"),
        ("POST", "/x", 404, "/x"),
    ],
)
def test_a_wrong_method_or_path_is_refused_with_the_right_one(
    endpoint: Endpoint, verb: str, path: str, status: int, line: str
) -> None:
    """A browser's GET and a misspelt route are told what to send."""
    from mlops_magics.core.deploying.server.web.application import create_app

    response = create_app(endpoint.service).test_client().open(path, method=verb, data=b"[]")

    assert response.status_code == status
    assert response.json["message"].endswith(line)


def test_the_names_of_columns_in_csv_are_any_texts() -> None:
    """Quotes, line breaks, blanks and nothing at all."""
    rows = pd.DataFrame([[1.0, 2.0, 3.0, 4.0, 5.0]], columns=['a"b', "c\\d", "e\nf", "", " "])
    endpoint = Endpoint(rows)
    for sep in ",;\t":
        written = rows.to_csv(index=False, sep=sep).encode()
        assert endpoint.predict(written, "text/csv") == endpoint.predict(rows.to_dict("records"), "application/json")


def test_a_column_that_is_read_may_not_come_twice(endpoint: Endpoint) -> None:
    """Which of the two is meant nobody knows."""
    twice = pa.Table.from_pandas(ROWS).append_column("age", pa.array([1, 2, 3]))
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, twice.schema) as stream:
        stream.write_table(twice)

    assert "'age' is there twice" in endpoint.refusal(sink.getvalue(), "application/vnd.apache.arrow.stream")[1]
