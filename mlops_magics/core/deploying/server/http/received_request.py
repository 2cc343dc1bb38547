"""A request as its connection received it."""

from __future__ import annotations

from dataclasses import dataclass

from mlops_magics.core.deploying.contract.http_messages import Request


@dataclass
class ReceivedRequest(Request):
    """A request that was read, and the facts that its response depends on.

    Attributes
    ----------
    size
        Bytes of the body as received. ``body`` may be decompressed later.
    keep
        Whether the client keeps the connection open.
    old
        Whether the client speaks HTTP/1.0.
    """

    size: int = 0
    keep: bool = True
    old: bool = False
