"""Who may ask: the Host, the Origin and the bearer token of every request on every route."""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Collection, Mapping

from mlops_magics.core.deploying.contract.http_error import Refusal

OPEN_PATHS = frozenset({"/ping", "/ping/"})
"""Liveness, which tells nothing: no token needed. Every other route is closed unless it is listed here."""


class Guard:
    """Admits or refuses a request by its headers alone.

    Parameters
    ----------
    host
        The address that the endpoint listens on.
    token
        The bearer token; ``None`` opens the endpoint to everybody who reaches it.
    allowed_hosts
        Further names under which it may be called (behind a proxy).
    allowed_origins
        Origins of web pages that may ask it.
    """

    def __init__(
        self, host: str, token: str | None, allowed_hosts: Collection[str] = (), allowed_origins: Collection[str] = ()
    ) -> None:
        self._loopback = is_loopback(host)
        self._names = {"localhost", host.lower(), *(name.lower() for name in allowed_hosts)}
        self._origins = frozenset(origin.rstrip("/").lower() for origin in allowed_origins)
        self._expected = None if token is None else f"Bearer {token}".encode()
        self._known_hosts: set[str] = set()

    @property
    def asks_for_token(self) -> bool:
        """Whether a bearer token is needed."""
        return self._expected is not None

    def refusal(self, path: str, headers: Mapping[str, str]) -> Refusal | None:
        """Return why this request may not be answered, or ``None``."""
        host = headers.get("host", "")
        if host not in self._known_hosts and not self._admit_host(host):
            return Refusal(403, "This Host is not served here; ask by the address that the endpoint announced.")
        origin = headers.get("origin")
        if origin is not None and not self._own_origin(origin, host):
            return Refusal(403, "Requests from this Origin are not served.")
        if self._expected is not None and path not in OPEN_PATHS:
            sent = headers.get("authorization", "").encode("latin-1", "replace")
            if not hmac.compare_digest(sent, self._expected):
                return Refusal(401, "A bearer token is needed: send the header `Authorization: Bearer TOKEN`.")
        return None

    def _admit_host(self, host: str) -> bool:
        name = _name_of(host)
        admitted = name is not None and (name in self._names or self._is_own_address(name))
        if admitted and len(self._known_hosts) < 64:
            self._known_hosts.add(host)
        return admitted

    def _is_own_address(self, name: str) -> bool:
        """Take loopback addresses always, and any literal address where the endpoint listens to the network."""
        try:
            address = ipaddress.ip_address(name)
        except ValueError:
            return False
        return address.is_loopback or not self._loopback

    def _own_origin(self, origin: str, host: str) -> bool:
        asked = origin.lower()
        return asked in self._origins or asked in {f"http://{host.lower()}", f"https://{host.lower()}"}


def is_loopback(host: str) -> bool:
    """Tell whether this address or name reaches only this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _name_of(host: str) -> str | None:
    """Return the name or address of a Host header without its port; ``None`` when it is malformed."""
    text = host.strip().lower()
    if text.startswith("["):
        name, closed, port = text[1:].partition("]")
        port = port.removeprefix(":") if closed else "?"
    else:
        name, _, port = text.partition(":")
    if not name or (port and not port.isdecimal()):
        return None
    return name
