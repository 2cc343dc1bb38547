"""Messages to the targets of a report."""

from __future__ import annotations

from typing import Any

import pytest

from mlops_magics.core.monitoring import MonitorReport
from mlops_magics.core.monitoring.alerts import notify, rules
from mlops_magics.errors import NotificationError


def test_messages_go_out_once_and_only_with_alerts(falling: MonitorReport) -> None:
    """A callback gets the verdict and the alerts; without alerts nobody is told; one broken target does not stop the
    next."""
    told: list[Any] = []
    found = rules.alerts(falling)

    notify.notify(falling, [], told.append)
    with pytest.raises(NotificationError, match="1 of 2"):
        notify.notify(falling, found, notify.webhook("https://localhost/hook"), told.append)

    assert len(told) == 1
    assert told[0]["alerts"]


INNER = {
    "loopback": ("localhost", "127.0.0.1", "127.8.9.1", "::1", "2130706433", "0x7f.1", "127.1"),
    "private": ("10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1", "fc00::1", "fd12:3456::1", "fec0::1"),
    "link-local": ("169.254.169.254", "fe80::1", "fd00:ec2::254"),
    "unspecified": ("0.0.0.0", "0.1.2.3", "::"),
    "multicast and broadcast": ("224.0.0.1", "239.255.255.250", "255.255.255.255", "ff02::1", "ff0e::1"),
    "reserved and for documents": ("240.0.0.1", "192.0.2.1", "198.51.100.1", "198.18.0.1", "2001:db8::1", "100::1"),
    "IPv4 within IPv6": ("::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "::10.0.0.1", "::ffff:0:7f00:1"),
    "NAT64": ("64:ff9b::127.0.0.1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::10.0.0.1"),
    "6to4 and Teredo": ("2002:7f00:1::", "2002:a00:1::1", "2001:0:7f00:1::"),
}
"""Addresses that a webhook may not call, by the reason; numbers and short forms are read as the system does."""


@pytest.mark.parametrize("host", [host for hosts in INNER.values() for host in hosts])
def test_webhooks_do_not_call_inner_addresses(host: str) -> None:
    """T14: The resolved address is checked, whatever the name says."""
    with pytest.raises(NotificationError, match="inner address"):
        notify.checked_address(host, 443)
