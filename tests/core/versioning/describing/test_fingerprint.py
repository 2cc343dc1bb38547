"""The fingerprint of training data."""

from __future__ import annotations

import pandas as pd

from mlops_magics.core.versioning.describing import lineage


def test_the_fingerprint_is_of_values_names_and_dtypes() -> None:
    """Equal data give equal fingerprints; another value, name, dtype, order of rows or truth gives another."""
    data = pd.DataFrame({"x": [1.0, 2.0], "kind": ["a", "b"]})
    truth = pd.Series([0, 1])
    prints = [
        lineage.record(data=frame, truth=target).data_fingerprint
        for frame, target in (
            (data, truth),
            (data.assign(x=[1.0, 2.5]), truth),
            (data.rename(columns={"x": "z"}), truth),
            (data.astype({"x": "float32"}), truth),
            (data.iloc[::-1], truth),
            (data, truth[::-1].reset_index(drop=True)),
        )
    ]

    assert len(set(prints)) == len(prints)
    assert prints[0] == lineage.record(data=data.copy(), truth=truth.copy()).data_fingerprint
