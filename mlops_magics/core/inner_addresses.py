"""Addresses of this machine and of inner networks, to which nothing outside may lead a request."""

from __future__ import annotations

import ipaddress

_INNER_NETWORKS = [
    ipaddress.IPv6Network(each)
    for each in (
        "::/96", "::ffff:0:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "2001::/32", "2002::/16", "fec0::/10",
        "3fff::/20",
    )
]  # fmt: skip
"""Networks of IPv6 whose addresses contain one of IPv4, which may be an inner one (compatible and translated addresses,
NAT64, Teredo and 6to4: RFC 4291, 2765, 6052, 8215, 4380, 3056), the site-local ones of RFC 3879, and those of examples
(RFC 9637)."""

_RELAYS = ipaddress.IPv4Network("192.88.99.0/24")
"""The nearest relay of 6to4, whichever machine that is (RFC 7526)."""


def is_outside(text: str) -> bool:
    """Return whether an address belongs to another network, and to one host there."""
    # without the zone of a link-local address
    address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return is_outside(str(address.ipv4_mapped))
        if any(address in network for network in _INNER_NETWORKS):
            return False
    elif address in _RELAYS:
        return False
    return address.is_global and not (address.is_multicast or address.is_link_local or address.is_reserved)
