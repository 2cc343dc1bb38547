"""A web page under the name of a file of rows is named by every reader: it would be 0 rows, or one strange column."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

from mlops_magics.core import file_heads
from mlops_magics.core.deploying.batch import input_files
from mlops_magics.core.deploying.clients import request_files
from mlops_magics.core.monitoring.reading import batches, sources
from mlops_magics.core.retraining.new_rows import row_source
from mlops_magics.errors import InvalidInput
from mlops_magics.magics.file_values import FileValues

PAGE = "<!DOCTYPE html>\n<html><head><title>Sign in</title></head></html>\n" * 300
READERS: dict[str, Any] = {
    "monitoring": sources.read_path,
    "counting": lambda path: list(batches.batches_of(path)),
    "batch": lambda path: list(input_files.chunks_of(input_files.parts_of(path)[0])),
    "request": lambda path: list(request_files.parts(Path(path))),
    "request without a prototype": lambda path: request_files.frame(Path(path)),
    "retraining": lambda path: row_source.table(path, None, None),
    "line": FileValues().value,
}


@pytest.mark.parametrize("reader", READERS)
def test_a_page_is_not_a_file_of_rows(reader: str, tmp_path: Path) -> None:
    """Whatever format its name has."""
    for ending in ("csv", "jsonl", "parquet"):
        path = tmp_path / f"rows.{ending}"
        path.write_text(PAGE)
        wanted = "batches|[Pp]arquet" if (reader, ending != "csv") == ("counting", True) else "not a file of rows"
        with pytest.raises(InvalidInput, match=wanted) as refusal:
            READERS[reader](str(path))
        assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("head", "page"),
    [
        (b"\xef\xbb\xbf\r\n<HTML lang=de>", True),
        (b"<!-- a, b -->\n<!-- c -->\n<!doctype html>", True),
        (b"<?xml version='1.0'?><rss/>", True),
        (b"<head>", True),
        (b"", False),
        (b"<headline>,b\n1,2\n", False),
        (b"<5,b\n1,2\n", False),
        (b"text\n<html>\n", False),
        (b'"<html>",b\n', False),
    ],
)
def test_a_page_is_known_by_its_first_tag(head: bytes, page: bool) -> None:
    """Texts may hold tags, and columns may be named with them in quotes."""
    stream = io.BytesIO(head)
    if page:
        with pytest.raises(InvalidInput, match="web page"):
            file_heads.check(stream, text=True)
    else:
        file_heads.check(stream, text=True)

        assert stream.tell() == 0
