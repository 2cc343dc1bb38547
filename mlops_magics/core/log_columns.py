"""The columns of the prediction log, for the code that writes them and the code that reads them."""

from __future__ import annotations

PREFIX = "mlops."
"""The prefix of every column that is not a feature."""

TIMESTAMP = f"{PREFIX}timestamp"
"""When a row was answered, UTC."""
REQUEST_ID = f"{PREFIX}request_id"
ROW = f"{PREFIX}row"
"""The row's number within its request, from 0."""
VERSION = f"{PREFIX}version"
"""The version that answered."""
LATENCY = f"{PREFIX}latency_ms"
"""Milliseconds from the end of the request to the response."""
PREDICTION = f"{PREFIX}prediction"
PROBABILITY = f"{PREFIX}proba."
"""Prefix of one column for each class, before its label."""
TRUTH = "truth"
"""A column of feedback, with `REQUEST_ID` and `ROW`."""

FACTS = (TIMESTAMP, REQUEST_ID, ROW, VERSION, LATENCY)
"""The columns that every row has, in this order."""
