"""Signatures of versions with OpenSSF model-signing and offline EC keys, and the policy that asks for them."""

from __future__ import annotations

import contextlib
import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mlops_magics.core import state
from mlops_magics.core.versioning.describing.data_txt import FILE
from mlops_magics.core.versioning.describing.model_version import ModelVersion
from mlops_magics.core.versioning.history.event_log import EventLog
from mlops_magics.core.versioning.history.events import Event
from mlops_magics.core.versioning.names import ModelName, VersionName
from mlops_magics.core.versioning.stores.store import Store
from mlops_magics.errors import InvalidInput, MissingDependency, NotTrusted

POLICY = "required_signatures.json"
_BUNDLE = "bundle.json"


def sign(store: Store, log: EventLog, version: ModelVersion, private_key: Path, password: str | None = None) -> None:
    """Sign every file of a version with an EC key; the signature is an event of the board's log.

    Parameters
    ----------
    private_key
        A file with an EC key (P-256, P-384 or P-521) in PEM.
    password
        Of the key, where it is encrypted.

    Raises
    ------
    InvalidInput
        When there is no such key.
    MissingDependency
        Without the ``signing`` extra.
    """
    if not private_key.is_file():
        raise InvalidInput(
            f"There is no key at {private_key}. Make one: `openssl ecparam -name prime256v1 -genkey -noout`."
        )
    signing = _library("signing")
    with _folder_of(store, version) as folder, tempfile.TemporaryDirectory() as aside:
        bundle = Path(aside) / _BUNDLE
        signing.Config().use_elliptic_key_signer(private_key=private_key, password=password).sign(folder, bundle)
        event = Event.sign(version.name, version.version, json.loads(bundle.read_bytes()))
    log.append(lambda events: event)


def verify(store: Store, log: EventLog, version: ModelVersion, public_key: Path) -> None:
    """Check that one of the version's signatures was made with the key, over exactly the files that are there.

    Raises
    ------
    NotTrusted
        When there is no signature, or none that fits; nothing was deserialised.
    MissingDependency
        Without the ``signing`` extra.
    """
    verifying = _library("verifying")
    bundles = [event.details["bundle"] for event in log.signatures(version.name, version.version)]
    with _folder_of(store, version) as folder, tempfile.TemporaryDirectory() as aside:
        for number, written in enumerate(bundles):
            bundle = Path(aside) / f"{number}-{_BUNDLE}"
            bundle.write_text(json.dumps(written))
            with contextlib.suppress(Exception):  # a signature that does not fit; another may
                verifying.Config().use_elliptic_key_verifier(public_key=public_key).verify(folder, bundle)
                return
    found = f"{len(bundles)} signature(s), and none fits the key" if bundles else "no signature"
    raise NotTrusted(
        f"{version.ref} has {found} that the policy of {store.url} asks for. Sign it, or take another version."
    )


def require(board: str, public_key: Path | None) -> None:
    """Demand a signature made with this key before any model of the board is read; None ends the policy."""
    policy = _policy()
    policy.pop(board, None)
    if public_key is not None:
        policy[board] = str(public_key.absolute())
    state.write_private(state.directory() / POLICY, json.dumps(policy, indent=1).encode())


def check(store: Store, log: EventLog, version: ModelVersion) -> None:
    """Apply the policy of the board, where this user set one.

    Raises
    ------
    NotTrusted
        When the version has no signature that the policy demands.
    """
    key = _policy().get(store.url)
    if key is not None:
        verify(store, log, version, Path(key))


def _policy() -> dict[str, str]:
    try:
        policy = json.loads((state.directory() / POLICY).read_bytes())
    except FileNotFoundError:
        return {}
    return dict(policy)


def _library(part: str) -> Any:
    try:
        import importlib

        return importlib.import_module(f"model_signing.{part}")
    except ImportError as error:
        raise MissingDependency("Signatures need model-signing", "mlops-magics[signing]") from error


@contextlib.contextmanager
def _folder_of(store: Store, version: ModelVersion) -> Iterator[Path]:
    """Put the files of a version into a private folder, so that every kind of board is signed alike."""
    name, called = ModelName(version.name), VersionName(version.version)
    with tempfile.TemporaryDirectory(prefix="mlops-magics-") as place:
        folder = Path(place) / called
        folder.mkdir()
        for file in (FILE, *(stored.name for stored in version.files)):
            with store.open(name, called, file) as stream, (folder / file).open("wb") as target:
                shutil.copyfileobj(stream, target)
        yield folder
