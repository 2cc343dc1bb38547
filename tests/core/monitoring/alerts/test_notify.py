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


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "10.0.0.1", "169.254.169.254", "::1"])
def test_webhooks_do_not_call_inner_addresses(host: str) -> None:
    """T14: The resolved address is checked, whatever the name says."""
    with pytest.raises(NotificationError, match="inner address"):
        notify.checked_address(host, 443)
