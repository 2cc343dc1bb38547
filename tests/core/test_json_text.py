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
