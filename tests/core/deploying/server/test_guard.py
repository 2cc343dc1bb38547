"""Who may ask: Host, Origin and token."""

from __future__ import annotations

import pytest

from mlops_magics.core.deploying.server.guard import Guard

HOSTS_SERVED = ["127.0.0.1", "127.0.0.1:80", "localhost:8000", "LOCALHOST", "[::1]:9", "127.1.2.3"]
HOSTS_REFUSED = [
    "", "evil.example", "10.evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "10.0.0.1",
    "127.0.0.1:80:80", "[::1", "[::2]:1", "127.0.0.1:x", "0x7f.1", "localhost@evil.example",
]  # fmt: skip


@pytest.mark.parametrize("host", HOSTS_SERVED)
def test_loopback_hosts_are_served(host: str) -> None:
    """An endpoint on loopback answers to loopback names and addresses, with or without a port."""
    assert Guard("127.0.0.1", None).refusal("/predict", {"host": host}) is None


@pytest.mark.parametrize("host", HOSTS_REFUSED)
def test_other_hosts_are_refused_on_every_route(host: str) -> None:
    """T7: A name that was rebound to this machine is 403, also where no token is needed."""
    for path in ("/ping", "/predict", "/"):
        refusal = Guard("127.0.0.1", "t").refusal(path, {"host": host, "authorization": "Bearer t"})
        assert refusal is not None
        assert refusal.code == 403


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "http://localhost.evil.example", "http://127.0.0.1:1", "file://"]
)
def test_foreign_origins_are_refused(origin: str) -> None:
    """A page from elsewhere is 403, also with the right token."""
    refusal = Guard("127.0.0.1", "t").refusal(
        "/predict", {"host": "127.0.0.1:8000", "origin": origin, "authorization": "Bearer t"}
    )

    assert refusal is not None
    assert refusal.code == 403


def test_the_endpoints_own_page_and_allowed_origins_are_served() -> None:
    """The docs page's origin and those that were allowed may ask."""
    guard = Guard("127.0.0.1", None, allowed_origins=["https://app.example/"])

    for origin in ("http://127.0.0.1:8000", "https://app.example"):
        assert guard.refusal("/predict", {"host": "127.0.0.1:8000", "origin": origin}) is None


@pytest.mark.parametrize(
    "sent", [None, "", "Bearer", "Bearer T", "bearer", "Basic t", "t", "Bearer t t", "Bearer tt", "Bearer \u00ff"]
)
def test_only_the_exact_token_opens(sent: str | None) -> None:
    """Any other token is 401 on every route but /ping."""
    headers = {"host": "localhost"} | ({"authorization": sent} if sent is not None else {})
    guard = Guard("127.0.0.1", "t")

    refusal = guard.refusal("/health", headers)

    assert refusal is not None
    assert refusal.code == 401
    assert guard.refusal("/ping", headers) is None


def test_an_endpoint_on_the_network_takes_addresses_but_no_unknown_names() -> None:
    """Bound to every address, it answers to literal addresses and to the names that were allowed."""
    guard = Guard("0.0.0.0", None, allowed_hosts=["models.example"])

    assert guard.refusal("/ping", {"host": "10.1.2.3:80"}) is None
    assert guard.refusal("/ping", {"host": "models.example"}) is None
    assert guard.refusal("/ping", {"host": "evil.example"}) is not None
