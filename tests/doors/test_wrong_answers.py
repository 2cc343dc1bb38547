"""Seven ways in which an answer could be wrong without notice, each closed in every door."""

from __future__ import annotations

import datetime as dt
import io
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from sklearn.base import BaseEstimator
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

import mlops_magics as mm
from mlops_magics.errors import DataMismatch, InvalidInput
from tests.doors.columns import objects
from tests.doors.sending import Endpoint
from tests.doors.ways import DOORS, CannotWrite, request

TEXTS = ["a good film", "a bad film", "great fun", "an awful bore", "good fun", "bad and awful"]
LIKED = [1, 0, 1, 0, 1, 0]


def sends_of(texts: list[str]) -> list[Any]:
    """Return texts in every form in which they can be handed to `predict`."""
    return [
        texts,
        tuple(texts),
        np.array(texts),
        pd.Series(texts),
        pd.Series(texts, name="review", index=[f"row {place}" for place in range(len(texts))]),
        pd.DataFrame({"review": texts}),
        pd.DataFrame({"anything": texts}),
        [{"text": text} for text in texts],
        [[text] for text in texts],
        pl.Series(texts),
        pl.DataFrame({"text": texts}),
        pa.table({"text": texts}),
    ]


@pytest.mark.parametrize("form", ["Series", "list", "array", "polars"])
def test_1_a_model_of_texts_answers_each_text(form: str) -> None:
    """A model that was trained on a Series, a list or an array of texts answers what it answers in training."""
    make = {"Series": pd.Series, "list": list, "array": np.array, "polars": pl.Series}[form]
    model = make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(list(TEXTS), LIKED)
    endpoint = Endpoint(make(TEXTS), model)
    expected = model.predict(TEXTS).tolist()
    assert len(set(expected)) == 2

    assert [list(endpoint.client.predict(texts)) for texts in sends_of(TEXTS)] == [expected] * 12
    assert [endpoint.predict([text])[0] for text in TEXTS] == expected
    for body in (TEXTS, [{"text": text} for text in TEXTS], {"columns": {"x": TEXTS}}, [[text] for text in TEXTS]):
        assert endpoint.predict(body) == expected
    assert endpoint.predict("\n".join(["text", *TEXTS]).encode(), "text/csv") == expected


def test_1_the_form_of_training_is_kept_with_the_version(tmp_path: Path) -> None:
    """Through a board and back, a version knows the form of its training input."""
    session = mm.Session(board=tmp_path / "board")
    model = make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(TEXTS, LIKED)

    session.pin(model, "films", data=pd.Series(TEXTS, name="review"), truth=LIKED)

    assert session.version("films").prototype.form.kind == "series"
    assert session.predict("films", TEXTS).tolist() == model.predict(TEXTS).tolist()


INTEGERS = ["int8", "int16", "int32", "uint8", "uint16", "uint32", "Int8", "UInt16", "int8[pyarrow]", "uint32[pyarrow]"]


@pytest.mark.parametrize("dtype", INTEGERS)
@pytest.mark.parametrize("whole", [True, False], ids=["all columns", "one column"])
def test_2_integers_never_wrap(dtype: str, whole: bool) -> None:
    """A number that the dtype of training cannot hold is 422 in every door; the largest one is answered."""
    trained = pd.DataFrame({"a": pd.Series([1, 2, 3], dtype=dtype)})
    trained = trained if whole else trained.assign(b=["x", "y", "z"])
    endpoint = Endpoint(trained)
    bits = int("".join(filter(str.isdigit, dtype)))
    most = 2**bits - 1 if dtype.lower().startswith("u") else 2 ** (bits - 1) - 1

    for value in (most + 1, -most - 2):
        asked = pd.DataFrame({"a": [value]}) if whole else pd.DataFrame({"a": [value], "b": ["x"]})
        for door in DOORS:
            response = endpoint.service.respond(request(door, asked))
            assert response.status == 422, (door, response.body)
        with pytest.raises(DataMismatch, match=dtype.split("[")[0]):
            endpoint.client.predict(asked)
    row = {"a": most} if whole else {"a": most, "b": "x"}
    assert str(most) in endpoint.predict([row])[0]


@pytest.mark.parametrize("dtype", ["int8", "float32", "float16"])
def test_2_numbers_of_arrays_neither_wrap_nor_become_infinite(dtype: str) -> None:
    """An array of small numbers takes no larger ones, in rows of two axes and in images."""
    for shape in ((3, 2), (3, 2, 2)):
        endpoint = Endpoint(np.ones(shape, dtype=dtype))
        large = np.full(shape, 1e300 if dtype != "int8" else 300).tolist()
        assert endpoint.refusal(large)[0] == 422
        assert endpoint.predict(np.ones(shape).tolist())


@pytest.mark.parametrize("door", DOORS)
def test_3_na_is_a_text_where_null_can_be_sent(door: str) -> None:
    """Namibia's country code reaches the model, and a missing value stays one, in one column."""
    trained = pd.DataFrame({"country": ["NA", "CH", None, "NA"], "n": [1.0, 2.0, 3.0, 4.0]})
    endpoint = Endpoint(trained)
    try:
        asked = request(door, trained)
    except CannotWrite:
        assert door == "Open Inference, binary"
        return

    response = endpoint.service.respond(asked)

    assert response.status == 200
    assert response.body.decode().count("str 'NA'") == 2
    assert response.body.decode().count("float nan") == 1


def test_3_missing_words_of_csv() -> None:
    """Known categories and texts of training win over the list of missing words; quotes make a word a text."""
    codes = pd.DataFrame({"c": pd.Categorical(["NA", "CH", None]), "t": ["x", None, "y"], "n": [1.0, np.nan, 2.0]})
    endpoint = Endpoint(codes)

    rows = endpoint.predict(b'c,t,n\nNA,NA,NA\n,"NA",null\nCH,NaN,nan\n', "text/csv")

    assert [row.split(" | ")[0].endswith("str 'NA'") for row in rows] == [True, False, False]
    assert [row.split(" | ")[1].endswith(kept) for row, kept in zip(rows, ("float nan", "str 'NA'", "str 'NaN'"))] == [
        True
    ] * 3
    assert all(row.endswith("float nan") for row in rows)
    unseen = Endpoint(pd.DataFrame({"t": ["x", "y"], "n": [1.0, 2.0]}))
    assert "missing value" in unseen.refusal(b"t,n\nNA,1\n", "text/csv")[1]


CATEGORIES = {
    "interval": lambda: pd.cut(pd.Series([1.0, 2.0, 3.0, 4.0]), 2),
    "date": lambda: pd.Series(pd.Categorical([dt.date(2024, 1, 1), dt.date(2024, 1, 2)] * 2)),
    "timestamp": lambda: pd.Series(pd.Categorical([pd.Timestamp("2024-01-01"), pd.Timestamp("2024-01-02")] * 2)),
    "int": lambda: pd.Series(pd.Categorical([4, 8] * 2)),
    "bool": lambda: pd.Series(pd.Categorical([True, False] * 2)),
}


@pytest.mark.parametrize("kind", CATEGORIES)
def test_4_categories_are_those_of_training(kind: str) -> None:
    """A one-hot encoder that was fitted on categories finds them in every door: no row is all zeros."""
    column = CATEGORIES[kind]()
    trained = pd.DataFrame({"c": column})
    encoder = OneHotEncoder(sparse_output=False).fit(trained.astype(object))

    class Encoded(BaseEstimator):
        def predict(self, rows: pd.DataFrame) -> np.ndarray:
            assert rows["c"].dtype == column.dtype
            return encoder.transform(rows.astype(object)) @ np.arange(1.0, 3.0)

    endpoint = Endpoint(trained, Encoded())
    expected = Encoded().predict(trained).tolist()
    assert set(expected) == {1.0, 2.0}

    assert endpoint.client.predict(trained).tolist() == expected
    texts = trained.astype(str).to_dict("records")
    assert endpoint.predict(texts) == expected, "the texts of the categories"
    refused = []
    for door in DOORS:
        try:
            response = endpoint.service.respond(request(door, trained))
        except CannotWrite:
            continue
        if response.status != 200:
            refused.append(door)
        else:
            assert [float(value) for value in _values(response.body)] == expected, door
    assert refused == (["Arrow"] if kind == "interval" else []), "Arrow's reader does not know these categories"


def _values(body: bytes) -> list[Any]:
    import json

    found = json.loads(body)
    return list(found.get("predict") or found.get("predictions") or found["outputs"][0]["data"])


def test_5_none_stays_none() -> None:
    """A transformer that asks ``v is None``, and an imputer whose missing value is None, get None from every door."""

    class Nones(BaseEstimator):
        def predict(self, rows: pd.DataFrame) -> list[bool]:
            return [value is None for value in rows["t"]]

    trained = pd.DataFrame({"t": objects("a", None, "c"), "n": [1.0, 2.0, 3.0]})
    endpoint = Endpoint(trained, Nones())
    for door in DOORS:
        try:
            response = endpoint.service.respond(request(door, trained))
        except CannotWrite:
            continue
        assert _values(response.body) == [False, True, False], door
    assert list(endpoint.client.predict(trained)) == [False, True, False]

    imputer = SimpleImputer(missing_values=None, strategy="most_frequent").fit(trained[["t"]])

    class Imputed(BaseEstimator):
        def predict(self, rows: pd.DataFrame) -> list[Any]:
            return imputer.transform(rows[["t"]])[:, 0].tolist()

    assert list(Endpoint(trained, Imputed()).client.predict(trained)) == ["a", "a", "c"]


NAIVE = pd.DataFrame({"t": pd.to_datetime(["2024-07-01 12:00", "2024-01-01 12:00"])})
ZONED = pd.DataFrame({"t": NAIVE["t"].dt.tz_localize("Europe/Zurich")})
WRONG = {
    "naive": (NAIVE, ZONED, "2024-07-01T12:00:00+02:00"),
    "zoned": (ZONED, NAIVE, "2024-07-01T12:00:00"),
}


@pytest.mark.parametrize("trained", WRONG)
def test_6_no_time_is_shifted(trained: str) -> None:
    """A time without a zone for a column that has one, and the reverse, is 422 in every door, with what to send."""
    frame, other, text = WRONG[trained]
    endpoint = Endpoint(frame)

    assert endpoint.predict([{"t": frame["t"][0].isoformat()}]) == [endpoint.client.predict(frame)[0]]
    status, message = endpoint.refusal([{"t": text}])
    assert (status, "zone" in message) == (422, True)
    for door in DOORS:
        response = endpoint.service.respond(request(door, other))
        if (trained, door) == ("naive", "pandas' to_json"):  # it writes the moment in UTC, whatever the zone was
            assert "UTC" in dict(response.headers)["X-Warning"]
        else:
            assert response.status == 422, door
    with pytest.raises(DataMismatch, match="zone"):
        endpoint.client.predict(other)


def test_6_the_same_moment_in_any_zone() -> None:
    """Offsets, names of zones, UTC and milliseconds mean a moment; the model sees it in the zone of training."""
    endpoint = Endpoint(ZONED)
    moment = ZONED["t"][0]
    expected = endpoint.client.predict(ZONED)[0]
    texts = [
        "2024-07-01T12:00:00+02:00",
        "2024-07-01T10:00:00Z",
        "2024-07-01T06:00:00-04:00",
        "2024-07-01 12:00:00+02:00",
    ]

    assert endpoint.predict([{"t": text} for text in texts]) == [expected] * 4
    assert endpoint.predict([{"t": int(moment.timestamp() * 1000)}]) == [expected]
    for zone in ("UTC", "America/New_York", "+05:30", "Europe/Zurich"):
        for unit in ("s", "ms", "us", "ns"):
            table = pa.table({"t": pa.array([moment], pa.timestamp(unit, tz=zone))})
            assert list(endpoint.client.predict(table)) == [expected], (zone, unit)
    gap = pd.Timestamp("2024-03-31T01:30:00", tz="UTC")
    assert "2024-03-31 03:30:00+0200" in endpoint.predict([{"t": gap.isoformat()}])[0]


def test_6_utc_keeps_its_digits_in_a_column_without_a_zone() -> None:
    """JavaScript writes every time with a Z: its digits are those of training, so they are not shifted."""
    endpoint = Endpoint(NAIVE)

    response = endpoint.post([{"t": "2024-07-01T12:00:00.000Z"}])

    assert b"2024-07-01 12:00:00" in response.body
    assert "t: times in UTC are read as they are written" in dict(response.headers)["X-Warning"]
    assert "X-Warning" not in dict(endpoint.post([{"t": "2024-07-01T12:00:00"}]).headers)


def test_6_years_that_nanoseconds_cannot_hold() -> None:
    """Dates before 1678 are answered where training was in microseconds, and 422 where it was in nanoseconds."""
    for unit, answered in (("us", True), ("s", True), ("ns", False)):
        endpoint = Endpoint(pd.DataFrame({"t": NAIVE["t"].astype(f"datetime64[{unit}]")}))
        old = pa.table({"t": pa.array([dt.datetime(1500, 1, 1)], pa.timestamp("us"))})
        if answered:
            assert "1500-01-01" in endpoint.predict([{"t": "1500-01-01T00:00:00"}])[0]
            assert "1500-01-01" in endpoint.client.predict(old)[0]
        else:
            assert endpoint.refusal([{"t": "1500-01-01T00:00:00"}])[0] == 422
            with pytest.raises(DataMismatch):
                endpoint.client.predict(old)


class Never(BaseEstimator):
    """Answers its training rows only as the very object that it was fitted on."""

    def fit(self, rows: Any, truth: Any) -> Never:
        """Keep the rows."""
        self.kept_ = rows
        return self

    def predict(self, rows: Any) -> np.ndarray:
        """Answer rows of the type of training, with a mark that no request carries."""
        if "mark" not in getattr(rows, "attrs", {}):
            raise AttributeError("the rows have no mark")
        return np.zeros(len(rows))


def test_7_a_version_that_endpoints_cannot_answer_with_says_so_at_pin(tmp_path: Path) -> None:
    """The pin warns and keeps the reason, and a deployment is refused with it."""
    session = mm.Session(board=tmp_path / "board")
    rows = pd.DataFrame({"a": [1.0, 2.0, 3.0]})
    rows.attrs["mark"] = True

    with pytest.warns(UserWarning, match="endpoints cannot answer"):
        version = session.pin(Never().fit(rows, None), "never", data=rows, format="joblib")

    assert "the rows have no mark" in version.prototype.fault
    assert "the rows have no mark" in session.version("never").prototype.fault
    with pytest.raises(InvalidInput, match="the rows have no mark"):
        session.deploy("never")
    with pytest.raises(InvalidInput, match="the rows have no mark"):
        session.predict("never", rows)


def test_7_a_version_of_another_time_is_refused_when_it_starts(tmp_path: Path) -> None:
    """Without the verdict of a pin, the endpoint itself tries the example rows before it says that it runs."""
    from mlops_magics.core.versioning import Facts, Prototype
    from mlops_magics.errors import EndpointError

    session = mm.Session(board=tmp_path / "board")
    rows = pd.DataFrame({"a": [1.0, 2.0, 3.0]})
    session.board.publish(Never(), "never", Facts(prototype=Prototype.from_data(rows), format="joblib"))

    with pytest.raises(EndpointError, match="fails on its own example rows"):
        session.deploy("never")


def test_7_ordinary_versions_are_checked_and_have_no_fault(tmp_path: Path) -> None:
    """Frames, arrays, images, sparse matrices and polars are answered, and a pin warns of nothing."""
    session = mm.Session(board=tmp_path / "board")
    numbers = np.arange(24.0).reshape(6, 4)

    for data in (pd.DataFrame(numbers), numbers, pl.DataFrame(numbers), pd.DataFrame(numbers, columns=[2, 0, 1, 3])):
        version = session.pin(LinearRegression().fit(data, LIKED), "line", data=data, truth=LIKED)
        assert version.prototype.fault == ""


def test_parquet_and_arrow_files_keep_what_they_say(tmp_path: Path) -> None:
    """A file that DuckDB or pandas wrote is answered like the frame that it came from."""
    frame = pd.DataFrame({"c": ["NA", None, "CH"], "t": ZONED["t"].repeat(2).head(3).to_numpy()})
    endpoint = Endpoint(frame)
    sink = io.BytesIO()
    frame.to_feather(sink, compression="uncompressed")

    answers = endpoint.predict(sink.getvalue(), "application/vnd.apache.arrow.file")

    assert answers == list(endpoint.client.predict(frame))


def test_1_a_series_of_numbers_without_a_name_is_rows() -> None:
    """Its index 0, 1, 2, … is no list of columns, though the only column of the model is called ``0``."""
    numbers = pd.Series([1.5, 2.5, 3.5])

    assert len(Endpoint(numbers).client.predict(numbers)) == 3


def test_1_fields_of_texts_are_not_cut() -> None:
    """A structured array of texts of one letter is trained on; a longer text reaches the model whole."""
    found = Endpoint(np.array([("a", 1), ("b", 2)], dtype=[("text", "U1"), ("n", "i8")])).predict(
        [{"text": "a longer one", "n": 1}]
    )

    assert "a longer one" in found[0]


@pytest.mark.parametrize(
    ("trained", "texts", "refused"),
    [(("a", True, 3), "True", ""), (("True", True, 3), "True", "may be a boolean or a text")],
)
def test_4_booleans_beside_texts_in_csv(trained: tuple[Any, ...], texts: str, refused: str) -> None:
    """``True`` in CSV is the boolean of training; where training had the text as well, it is refused."""
    endpoint = Endpoint(pd.DataFrame({"c": objects(*trained), "n": 1.0}))
    body = f"c,n\n{texts},1\n".encode()

    if refused:
        assert refused in endpoint.refusal(body, "text/csv")[1]
    else:
        assert "bool True" in endpoint.predict(body, "text/csv")[0]


def test_infinite_numbers_are_those_of_training() -> None:
    """A column with infinite numbers takes them, as a text in JSON; another column refuses them."""
    endpoint = Endpoint(pd.DataFrame({"c": [1.0, np.inf], "n": [1.0, 2.0]}))

    assert "float inf" in endpoint.predict([{"c": "Infinity", "n": 1}])[0]
    assert "float -inf" in endpoint.predict(b"c,n\n-inf,1\n", "text/csv")[0]
    assert "finite" in endpoint.refusal(b"c,n\n1,inf\n", "text/csv")[1]
