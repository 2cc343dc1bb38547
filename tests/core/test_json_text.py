"""JSON that others may have written is read, or refused by one kind of exception."""

from __future__ import annotations

import pytest

from mlops_magics.core import json_text


@pytest.mark.parametrize(
    "text", [b"", b"nul", b"\xff", "[" * 100_000, b'{"a":' * 100_000, "[" * 990 + "1" * 30 + "]" * 990]
)
def test_R12_what_is_not_valid_json_is_a_value_error(text: bytes | str) -> None:
    """R12, T9: also a text too deep for the parser, which raises an exception of its own for it."""
    with pytest.raises(ValueError, match=r"Expecting|decode|deeply"):
        json_text.parse(text)


def test_R12_valid_json_is_its_value() -> None:
    """R12: the value is that of the standard library."""
    assert json_text.parse(b'{"a": [1, 2.5, null]}') == {"a": [1, 2.5, None]}


@pytest.mark.parametrize("text", [b'{"rows": %s}' % (b"9" * 400), "[-1%s]" % ("0" * 308)])
def test_R12_an_integer_that_no_float_holds_is_a_value_error(text: bytes | str) -> None:
    """R12: arithmetic with it would fail later, in code that expects a number."""
    with pytest.raises(ValueError, match="too large"):
        json_text.parse(text)


def test_R12_digits_of_a_text_are_not_an_integer() -> None:
    """R12: a text may have as many digits as it likes, and so may an integer that a float holds."""
    digits = "9" * 308
    assert json_text.parse(f'["{digits}9", {digits}]') == [f"{digits}9", int(digits)]
