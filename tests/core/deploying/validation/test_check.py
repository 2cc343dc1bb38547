"""What a model accepts, and what is said about everything else."""

from __future__ import annotations

from typing import Any

import numpy as np
import orjson
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlops_magics.core.deploying.contract import media
from mlops_magics.core.deploying.contract.http_error import HttpError
from mlops_magics.core.deploying.contract.limits import Limits
from mlops_magics.core.deploying.parsing import bodies, packed_floats
from mlops_magics.core.deploying.parsing.json_records import RecordDecoder
from mlops_magics.core.deploying.validation.check import Check
from mlops_magics.core.deploying.validation.layout import Layout, Rows
from mlops_magics.core.deploying.validation.model_input import frame as frame_of
from mlops_magics.core.versioning import Prototype
from mlops_magics.errors import DataMismatch
from tests.core.deploying.conftest import mixed, numbers

RECORD = {"age": 40, "income": 31.5, "member": True, "size": "M", "city": "Rome", "since": "2024-03-01T00:00:00"}


@pytest.fixture
def check() -> Check:
    return Check(Layout(Prototype.from_data(mixed())))


def problems(check: Check, **changes: Any) -> list[tuple[Any, Any]]:
    with pytest.raises(DataMismatch) as caught:
        check.records([RECORD, {**RECORD, **changes}])
    return [(problem["loc"], problem["type"]) for problem in caught.value.problems]


def test_a_table_becomes_the_frame_of_training(check: Check) -> None:
    """Columns come back in the prototype's order and dtypes, whatever the order of the record."""
    frame = frame_of(check.records([dict(reversed(RECORD.items()))]))

    assert frame.dtypes.to_dict() == mixed().dtypes.to_dict()
    assert frame.loc[0, "since"] == pd.Timestamp("2024-03-01")


@pytest.mark.parametrize(
    ("column", "value", "kind"),
    [
        ("age", "40", "integer_type"),
        ("age", 40.5, "integer_type"),
        ("age", True, "integer_type"),
        ("age", 2**70, "integer_type"),
        ("age", None, "missing_value"),
        ("income", "much", "number_type"),
        ("income", [1], "number_type"),
        ("income", 10**400, "number_type"),
        ("member", 1, "boolean_type"),
        ("size", "XL", "category"),
        ("size", {}, "category"),
        ("city", 7, "string_type"),
        ("since", "soon", "datetime_type"),
        ("since", 10**20, "datetime_type"),
    ],
)
def test_each_fault_names_row_column_and_kind(check: Check, column: str, value: Any, kind: str) -> None:
    """What does not fit is named by row and column, with a word for machines."""
    assert problems(check, **{column: value}) == [(["body", 1, column], kind)]


def test_all_faults_are_told_at_once(check: Check) -> None:
    """One answer names every problem, not only the first."""
    assert len(problems(check, age="x", member="y", size="z")) == 3


def test_a_fault_shows_the_offending_value_only(check: Check) -> None:
    """Nothing of the other values is echoed, and a long value is cut."""
    with pytest.raises(DataMismatch) as caught:
        check.records([{**RECORD, "city": "SECRET", "age": "v" * 500}])

    told = str(caught.value.problems) + str(caught.value)
    assert "SECRET" not in told
    assert "v" * 30 in told
    assert "v" * 100 not in told


@pytest.mark.parametrize("missing", [None, "NA"])
def test_missing_values_pass_where_training_had_some(check: Check, missing: Any) -> None:
    """null is a missing value where training had some; so is R's "NA" in columns that cannot hold texts."""
    frame = frame_of(check.records([{**RECORD, "income": missing, "city": missing}]))

    assert frame["income"].isna().all()
    assert frame["city"].tolist() == ([missing] if missing else frame["city"][frame["city"].isna()].tolist())


@pytest.mark.parametrize("values", [[True, None, False], [1, None, 3], ["a", None, "b"], [1.5, None, 2.5]])
def test_missing_values_in_a_column_of_objects_stay_missing(values: list[Any]) -> None:
    """None becomes the truth value or the number that it would be cast to."""
    trained = pd.DataFrame({"asked": pd.Series(values, dtype="object")})
    check = Check(Layout(Prototype.from_data(trained)))

    for frame in (frame_of(check.records(trained.to_dict("records"))), frame_of(check.columns({"asked": values}))):
        assert frame["asked"].isna().tolist() == [False, True, False]
        assert frame["asked"].dropna().tolist() == [values[0], values[2]]


def test_dates_are_read_as_iso_and_as_milliseconds(check: Check) -> None:
    """Text without an offset or in UTC, and epoch milliseconds, give the same moment; another offset is refused."""
    given = ["2024-03-01T00:00:00", "2024-03-01T00:00:00+00:00", "2024-03-01T00:00:00Z", 1709251200000]
    assert problems(check, since="2024-03-01T02:00:00+02:00") == [(["body", 1, "since"], "datetime_zone")]

    frame = frame_of(check.records([{**RECORD, "since": moment} for moment in given]))

    assert set(frame["since"]) == {pd.Timestamp("2024-03-01")}


def test_extra_columns_are_ignored_or_refused_by_setting() -> None:
    """`extras` decides about columns that the model does not read."""
    layout = Layout(Prototype.from_data(numbers()))
    row = dict.fromkeys(layout.names, 0.5) | {"more": 1}

    assert Check(layout).records([row]).n_rows == 1
    with pytest.raises(DataMismatch, match="reads no column"):
        Check(layout, extras="refuse").records([row])


def test_values_outside_the_training_range_are_marked(check: Check) -> None:
    """A number or a date beyond what training saw passes, and is reported by its column."""
    table = check.records([RECORD, {**RECORD, "age": 1000}, {**RECORD, "since": "2031-01-01"}])

    marked = check.outside(table)

    assert marked is not None
    assert marked.sum() == 2
    numeric, dated = check.warnings(marked)
    assert numeric.startswith("age: 1 value outside the training range [")
    assert dated.startswith("since: 1 value outside the training range [2024-01-0")


@pytest.mark.parametrize("empty", [b"[]", b'{"columns": {}}', b'{"columns": [], "data": []}'])
def test_no_rows_is_a_fault_of_the_data(check: Check, empty: bytes) -> None:
    """An empty request is answered, not guessed at."""
    with pytest.raises(DataMismatch):
        bodies.table(empty, "", check)


@pytest.mark.parametrize(
    "text", [b"", b"{", b"[NaN]", b"[Infinity]", b"nul", b"\xff\xfe", b"[" * 100_000, b'[{"a":1,}]']
)
def test_what_is_no_json_is_malformed(check: Check, text: bytes) -> None:
    """NaN and Infinity literals, cut or deeply nested JSON are refused as 400."""
    with pytest.raises(HttpError) as caught:
        bodies.table(text, "application/json", check)

    assert caught.value.code == 400


def test_limits_refuse_too_many_rows_columns_and_values() -> None:
    """Each limit is a 413, before memory is spent on it."""
    check = Check(Layout(Prototype.from_data(numbers())), limits=Limits(rows=3, columns=8, decoded_bytes=6_000))
    row = dict.fromkeys(check.layout.names, 0.5)

    for body in ([row] * 4, [{**row, **{str(place): 0 for place in range(20)}}], [[0.5] * 60] * 3):
        with pytest.raises(HttpError) as caught:
            bodies.table(orjson.dumps(body), "", check)
        assert caught.value.code == 413


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    body=st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_any_json_is_either_a_table_or_a_refusal(check: Check, body: Any) -> None:
    """Nothing that can be written as JSON ends in another error."""
    try:
        text = orjson.dumps(body)
    except TypeError:
        return
    with pytest.raises((HttpError, DataMismatch)):
        bodies.table(text, "", check)


def test_quick_and_explaining_way_agree() -> None:
    """The typed decoder gives the table that the explaining check gives, or nothing."""
    rows = mixed()
    layout = Layout(Prototype.from_data(rows))
    check = Check(layout)
    body = rows.to_json(orient="records", date_format="iso").encode()

    quick = RecordDecoder(layout, forbid_extras=False, most_columns=100).rows(body)

    assert quick is not None
    pd.testing.assert_frame_equal(frame_of(check.table([Rows(quick)])), frame_of(bodies.table(body, "", check)))
    pd.testing.assert_frame_equal(frame_of(check.table([Rows(quick)])), rows, check_dtype=False)


@settings(max_examples=50, deadline=None)
@given(
    values=st.lists(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=3, max_size=3), min_size=1),
    names=st.lists(st.text(st.characters(codec="utf-8"), min_size=1), min_size=3, max_size=3, unique=True),
)
def test_packed_floats_are_the_floats_that_were_sent(values: list[list[float]], names: list[str]) -> None:
    """Records and columns of floats become a matrix bit for bit, whatever they are called; a missing one is seen."""
    rows = pd.DataFrame(values, columns=names)
    decoder = RecordDecoder(Layout(Prototype.from_data(rows)), forbid_extras=False, most_columns=100)
    records = decoder.records(orjson.dumps(rows.to_dict(orient="records")))
    columns = decoder.columns(orjson.dumps({"columns": rows.to_dict(orient="list")}))
    if records is None or columns is None:  # a name that JSON escapes goes the slow way
        return

    np.testing.assert_array_equal(decoder.matrix(records), rows.to_numpy())
    np.testing.assert_array_equal(np.stack(list(columns.values())).T, rows.to_numpy())
    assert packed_floats.column([1.0, None, 2.0]) is None


def test_every_format_gives_the_same_rows(check: Check) -> None:
    """Records, columns, split form, CSV, Arrow and Parquet of one frame are one table."""
    import io

    import pyarrow as pa

    rows = mixed()
    arrow, parquet = io.BytesIO(), io.BytesIO()
    table = pa.Table.from_pandas(rows, preserve_index=False)
    with pa.ipc.new_stream(arrow, table.schema) as stream:
        stream.write_table(table)
    rows.to_parquet(parquet)
    columns = {name: orjson.loads(rows[name].to_json(orient="values", date_format="iso")) for name in rows}
    sent = {
        "application/json": rows.to_json(orient="records", date_format="iso").encode(),
        "application/json; charset=utf-8": orjson.dumps({"columns": columns}),
        "": rows.to_json(orient="split", index=False, date_format="iso").encode(),
        "text/csv": rows.assign(member=rows["member"].map({True: "true", False: "false"})).to_csv(index=False).encode(),
        media.ARROW: arrow.getvalue(),
        media.PARQUET: parquet.getvalue(),
    }

    for kind, body in sent.items():
        found = frame_of(bodies.table(body, kind, check))
        pd.testing.assert_frame_equal(found, rows, check_dtype=False, obj=kind or "split")


@pytest.mark.parametrize("kind", [media.ARROW, media.PARQUET, media.CSV])
def test_broken_binary_bodies_are_malformed(check: Check, kind: str) -> None:
    """Bytes that are not what the content type says are refused, never a crash."""
    choice = np.random.default_rng(0)
    for size in (0, 1, 8, 300):
        with pytest.raises((HttpError, DataMismatch)):
            bodies.table(choice.bytes(size), kind, check)


def test_an_unknown_content_type_is_refused(check: Check) -> None:
    """A pickle, an image or anything else is 415; a form without a file is malformed."""
    expected = {
        "application/vnd.apache.pickle": 415,
        "image/png": 415,
        "multipart/form-data; boundary=x": 400,
        "application/x-www-form-urlencoded": 400,
    }
    for kind, status in expected.items():
        with pytest.raises(HttpError) as caught:
            bodies.table(b"x", kind, check)
        assert caught.value.code == status


@pytest.mark.parametrize("name", ['say "hi"', "back\\slash", "tab\there", "\0", "__proto__", "<b>", "\u202eno"])
def test_any_name_of_a_column_is_answered(name: str) -> None:
    """Names that JSON escapes go the slow way, and give the same rows."""
    layout = Layout(Prototype.from_data(pd.DataFrame({name: [1.0, 2.0], "x": [3.0, 4.0]})))
    body = orjson.dumps([{name: 1.5, "x": 2.5}])
    decoder = RecordDecoder(layout, forbid_extras=False, most_columns=100)

    assert decoder.rows(body) in (None, [(1.5, 2.5)])
    assert bodies.table(body, media.JSON, Check(layout)).array().tolist() == [[1.5, 2.5]]


def test_a_wrong_number_in_a_csv_column_is_named_alone(check: Check) -> None:
    """The rows around it are not blamed; two columns of one name are refused."""
    names = check.layout.names
    row = dict(zip(names, [40, 20.5, True, "S", "Bern", "2024-02-03"]))
    lines = [",".join(map(str, {**row, "age": "old" if place == 70 else 40}.values())) for place in range(90)]

    with pytest.raises(DataMismatch, match="'old'") as caught:
        bodies.table("\n".join([",".join(names), *lines]).encode(), "text/csv", check)
    assert [fault["loc"] for fault in caught.value.problems] == [["body", 70, "age"]]
    with pytest.raises(HttpError, match="distinct"):
        bodies.table(b"age,age\n1,2\n", "text/csv", check)
