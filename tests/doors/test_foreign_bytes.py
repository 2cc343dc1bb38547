"""Every parser of other people's bytes on a board: it reads them, or refuses them in one line of ours.

CI tries a hundred inputs for each parser; `make fuzz` tries for longer.
"""

from __future__ import annotations

import dataclasses
import io
import json
import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from mlops_magics.core import known_boards, state
from mlops_magics.core.monitoring import profile
from mlops_magics.core.monitoring.profiling.reference_profile import ReferenceProfile
from mlops_magics.core.versioning import Board, Facts, Prototype, companions, open_board
from mlops_magics.core.versioning.comparing import comparison
from mlops_magics.core.versioning.describing import data_txt
from mlops_magics.core.versioning.history.anchors import Anchor
from mlops_magics.core.versioning.history.events import Event
from mlops_magics.core.versioning.integrity import pickle_types
from mlops_magics.core.versioning.stores import log_pin, web
from mlops_magics.errors import MlopsError
from tests.core.mutations import foreign

CHEAP = settings(deadline=None, suppress_health_check=list(HealthCheck))
DEAR = settings(
    CHEAP,
    max_examples=25 if settings().max_examples <= 100 else settings().max_examples,
    phases=set(Phase) - {Phase.shrink},
)
"""CI tries 25 files, `make fuzz` its full number. A shorter example is worth less here than its minutes of search."""
ROWS = pd.DataFrame({"width": [1.0, 2.0, None], "kind": ["a", "b", "a"]})
PROFILE = profile(ROWS).to_bytes()
VERSION = "20261123T133731Z-050cc"
FACTS = {"tags": ["eu"], "metrics": {"r2": 0.5}, "metadata": {"a": [1]}}
EVENT = dataclasses.replace(Event.annotate("line", VERSION, FACTS), sequence=7, time="2026-11-23T00:00:00+00:00")
YAML = b"""api_version: 1
created: 20261123T133731Z
description: x
file: line.joblib
file_size: 3
pin_hash: 050cc1f3a6b1
tags: [eu]
title: x
type: joblib
user:
  user: {a: 1}
  vetiver_meta: {prototype: '{"a": 1}', required_pkgs: [numpy]}
"""
LISTED = f"line:\n- line/{VERSION}/\nother: other/{VERSION}/\n".encode()
PICKLED = pickle.dumps({"a": [1, 2.0, "x", os.getcwd, Path]})

PARSERS: dict[str, tuple[bytes, Callable[[bytes], Any]]] = {
    "event": (EVENT.to_bytes(), lambda data: Event.from_bytes(data, 7)),
    "data.txt": (YAML, lambda data: data_txt.decode(data, "line", VERSION, "board")),
    "name in data.txt": (YAML, lambda data: data_txt.called(data, "line")),
    "log.json": (b'{"board": "abc", "layout": 1}', lambda data: log_pin.board_of(data, "board")),
    "manifest": (LISTED, lambda data: web.parse_manifest(data, "board")),
    "anchor": (b'{"board": "a", "length": 3, "head": "b"}', lambda data: Anchor.from_json(_json(data))),
    "profile": (PROFILE, ReferenceProfile.from_bytes),
    "profile in a comparison": (PROFILE, lambda data: comparison.described(data)),
    "names in a pickle": (PICKLED, lambda data: pickle_types.names_in(io.BytesIO(data))),
}


def _json(data: bytes) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None


@pytest.mark.parametrize("parser", PARSERS)
def test_R12_fuzz_a_parser_reads_or_refuses_in_one_line(parser: str) -> None:
    """R12, T9: whatever the bytes are, no exception of a library leaves a parser, and none takes long."""
    valid, parse = PARSERS[parser]
    parse(valid)

    @CHEAP
    @given(data=foreign(valid))
    def fuzz(data: bytes) -> None:
        try:
            parse(data)
        except MlopsError as refused:
            message = str(refused)
            assert "\n" not in message[:-1], message

    fuzz()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A board with a model, a companion and a moved alias, to be damaged."""
    board = open_board(tmp_path_factory.mktemp("fuzz") / "board")
    board.publish({"value": 1}, "line", Facts(format="joblib", profile=PROFILE, prototype=Prototype.from_data(ROWS)))
    board.publish({"value": 2}, "line", Facts(format="joblib"))
    board.promote("line", "champion")
    companions.update(board, "line", "thresholds", lambda before: b"{}", "limits")
    return Path(board.url)


FILES = [
    "line/*/data.txt", "line/*/line.joblib", "line/*/profile.json", "line.thresholds/*/data.txt",
    "line.thresholds/*/*.json", "mlops-magics-log/*/00000001.json", "mlops-magics-log/*/log.json",
]  # fmt: skip


@pytest.mark.parametrize("file", FILES)
def test_R12_fuzz_one_damaged_file_ends_no_listing_and_no_verify(place: Path, file: str) -> None:
    """R12, R9: listings, `verify` and a comparison go on beside whatever a file holds; loading refuses or is right."""
    [path, *_] = sorted(place.glob(file))
    whole = path.read_bytes()

    @DEAR
    @given(data=foreign(whole))
    def fuzz(data: bytes) -> None:
        path.write_bytes(data)
        board = open_board(place)
        assert "line" in board.names()
        _use(board)

    try:
        fuzz()
    finally:
        path.write_bytes(whole)


def _use(board: Board) -> None:
    """Do everything that reads; each act ends well or with one line of ours."""
    acts: list[Callable[[], Any]] = [
        lambda: board.models(), lambda: board.versions("line"), lambda: board.history("line"), lambda: board.verify(),
        lambda: board.load("line"), lambda: companions.read(board, "line", "thresholds"),
        lambda: comparison.compare(*(board.side(board.version(f"line@v{number}")) for number in (1, 2))),
    ]  # fmt: skip
    ended = [_ended(act) for act in acts]

    newer = any("by a newer mlops_magics" in line for line in ended)  # another layout is refused by all, in one line
    assert ended[:4] == [""] * 4 or newer, "a listing ended"
    assert not any("\n" in each for each in ended)


def _ended(act: Callable[[], Any]) -> str:
    """Act; return the line with which it was refused, or nothing where it went well."""
    try:
        found = act()
    except MlopsError as refused:
        return str(refused)
    assert not isinstance(found, dict) or found in ({"value": 1}, {"value": 2})
    return ""


@given(data=foreign(b'{"label": "mine", "url": "/x", "opened": 1.5}'))
@CHEAP
def test_R12_fuzz_a_damaged_file_of_the_state_is_read_as_nothing(data: bytes) -> None:
    """R12: whatever is in it, the other files of the folder are read."""
    folder = state.directory(known_boards.FOLDER)
    (folder / "damaged.json").write_bytes(data)
    known_boards.remember("mine", "/somewhere")

    assert "/somewhere" in [each.url for each in known_boards.known()]


@pytest.mark.parametrize("data", [b'{"\xed\xa0\x80label": 1}', b'{"\\ud800": 1, "label": "mine"}'])
def test_R12_a_name_with_half_a_surrogate_pair_is_read_as_nothing(data: bytes) -> None:
    """R12: JSON can have it, and UTF-8 cannot."""
    (state.directory(known_boards.FOLDER) / "half.json").write_bytes(data)
    known_boards.remember("mine", "/somewhere")

    assert [each.url for each in known_boards.known()] == ["/somewhere"]


@CHEAP
@given(st.data())
def test_T01_fuzz_looking_for_names_in_a_pickle_imports_nothing(data: st.DataObject) -> None:
    """T1: a pickle that names a module is searched; the module is not imported."""
    import sys

    name = f"antigravity_{data.draw(st.integers(0, 10**6))}"
    pickled = f"c{name}\nfly\n(tR.".encode() + data.draw(st.binary(max_size=50))

    assert f"{name}.fly" in pickle_types.names_in(io.BytesIO(pickled))
    assert name not in sys.modules
