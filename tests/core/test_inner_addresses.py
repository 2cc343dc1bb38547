"""Addresses to which nothing outside may lead a request."""

from __future__ import annotations

import pytest

from mlops_magics.core.inner_addresses import is_outside

INNER = [
    "127.0.0.1", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "224.0.0.1",
    "255.255.255.255", "::1", "::", "fe80::1%eth0", "fc00::1", "ff02::1", "::127.0.0.1", "::ffff:127.0.0.1",
    "::ffff:0:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "2001::1", "fec0::1",
    "3fff::1", "192.88.99.1",
]  # fmt: skip


@pytest.mark.parametrize("address", INNER)
def test_T14_inner_addresses_in_every_notation(address: str) -> None:
    """T14: loopback, private, link-local and multicast ones, also inside addresses of IPv6."""
    assert not is_outside(address)


@pytest.mark.parametrize("address", ["93.184.215.14", "1.1.1.1", "2606:4700::1111", "::ffff:1.1.1.1"])
def test_addresses_outside(address: str) -> None:
    """One host of another network."""
    assert is_outside(address)
