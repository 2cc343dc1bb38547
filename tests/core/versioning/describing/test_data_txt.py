"""The metadata file: plain YAML for pins, and every corruption of it is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from mlops_magics.core.versioning import Board, Facts, Prototype, open_board
from mlops_magics.core.versioning.describing import data_txt
from mlops_magics.errors import IntegrityError


def test_every_single_byte_corruption_of_the_metadata_is_refused_or_harmless(board: Board, model: Any) -> None:
    """A flipped byte of data.txt is an IntegrityError, unless the document still says exactly the same."""
    version = board.publish(
        model, "line", Facts(format="joblib", description="sums", tags=("eu",), metrics={"r2": 0.5})
    )
    path = Path(board.url) / "line" / version.version / "data.txt"
    whole = path.read_bytes()
    said = board.version("line").to_json()

    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x01]) + whole[place + 1 :])
        try:
            found = board.version(f"line@{version.version}").to_json()
        except IntegrityError:
            continue
        assert found == said


def test_versions_whose_files_were_swapped_are_refused(board: Board) -> None:
    """The metadata bind name, version and hash: files of one version do not pass for another."""
    first, second = (board.publish({"value": value}, "line", Facts(format="joblib")) for value in (1, 2))
    folder = Path(board.url) / "line"
    (folder / first.version).rename(folder / "aside")
    (folder / second.version).rename(folder / first.version)
    (folder / "aside").rename(folder / second.version)

    for version in (first, second):
        with pytest.raises(IntegrityError, match="holds the metadata of"):
            board.load(version.ref)


def test_data_txt_is_plain_yaml_that_pins_reads(board: Board, model: Any) -> None:
    """The metadata file has pins' own keys, without a tag of Python in it."""
    version = board.publish(
        model, "penguins", Facts(format="joblib", metadata={"best": (1, 2), "rmse": np.float64(0.1)})
    )
    written = (Path(board.url) / "penguins" / version.version / "data.txt").read_text()
    document = yaml.safe_load(written)

    assert "!!" not in written
    assert document["type"] == "joblib"
    assert document["file"] == "penguins.joblib"
    assert document["user"]["user"] == {"best": [1, 2], "rmse": 0.1}
    assert set(document["user"]["vetiver_meta"]) == {"prototype", "required_pkgs", "python_version"}


WRONG: list[tuple[tuple[str | int, ...], Any]] = [
    (("layout",), float("inf")), (("layout",), "x"), (("name",), "a\nb"), (("metrics", "r2"), "<script>"),
    (("metrics", "r2"), 10**400), (("metrics",), 5), (("lineage", "packages"), -1), (("lineage", "packages"), {"a": 1}),
    (("lineage", "retraining"), "x"), (("lineage", "training_seconds"), [[]]), (("prototype", "columns"), {}),
    (("prototype", "columns", 0, "dtype"), float("nan")), (("prototype", "columns", 0, "name"), {"a": [1]}),
    (("prototype", "columns", 0, "shape"), ["x"]), (("prototype", "form", "kind"), None), (("files", 0, "size"), "x"),
]  # fmt: skip
"""Places in the record of a version, and values of another type."""


@pytest.mark.parametrize(("place", "value"), WRONG)
def test_R12_a_sealed_record_with_wrong_types_is_refused_in_one_line(
    board: Board, model: Any, rows: Any, place: tuple[str | int, ...], value: Any
) -> None:
    """R12: Whoever writes a version can seal it: a record of another type is damaged for every reader."""
    version = board.publish(model, "line", Facts(prototype=Prototype.from_data(rows), metrics={"r2": 0.5}))
    path = Path(board.url) / "line" / version.version / "data.txt"
    document = yaml.safe_load(path.read_text())
    ours = document["user"]["mlops_magics"]
    record = part = json.loads(ours["record"])
    for step in place[:-1]:
        part = part[step]
    part[place[-1]] = value
    ours["record"] = json.dumps(record)
    ours["seal"] = data_txt._seal(document)
    path.write_text(yaml.safe_dump(document))
    again = open_board(board.url)

    with pytest.raises(IntegrityError) as refused:
        again.version(version.ref)
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) < 600
    assert again.verify().findings
    assert again.names() == ["line"]
