"""The fingerprint of training data: equal for equal columns, dtypes and values in any library."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np


def of(data: Any, truth: Any = None) -> str:
    """Return ``sha256:…`` over features and truth."""
    digest = hashlib.sha256()
    for part in (data, truth):
        if part is not None:
            _add(digest, part)
    return f"sha256:{digest.hexdigest()}"


def _add(digest: Any, data: Any) -> None:
    import pandas as pd

    from mlops_magics.core.versioning.describing import input_form

    if isinstance(data, pd.Series):
        data = data.to_frame()
    if isinstance(data, np.ndarray) and data.dtype.kind in "biuf":
        digest.update(f"{data.dtype.str}{data.shape}".encode())
        # in the order of rows, so that the layout in memory does not change the fingerprint
        digest.update(np.ascontiguousarray(data).view(np.uint8).reshape(-1) if data.size else b"")
        return
    frame, _ = input_form.read(data)
    digest.update(repr([(str(name), str(dtype)) for name, dtype in zip(frame.columns, frame.dtypes)]).encode())
    try:
        digest.update(pd.util.hash_pandas_object(frame, index=False).to_numpy().tobytes())
    except TypeError:  # cells that cannot be hashed, such as lists
        digest.update(_text(frame).encode())


def _text(frame: Any) -> str:
    try:
        written: str = frame.to_json(default_handler=str)
    except Exception:  # pandas does not write each of Arrow's types, and has several errors for them
        return repr([frame.iloc[:, place].tolist() for place in range(frame.shape[1])])
    return written
