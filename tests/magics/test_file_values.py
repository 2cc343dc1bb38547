"""Words of the command line that are paths of rows."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

from mlops_magics.magics.file_values import FileValues, ending_of

ROWS = pd.DataFrame({"zip": ["01234", "00007"], "amount": [0.5, 2.0]})


def test_the_ending_of_a_compressed_text_is_that_of_the_text() -> None:
    """Compressed tables of other formats, and archives, have no reader."""
    endings = {"a.csv.gz": ".csv", "A.JSONL.BZ2": ".jsonl", "a.tar.gz": ".gz", "a.zip": ".zip", "a.parquet": ".parquet"}
    assert {name: ending_of(name) for name in endings} == endings


@pytest.mark.parametrize(
    "name",
    [
        "a.csv",
        "a.csv.gz",
        "a.tsv",
        "a.parquet",
        "a.arrow",
        "stream.arrow",
        "a.feather",
        "a.json",
        "a.jsonl",
        "a.json.bz2",
    ],
)
def test_columns_are_read_from_the_head(name: str, tmp_path: Path) -> None:
    """For completion, and to check a word that may be a column."""
    path = tmp_path / name
    if "json" in name:
        ROWS.to_json(path, orient="records", lines=name.endswith("l"))
    elif name.endswith(("csv", "gz", "tsv")):
        ROWS.to_csv(path, index=False, sep="\t" if name.endswith("tsv") else ",")
    elif name == "stream.arrow":
        table = pa.Table.from_pandas(ROWS)
        with pa.ipc.new_stream(path, table.schema) as writer:
            writer.write_table(table)
    elif name == "a.parquet":
        ROWS.to_parquet(path)
    else:
        ROWS.to_feather(path)

    assert FileValues().columns(str(path)) == ["zip", "amount"]
    assert FileValues().rows(str(path)) == str(path)


def test_columns_of_json_are_those_of_the_first_record_or_of_a_mapping(tmp_path: Path) -> None:
    """A file that is longer than its head has them too, and one that is no table has none."""
    path = tmp_path / "a.json"
    for text, names in (
        ('[ {"zip": "01234", "amount": 2}, ' + '{"zip": "0", "amount": 1},' * 50_000 + '{"zip": "1", "amount": 1}]', 2),
        ('{"zip": ["01234"], "amount": [2.0]}', 2),
        ("[1, 2]", 0),
        ("[]", 0),
        ('{"zip": [', 0),
    ):
        path.write_text(text)
        assert FileValues().columns(str(path)) == ["zip", "amount"][:names]


def test_a_damaged_file_has_no_columns_here(tmp_path: Path) -> None:
    """Its reader names the fault, and so it does of a CSV with another separator."""
    for name, content in (("a.parquet", b"PAR1"), ("a.arrow", b"x"), ("a.csv.gz", b"x"), ("a.csv", b"a;b\n1;2\n")):
        (tmp_path / name).write_bytes(content)
        assert FileValues().columns(str(tmp_path / name)) == []


def test_patterns_and_folders_are_rows_and_json_keeps_its_text(tmp_path: Path) -> None:
    """A pattern that no file matches is not. Digits in quotes stay text."""
    ROWS.to_csv(tmp_path / "a.csv", index=False)
    ROWS.to_json(tmp_path / "a.json", orient="records")

    assert FileValues.is_source(str(tmp_path / "*.csv"))
    assert FileValues.is_source(str(tmp_path))
    assert not FileValues.is_source(str(tmp_path / "*.tsv"))
    assert FileValues().value(str(tmp_path / "a.json"))["zip"].tolist() == ["01234", "00007"]
