"""Files of rows are sent as they are: what a field means is decided where requests are read, and nowhere else."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mlops_magics.core.deploying.clients import request_files
from mlops_magics.errors import InvalidInput, NotFound
from tests.doors.sending import Endpoint

FRAME = pd.DataFrame({"n": np.arange(7), "code": pd.Categorical(["NA", "CH", "NA", "DE", "CH", "NA", "DE"])})
WRITERS = {
    "rows.csv": lambda path: FRAME.to_csv(path, index=False),
    "semicolons.csv": lambda path: FRAME.to_csv(path, index=False, sep=";"),
    "rows.tsv": lambda path: FRAME.to_csv(path, index=False, sep="\t"),
    "rows.parquet": lambda path: FRAME.to_parquet(path),
    "rows.feather": lambda path: FRAME.to_feather(path),
    "rows.json": lambda path: FRAME.to_json(path, orient="records"),
    "rows.jsonl": lambda path: FRAME.to_json(path, orient="records", lines=True),
}


@pytest.mark.parametrize("name", WRITERS)
@pytest.mark.parametrize("in_parts", [False, True])
def test_a_file_is_answered_as_its_rows_are(
    name: str, in_parts: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whole or in parts of two rows, and with the country code of Namibia, the answers are those of the frame."""
    WRITERS[name](tmp_path / name)
    if in_parts and name != "rows.json":
        monkeypatch.setattr(request_files, "WHOLE_BYTES", 0)
        monkeypatch.setattr(request_files, "ROWS_PER_REQUEST", 2)
        assert len(list(request_files.parts(tmp_path / name))) == 4
    client = Endpoint(FRAME).client

    assert list(client.predict(tmp_path / name)) == list(client.predict(FRAME))


def test_a_row_of_several_lines_is_not_split(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A line break in quotes ends no row, wherever the file is divided."""
    frame = pd.DataFrame({"text": ["a\nb", 'say "hi"\n', "c", "\n\n", "d"], "n": range(5)})
    frame.to_csv(tmp_path / "rows.csv", index=False)
    monkeypatch.setattr(request_files, "WHOLE_BYTES", 0)
    monkeypatch.setattr(request_files, "ROWS_PER_REQUEST", 1)
    client = Endpoint(frame).client

    assert len(list(request_files.parts(tmp_path / "rows.csv"))) == 5
    assert list(client.predict(tmp_path / "rows.csv")) == list(client.predict(frame))


def test_a_text_that_ends_as_a_file_is_its_path_unless_the_model_reads_texts(tmp_path: Path) -> None:
    """The path of a file may be a text. For a model of texts it is a text, whether there is such a file or not."""
    FRAME.to_csv(tmp_path / "rows.csv", index=False)
    client, of_texts = Endpoint(FRAME).client, Endpoint(["a.csv", "b", "c.csv"]).client

    assert list(client.predict(str(tmp_path / "rows.csv"))) == list(client.predict(FRAME))
    assert len(of_texts.predict(str(tmp_path / "rows.csv"))) == 1
    assert len(of_texts.predict("nothing.csv")) == 1


def test_what_is_not_a_file_of_rows_is_refused(tmp_path: Path) -> None:
    """A missing file, an unknown ending and a damaged file are each one line."""
    (tmp_path / "rows.parquet").write_bytes(b"PAR1 cut")
    (tmp_path / "rows.xlsx").write_bytes(b"PK")
    client = Endpoint(FRAME).client

    for missing in (tmp_path / "other.csv", str(tmp_path / "other.csv")):
        with pytest.raises(NotFound, match="It does not exist in"):
            client.predict(missing)
    for name in ("rows.parquet", "rows.xlsx"):
        with pytest.raises(InvalidInput) as refused:
            client.predict(tmp_path / name)
        assert "\n" not in str(refused.value)
