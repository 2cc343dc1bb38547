"""The filters of warnings come back as they were."""

from __future__ import annotations

import json
import warnings

from sklearn.exceptions import ConvergenceWarning

from mlops_magics.core.retraining.recipe import warning_filters


def test_filters_come_back_through_json_in_their_order() -> None:
    """With patterns, categories of libraries and lines. One whose category does not exist any more is left out."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="old.*")
        warnings.filterwarnings("error", category=ConvergenceWarning, module="own", lineno=3)
        before = list(warnings.filters)
        kept = json.loads(json.dumps(warning_filters.current()))
        warnings.resetwarnings()
        warning_filters.restore([["error", None, "no.such", "Warning", None, 0], *kept])
        after = list(warnings.filters)
        warning_filters.restore([])

        assert after == before
        assert list(warnings.filters) == before
