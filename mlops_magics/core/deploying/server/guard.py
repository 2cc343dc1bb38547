"""Access control by the Host, the Origin and the bearer token of every request on every route."""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Collection, Mapping

from mlops_magics.core.deploying.contract.http_error import HttpError
from mlops_magics.core.deploying.server.routes import OPEN_PATHS

ANY_HOST = "*"
"""In the allowed hosts: every name. A Host is checked against pages of a browser that reach this machine by a name of
their own. A container behind a platform has no browser next to it."""


class Guard:
    """Admits or refuses a request by its headers alone.

    Parameters
    ----------
    host
        The address that the endpoint listens on.
    token
        The bearer token. ``None`` opens the endpoint to every client that reaches it.
    allowed_hosts
        Further names that a Host header may have (behind a proxy), ``*`` for any, where a platform checks it.
    allowed_origins
        Origins of web pages that may call it.
    paths
        Paths of a platform, and the endpoint's own path that answers each.
    """

    def __init__(
        self,
        host: str,
        token: str | None,
        allowed_hosts: Collection[str] = (),
        allowed_origins: Collection[str] = (),
        paths: Mapping[str, str] = {},
    ) -> None:
        self.paths = paths
        self._loopback = is_loopback(host)
        self._names = {"localhost", host.lower(), *(name.lower() for name in allowed_hosts)}
        self._origins = frozenset(origin.rstrip("/").lower() for origin in allowed_origins)
        self._expected = None if token is None else token.encode()
        self._known_hosts: set[str] = set()

    @property
    def asks_for_token(self) -> bool:
        """Whether a bearer token is needed."""
        return self._expected is not None

    def refusal(self, path: str, headers: Mapping[str, str]) -> HttpError | None:
        """Return the error of a request that may not be answered, or ``None``."""
        host = headers.get("host", "")
        if host not in self._known_hosts and not self._admit_host(host):
            return HttpError(403, "This Host is not served here. Use the address that the endpoint announced.")
        origin = headers.get("origin")
        if origin is not None and not self._own_origin(origin, host):
            return HttpError(403, "Requests from this Origin are not served.")
        if self._expected is not None and path not in OPEN_PATHS:
            scheme, _, sent = headers.get("authorization", "").strip().partition(" ")
            # bytes, because compare_digest refuses texts that are not ASCII. Its time does not depend on the guess
            same = hmac.compare_digest(sent.strip(" ").encode("latin-1", "replace"), self._expected)
            if scheme.lower() != "bearer" or not same:
                return HttpError(401, "A bearer token is needed: send the header `Authorization: Bearer TOKEN`.")
        return None

    def _admit_host(self, host: str) -> bool:
        name = _name_of(host)
        admitted = name is not None and (name in self._names or ANY_HOST in self._names or self._is_own_address(name))
        # clients choose this header, so the set is bounded
        if admitted and len(self._known_hosts) < 64:
            self._known_hosts.add(host)
        return admitted

    def _is_own_address(self, name: str) -> bool:
        """Accept loopback addresses always, and any literal address where the endpoint listens on the network."""
        try:
            address = ipaddress.ip_address(name)
        except ValueError:
            return False
        return address.is_loopback or not self._loopback

    def _own_origin(self, origin: str, host: str) -> bool:
        asked = origin.lower()
        return asked in self._origins or asked in {f"http://{host.lower()}", f"https://{host.lower()}"}


def is_loopback(host: str) -> bool:
    """Return whether this address or name reaches only this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _name_of(host: str) -> str | None:
    """Return the name or address of a Host header without its port, or ``None`` when it is malformed."""
    text = host.strip().lower()
    if text.startswith("["):
        name, closed, port = text[1:].partition("]")
        port = port.removeprefix(":") if closed else "?"
    else:
        name, _, port = text.partition(":")
    if not name or (port and not port.isdecimal()):
        return None
    return name
