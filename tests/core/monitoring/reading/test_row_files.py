"""Rows by path are the same rows in every format, compression, folder and pattern, with the types of the reference."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from mlops_magics.core.monitoring import drift
from mlops_magics.core.monitoring.reading import batches, sources
from mlops_magics.errors import InvalidInput, NotFound

ROWS = pd.DataFrame(
    {
        "zip": ["01234", "00007", "98765"] * 20,
        "amount": [0.5, -1.25, 3.0] * 20,
        "flag": [True, False, False] * 20,
        "word": ["NA", "x", None] * 20,
        "when": pd.date_range("2024-05-01", periods=60, freq="h"),
    }
)
HALVES = ROWS[:30], ROWS[30:]
AS_TEXT = ROWS.assign(when=ROWS["when"].dt.strftime("%Y-%m-%dT%H:%M:%S"))


def _csv(path: Path, rows: pd.DataFrame = ROWS, **how: Any) -> None:
    rows.to_csv(path, index=False, **how)


def _json(path: Path, **how: Any) -> None:
    AS_TEXT.to_json(path, **how)


def _packed(pack: Callable[[bytes], bytes], **how: Any) -> Callable[[Path], None]:
    return lambda path: _write(path, pack(AS_TEXT.to_json(orient="records", **how).encode()))


def _write(path: Path, data: bytes) -> None:
    path.write_bytes(data)


def _stream(path: Path) -> None:
    table = pa.Table.from_pandas(ROWS, preserve_index=False)
    with pa.ipc.new_stream(path, table.schema) as writer:
        writer.write_table(table)


def _folder(ending: str, *, hidden: bool = False) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        path.mkdir()
        for place, half in enumerate(HALVES):
            file = path / f"part-{place}.{ending}"
            half.to_parquet(file) if ending == "parquet" else _csv(file, half)
        if hidden:
            (path / "_SUCCESS").touch()

    return write


KINDS: dict[str, tuple[str, Callable[[Path], None], str]] = {
    "parquet": ("a.parquet", lambda path: ROWS.to_parquet(path), ""),
    "feather": ("a.feather", lambda path: ROWS.to_feather(path), ""),
    "stream": ("a.arrow", _stream, ""),
    "csv": ("a.csv", _csv, ""),
    "tsv": ("a.TSV", lambda path: _csv(path, sep="\t"), ""),
    "csv.gz": ("a.csv.gz", _csv, ""),
    "csv.zip": ("a.csv.zip", _csv, ""),
    "records": ("a.json", lambda path: _json(path, orient="records"), ""),
    "columns": ("a.json", _json, ""),
    "split": ("a.json", lambda path: _json(path, orient="split"), ""),
    "table": ("a.json", lambda path: _json(path, orient="table"), ""),
    "json.xz": ("a.json.xz", _packed(lzma.compress), ""),
    "lines.gz": ("a.jsonl.gz", _packed(gzip.compress, lines=True), ""),
    "lines.bz2": ("a.ndjson.bz2", _packed(bz2.compress, lines=True), ""),
    "folder": ("days", _folder("parquet", hidden=True), ""),
    "folder of CSV": ("days", _folder("csv", hidden=True), ""),
    "pattern": ("days", _folder("csv"), "/part-*.csv"),
    "pattern of Parquet": ("days", _folder("parquet"), "/**/*.parquet"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_rows_by_path_are_the_rows_of_the_frame(kind: str, tmp_path: Path) -> None:
    """Every feature has the reference's type, its categories with zeros and "NA", and the same score."""
    name, write, inside = KINDS[kind]
    write(tmp_path / name)

    found = drift(ROWS, f"{tmp_path / name}{inside}", ["tvd", "ks", "missing", "lag"])
    expected = drift(ROWS, ROWS, ["tvd", "ks", "missing", "lag"])
    pd.testing.assert_frame_equal(found, expected, check_exact=False)
    assert not found["drifted"].any()


@pytest.mark.parametrize("kind", ["csv", "tsv", "folder of CSV", "pattern", "pattern of Parquet"])
def test_the_same_in_batches(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files that are larger than the memory for them are counted as they pass by."""
    name, write, inside = KINDS[kind]
    write(tmp_path / name)
    monkeypatch.setattr(batches, "LARGE_FILE", 10)
    path = f"{tmp_path / name}{inside}"

    assert batches.is_large(path)
    pd.testing.assert_frame_equal(drift(ROWS, path, ["tvd", "ks"]), drift(ROWS, ROWS, ["tvd", "ks"]))


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.csv", b"zip;amount\n1;2\n", r"separated by ';'. Pass pandas.read_csv\(path, sep=';'\)"),
        ("a.json", b"{", "not valid JSON"),
        ("a.json", b"[1, 2]", "does not hold rows"),
        ("a.json", b'{"x": [1], "y": [1, 2]}', "same length"),
        ("a.csv.gz", b"zip,amount\n", "Cannot read"),
        ("a.csv.zip", b"PK", "Cannot read"),
        ("a.parquet.gz", b"", "Names end in one of: parquet, csv, tsv"),
        ("a.xlsx", b"PK", "Names end in one of: parquet, csv, tsv"),
    ],
)
def test_files_that_hold_no_rows_are_named_in_one_line(name: str, content: bytes, reason: str, tmp_path: Path) -> None:
    """The reason, and where there is one, the line that reads them."""
    (tmp_path / name).write_bytes(content)

    with pytest.raises(InvalidInput, match=reason):
        sources.read_path(str(tmp_path / name))


def test_missing_files_are_named(tmp_path: Path) -> None:
    """A folder without a file, a pattern that matches none, and a path."""
    for path in (tmp_path, tmp_path / "*.csv", tmp_path / "a.csv"):
        with pytest.raises(NotFound, match="No file"):
            sources.read_path(str(path))


def test_records_may_lack_fields_and_mix_types() -> None:
    """A field that is missing is null, and numbers beside words are words."""
    from io import BytesIO

    from mlops_magics.core.monitoring.reading import row_files

    rows = [{"a": 1}, {"a": 2.5, "b": "x"}, {"b": 3}]
    table = row_files.read(BytesIO(json.dumps(rows).encode()), "json", {})
    assert table.to_pydict() == {"a": [1.0, 2.5, None], "b": [None, "x", "3"]}


@pytest.mark.parametrize("how", [{}, {"preset": "evidently"}, {"preset": "nannyml"}, {"statistics": ["tvd", "energy"]}])
def test_a_text_file_on_either_side_has_the_types_of_the_other(how: dict[str, Any], tmp_path: Path) -> None:
    """Zip codes stay text and NA a category, whether the file is the reference or the current data."""
    rows = ROWS.drop(columns=["when", "flag"]).assign(word=["NA", "x", "null"] * 20)
    path = tmp_path / "rows.csv"
    _csv(path, rows)

    for sides in ((str(path), rows), (rows, str(path))):
        found = drift(*sides, **how)
        assert not found["drifted"].any(), found
        assert set(found["n_current"]) <= {60, 6}  # NannyML cuts into ten
