"""Mail of alerts: a real server, with and without STARTTLS, its certificate and its passwords."""

from __future__ import annotations

import datetime as dt
import ipaddress
import socket
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from mlops_magics.core.monitoring import MonitorReport, monitor, profile
from mlops_magics.core.monitoring.alerts import notify, targets
from mlops_magics.errors import InvalidInput, NotificationError

ACCOUNT = LoginPassword(b"team@example.org", b"p@ss:word")
URL = "smtp://team%40example.org:p%40ss%3Aword@127.0.0.1"


class Letters:
    """The mailbox of a server: what it was sent, by whom, and how."""

    def __init__(self) -> None:
        self.received: list[Any] = []
        self.passwords: list[Any] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.received.append(
            (bool(session.ssl), bool(session.authenticated), envelope.rcpt_tos, envelope.content.decode())
        )
        return "250 kept"

    def check(self, server: Any, session: Any, envelope: Any, mechanism: str, account: Any) -> AuthResult:
        self.passwords.append(account)
        return AuthResult(success=account == ACCOUNT, handled=False)


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    """Return the files of a certificate that 127.0.0.1 signed itself, and of its key."""
    key, now = ec.generate_private_key(ec.SECP256R1()), dt.datetime.now(dt.UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(hours=1))
        .add_extension(address, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    )
    signed = made.sign(key, hashes.SHA256())
    (tmp_path / "cert.pem").write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (tmp_path / "key.pem").write_bytes(private)
    return tmp_path / "cert.pem", tmp_path / "key.pem"


def free_port() -> int:
    """Return a port of the loopback on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


Serve = Callable[..., tuple[Letters, int]]


@pytest.fixture
def serve(certificate: tuple[Path, Path]) -> Iterator[Serve]:
    """Return what starts a server on a free port of the loopback, with STARTTLS or without."""
    running: list[Controller] = []

    def start(tls: bool) -> tuple[Letters, int]:
        letters, context = Letters(), ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(*certificate)
        controller = Controller(
            letters,
            hostname="127.0.0.1",
            port=free_port(),
            tls_context=context if tls else None,
            authenticator=letters.check,
            auth_require_tls=False,
        )
        controller.start()
        running.append(controller)
        return letters, controller.port

    yield start
    for controller in running:
        controller.stop()


@pytest.fixture(scope="module")
def report() -> MonitorReport:
    """Return a report with one alert."""
    numbers = np.random.default_rng(0)
    return monitor(profile({"temp": numbers.normal(size=500)}), {"temp": numbers.normal(size=500) + 1}, name="m")


def tell(report: MonitorReport, url: str, **options: Any) -> None:
    """Send the report's alerts to one address."""
    notify.notify(report, report.alerts, *targets.targets_of(["mailto:ops@example.org"], smtp=url, **options))


def test_a_password_goes_through_tls_to_a_server_that_is_known(
    report: MonitorReport, serve: Serve, certificate: tuple[Path, Path]
) -> None:
    """The letter is delivered encrypted, in the account's name, from the account's address."""
    letters, port = serve(tls=True)
    tell(report, f"{URL}:{port}", authority=str(certificate[0]))

    ((encrypted, authenticated, to, content),) = letters.received
    assert encrypted
    assert authenticated
    assert to == ["ops@example.org"]
    assert "From: team@example.org" in content
    assert report.alerts[0].message in content


def test_a_server_that_nobody_vouches_for_gets_no_password(report: MonitorReport, serve: Serve) -> None:
    """The line names the setting by which it would be known."""
    letters, port = serve(tls=True)

    with pytest.raises(NotificationError, match=r"certificate of 127.0.0.1:\d+ is not known here.*`smtp_ca`"):
        tell(report, f"{URL}:{port}")
    assert not letters.passwords
    assert not letters.received


def test_a_server_without_starttls_gets_no_password(report: MonitorReport, serve: Serve) -> None:
    """Nor a letter: who said a password wants it safe."""
    letters, port = serve(tls=False)

    with pytest.raises(NotificationError, match=r"127.0.0.1:\d+ does not offer STARTTLS"):
        tell(report, f"{URL}:{port}")
    assert not letters.passwords
    assert not letters.received


def test_a_wrong_password_is_one_line(report: MonitorReport, serve: Serve, certificate: tuple[Path, Path]) -> None:
    """It names the server, and not the password."""
    letters, port = serve(tls=True)

    with pytest.raises(NotificationError, match="refuses user and password") as told:
        tell(report, f"smtp://team:guessed@127.0.0.1:{port}", authority=str(certificate[0]))
    assert "guessed" not in str(told.value)
    assert letters.passwords
    assert not letters.received


def test_without_a_password_a_plain_server_will_do(report: MonitorReport, serve: Serve) -> None:
    """A relay of one's own network."""
    letters, port = serve(tls=False)
    tell(report, f"smtp://127.0.0.1:{port}", sender="m@example.org")

    assert [(encrypted, authenticated) for encrypted, authenticated, *_ in letters.received] == [(False, False)]


def test_a_file_of_certificates_that_is_not_there_is_told_before_anything_is_monitored() -> None:
    """As every other fault of a setting."""
    with pytest.raises(InvalidInput, match=r"The file 'nowhere\.pem'"):
        targets.targets_of(["mailto:a@b.c"], smtp="smtp://a:b@localhost", authority="nowhere.pem")
