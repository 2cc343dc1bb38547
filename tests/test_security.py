"""The page of promises is what the tests show."""

from __future__ import annotations

import pytest

from tests import security_rows


def test_the_page_is_up_to_date() -> None:
    """It is written by `python -m tests.security_rows`."""
    assert security_rows.FILE.read_text(encoding="utf-8") == security_rows.page()


@pytest.mark.parametrize("row", [*security_rows.FAULTS, *security_rows.THREATS])
def test_every_row_has_a_test(row: str) -> None:
    """A promise without a test is none."""
    assert security_rows.tests_by_row()[row]
