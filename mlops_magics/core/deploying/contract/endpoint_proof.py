"""The proof by which a client knows an endpoint before it sends the token or rows.

After an endpoint has died, any process of the machine can listen on its port. Only the processes of the endpoint, and
readers of its announcement, have the key. The port is part of the proof, so that a process on another port
cannot pass a challenge on to the endpoint.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets

PATH = "/ping"
"""The route that answers a challenge, without a token."""
CHALLENGE, PROOF = "x-endpoint-challenge", "x-endpoint-proof"
"""The headers of the request and of the response."""
LONGEST_ANSWER = 65_536
"""Bytes of a response to a challenge that a client reads."""
SECONDS = 10.0
"""The longest wait of a client for an answer to its challenge."""

_CHALLENGE = re.compile(r"[0-9a-f]{64}")
_PURPOSE = b"mlops-magics endpoint"


def new_challenge() -> str:
    """Return a challenge that was never used before."""
    return secrets.token_hex(32)


def new_key() -> str:
    """Return a key for one start of an endpoint."""
    return secrets.token_hex(32)


def answer(key: str, port: int, challenge: str) -> str:
    """Return the proof for a challenge, or an empty text for text that is not a challenge."""
    if not key or not _CHALLENGE.fullmatch(challenge):
        return ""
    # a zero byte is in none of the parts: two different messages cannot be joined to the same bytes
    message = b"\0".join([_PURPOSE, str(port).encode(), challenge.encode()])
    return hmac.new(bytes.fromhex(key), message, hashlib.sha256).hexdigest()


def is_valid(key: str, port: int, challenge: str, proof: str) -> bool:
    """Return whether the holder of the key gave this proof.

    Parameters
    ----------
    key, port
        The key and the port of the endpoint's registration.
    challenge
        The client's random text.
    proof
        The response of the other side.
    """
    # `==` stops at the first difference, and its time would show how many characters are right
    return hmac.compare_digest(answer(key, port, challenge).encode(), proof.encode("latin-1", "replace"))
