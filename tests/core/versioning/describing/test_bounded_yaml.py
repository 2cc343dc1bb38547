"""YAML of other writers: plain values, or one line, in a time that its size bounds."""

from __future__ import annotations

import pytest
import yaml

from mlops_magics.core.versioning.describing import bounded_yaml, data_txt
from mlops_magics.errors import IntegrityError, InvalidInput

NINE = "[" + ", ".join(["*{0}"] * 9) + "]"
ALIASES = "\n".join(
    ["a: &a [1, 2, 3]", f"b: &b {NINE.format('a')}", f"c: &c {NINE.format('b')}", f"d: {NINE.format('c')}"]
).encode()
MERGES = "\n".join(
    ["a: &a {p: 1}", *(f"{new}: &{new} {{<<: {NINE.format(old)}}}" for old, new in ("ab", "bc", "cd"))]
).encode()
FAULTY = (
    b"x: !!int ''",
    b"x: !!bool maybe",
    b"x: !!timestamp soon",
    b"x: !!float abc",
    b"x: !!null [1]",
    b"x: 2020-99-99",
    b"x: [1, 2",
    b"? [1]: 2",
    b"x: &x [*x]",
    b"[" * 100_000,
    b"x: " + b"9" * 100_000 + b"\ny: [",
    ALIASES,
    MERGES,
)


@pytest.mark.parametrize("data", FAULTY, ids=lambda data: data[:20].decode())
def test_T09_a_faulty_document_is_refused_in_one_line(data: bytes) -> None:
    """Wrong tags, parts that repeat parts, and nesting without end are no errors of Python."""
    with pytest.raises((ValueError, InvalidInput)):
        bounded_yaml.load(data, "x")
    for read in (data_txt.called, data_txt.files_listed, data_txt.content_hash):
        with pytest.raises(IntegrityError) as refusal:
            read(data, "line@1")
        assert "\n" not in str(refusal.value)


def test_numbers_that_take_the_square_of_their_length_are_texts() -> None:
    """YAML 1.1 has numbers of base 60, and Python prints no integer of more than 4,300 digits."""
    found = bounded_yaml.load(b"a: 1:30\nb: 1:30.5\nc: 0x" + b"f" * 9_000 + b"\nd: 0x1f\ne: 12\nf: 1.5", "x")
    assert found == {"a": "1:30", "b": "1:30.5", "c": "0x" + "f" * 9_000, "d": 31, "e": 12, "f": 1.5}


def test_T09_a_document_is_counted_before_its_values_are_made(monkeypatch: pytest.MonkeyPatch) -> None:
    """Making the values takes thirty times as long as counting them, and a document that is cut needs neither."""
    made: list[bytes] = []
    monkeypatch.setattr(yaml, "load", lambda data, Loader: made.append(data))

    for data in (b"x: [" + b"1, " * 100 + b"1]", b"x: [" + b"1, " * 100):
        with pytest.raises(ValueError, match=r"has 110 parts|not valid YAML"):
            bounded_yaml.load(data, "x", 50)

    assert made == []
