"""Writes docs/types.md from the table of all cells: ``python -m tests.doors.types_page``."""

from __future__ import annotations

import warnings
from collections import defaultdict
from pathlib import Path

from mlops_magics.core.versioning.describing.kinds import KINDS
from tests.doors.table import EQUAL, NOT_WRITTEN, cells
from tests.doors.ways import DOORS

PAGE = Path(__file__).parents[2] / "docs" / "types.md"
SHORT = {
    "our client": "client",
    "JSON records": "JSON",
    "pandas' to_json": "to_json",
    "CSV": "CSV",
    "Arrow": "Arrow",
    "Parquet": "Parquet",
    "MLflow records": "MLflow",
    "Open Inference": "OIP",
    "Open Inference, binary": "OIP binary",
}
"""The columns of the page; the other doors of the same format have the same outcomes, which a test holds."""
MARKS = {EQUAL: "✓", NOT_WRITTEN: "–"}
INTRODUCTION = """# Types: what goes in, and what comes out

A version remembers the form of its training input: a DataFrame of pandas or polars, a Series, an array of any number of axes, a list of texts,
a list of records, a mapping of arrays, an array with named fields, a sparse matrix. An endpoint hands the model that form, with the labels, order and dtypes of training,
through whichever door the rows came. `session.predict` without an endpoint takes the same path.

This page is made from the tests (`python -m tests.doors.types_page`): each mark is training rows that were sent through a door, and reached the
model as they were in training. ✓ is the very same input; – is what the sender's own library does not write; a number is a refusal (HTTP
status), explained below the table.

| door | how |
|---|---|
| client | `endpoint.predict(rows)`, `session.predict(ref, rows)`, `%predict`: any form below, the path of a file of rows, and LazyFrames, DuckDB relations, Arrow tables; frames of Spark, Dask and Ray answer [lazily](batch.md) from `session.predict` |
| JSON | records, one record, `{"columns": …}`, the split form, lists, JSON Lines; with and without gzip; `curl -d`, `curl --json` |
| to_json | what pandas' `DataFrame.to_json(orient="records", date_format="iso")` writes: vetiver's client |
| CSV | separated by `,` `;` (with decimal commas) tabs or bars; a file in a form (`curl -F file=@rows.csv`) |
| Arrow, Parquet | an IPC stream or file, a file; also in a form |
| MLflow | `/invocations`: `dataframe_records`, `dataframe_split`, `instances`, `inputs`, CSV, Parquet |
| OIP | the Open Inference Protocol: one tensor for each column, or one for whole rows; in JSON or raw |
"""
RULES = """## Rules

**Missing values.** `null` in JSON, Arrow and Parquet, and an empty field in CSV. The model gets the mark of its training data: `NaN`, `None`, `NA` or
`NaT`. A column that had no missing value in training takes none (422). Where training had empty texts and missing values, a CSV field `""` is the empty text.

**"NA"** is a text wherever `null` can be sent instead. In columns that cannot hold texts (numbers, dates, categories without an "NA") it is a
missing value, since R's clients send it. In CSV, `NA`, `NaN`, `null` and the like are missing values unless they are quoted, are a known category, or
were texts of that column in training; in columns of texts only `NA` is one.

**Integers** outside the range of the training dtype are 422: 300 for an `int8` is not 44. `1.0` is an integer; `"6"` is the category 6.

**Infinite numbers** are taken by a column that had some in training (`"Infinity"` in JSON, `inf` in CSV), and are 422 in others.

**Times.** A column with a zone takes times with a zone, of any name or offset, and shows the model the same moment in the zone of training. A column
without a zone takes times without one, and times in UTC, whose digits it keeps. All others would be shifted by hours without notice, and are 422.
Numbers are milliseconds since 1970. Nanoseconds are kept where training had them; years that a dtype cannot hold are 422. In a column of objects
whose times had several offsets each keeps the offset of its text; Arrow, Parquet and numbers have none, and are 422 there.

**Categories** are the very categories of training: intervals, dates, durations, tuples, numbers and booleans are found by their value or their text.
A field of CSV that means two values of training (the number 1 and the text "1", true and "True") is 422.

**Columns** that the model does not read may be of any type and are ignored (`--extras refuse` refuses them). A label that is not a text goes by its text
(`2`, `('a', 1)`, `2024-01-01 00:00:00`); a label that is there twice goes by `a` and `a.1`.
A column that the model reads and that a JSON object, a CSV header, an Arrow schema or a Parquet file has twice is 422.

**Single values.** A model of texts (or of images) takes a list of them, a Series, a frame with one column of any name, and
`[{"text": "…"}, …]`.

**Decimals** keep their value; Arrow and Parquet give all of a column the same number of digits. `float128` goes as a `float64`.

**Objects** that JSON does not have go as texts and reach the model as themselves: fractions (`"1/7"`), IP addresses and networks, paths, dates and
decimals inside lists and objects, Arrow's structs and maps (`{"k": 1}` or `[["k", 1]]`). Members of an `IntEnum` or `StrEnum` go as their value.

**What no request can express** is named at the pin, and its deployment is refused: members of other enumerations, objects of one's own classes, and several
such types in one column (decimals beside integers, dates beside times, periods of two frequencies). Train on texts or numbers instead:
`X["colour"] = X["colour"].map(lambda each: each.name)`. A column that the model does not read may have anything.

## What comes out

| the model returns | JSON | our client |
|---|---|---|
| an array of numbers, texts or booleans, of any number of axes | (nested) lists | the array, with its dtype |
| dates, durations, decimals, bytes, UUIDs | texts (ISO 8601, base64) | dates, durations, decimals, bytes |
| periods, intervals, complex numbers | texts | periods, intervals, complex numbers |
| a sparse matrix | lists | a dense array |
| a DataFrame (pandas, polars), a dict of arrays, a record array | one object for each row | a DataFrame |
| several arrays (a tuple, a list: `predict_proba` of several outputs) | one list for each row | an array where all are of one shape, else lists |
| lists of several lengths | lists | an array of lists |

## As people type it

With `A="Authorization: Bearer $(mlops-magics token NAME)"` and `U=http://127.0.0.1:PORT`, which `endpoint.url` has:

| rows | line |
|---|---|
| JSON | `curl -H "$A" $U/predict --json '[{"amount": 1.5, "age": 20}]'`, also with `-d`, one record without the list, JSON Lines |
| a JSON file | `curl -H "$A" $U/predict -d @rows.json` |
| a CSV file | `curl -H "$A" $U/predict --data-binary @rows.csv`; `-d` removes its line ends and is 400 |
| any file | `curl -H "$A" $U/predict -F file=@rows.parquet`, by its suffix: `.csv`, `.tsv`, `.json`, `.jsonl`, `.parquet`, `.arrow` |
| a gzip file | `curl -H "$A" $U/predict --data-binary @rows.csv.gz -H 'Content-Encoding: gzip' -H 'Content-Type: text/csv'` |
| CSV in Latin-1 | `curl -H "$A" $U/predict --data-binary @rows.csv -H 'Content-Type: text/csv; charset=latin-1'` |
| answers as CSV | `curl -H "$A" $U/predict -H 'Accept: text/csv' -F file=@rows.csv` |

The delimiter (`,` `;` tab `|`) is read off the header line, or from a spreadsheet's `sep=;`. With `;` numbers may have decimal commas; a column with commas
has no points, since those may separate thousands. Byte order marks, UTF-16, empty first lines and any line ends are taken. JSON has no `NaN`; of two equal keys
in an object the last one counts. A gzip body that is cut, has two members or something behind its end is 400.

With `Accept: text/csv` the values come as CSV, with `Accept: application/vnd.apache.arrow.stream` as Arrow.
"""


def text() -> str:
    """Return the page."""
    outcomes: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    notes: dict[str, str] = {}
    for cell in cells():
        if cell.door in SHORT:
            mark = MARKS.get(cell.outcome, str(cell.status))
            outcomes[cell.form, cell.kind][cell.door] = mark
            if cell.outcome not in MARKS:
                notes.setdefault(f"{cell.kind}, {SHORT[cell.door]}", _reason(cell.outcome))
    lines = [INTRODUCTION, "## What goes in\n"]
    head = ["form", "kind", *SHORT.values()]
    lines += [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    for forms, kind, marks in _grouped(outcomes):
        lines.append(f"| {forms} | {kind} | {' | '.join(marks)} |")
    lines += ["", "Refused, with the reason that the sender gets:", ""]
    lines += [f"- {where}: {reason}" for where, reason in notes.items()]
    lines += ["", "## How JSON and CSV write a value", "", "| kind | written |", "|---|---|"]
    lines += [f"| {kind.name} | {kind.expected} |" for kind in KINDS.values()]
    return "\n".join([*lines, "", RULES])


def _reason(outcome: str) -> str:
    return outcome.removeprefix("The data do not fit the prototype. ").split("; row")[0][:160]


def _grouped(outcomes: dict[tuple[str, str], dict[str, str]]) -> list[tuple[str, str, list[str]]]:
    """Return one line for each kind, and several where its forms have several outcomes."""
    lines: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for (form, kind), marks in outcomes.items():
        lines.setdefault((kind, tuple(marks[door] for door in SHORT)), []).append(form)
    return [(", ".join(forms), kind, list(marks)) for (kind, marks), forms in lines.items()]


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    PAGE.write_text(text(), encoding="utf-8")
    print(f"{PAGE}: {len(cells())} cells, {len(DOORS) + 2} doors")
