"""A search that cannot be read is refused with what to write; a comparison that can never hold is not just empty."""

from __future__ import annotations

import pytest

from mlops_magics.core.versioning.listing import query
from mlops_magics.errors import InvalidInput


@pytest.mark.parametrize(
    "text",
    ["auc>", "auc>=", "auc=", "auc!=", "auc>high", "auc<=0,8", "penguin auc>.", "owner:ana", "tag:", "penguin alias:"],
)
def test_a_search_that_is_not_valid_says_what_to_write(text: str) -> None:
    """The word is named, and an example that works follows."""
    with pytest.raises(InvalidInput, match=r"METRIC>NUMBER|:WORD, such as tag:eu"):
        query.parse(text)


@pytest.mark.parametrize("text", ["", "auc>0.8", "auc>=-1e-3", "auc=0.5", "sex=male", "sex!=male", "tag:eu"])
def test_other_searches_are_read(text: str) -> None:
    """Texts are compared for equality only."""
    assert len(query.parse(text).conditions) == len(text.split())
