"""Signatures of versions with OpenSSF model-signing and offline EC keys, and the policy that requires them."""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlops_magics.core import phrases, state
from mlops_magics.core.file_layer import FileLayer
from mlops_magics.core.versioning.describing.data_txt import FILE
from mlops_magics.core.versioning.describing.model_version import ModelVersion
from mlops_magics.core.versioning.history.event_log import EventLog
from mlops_magics.core.versioning.history.events import Event
from mlops_magics.core.versioning.names import ModelName, VersionName
from mlops_magics.core.versioning.stores.store import Store
from mlops_magics.errors import IntegrityError, InvalidInput, MissingDependency, NotTrusted

POLICY = "required_signatures.json"
"""Map from a board to the key that must have signed each version."""

SIGNERS = "trusted_signers.json"
"""Map from a board to the keys whose signatures are trusted."""

_BUNDLE = "bundle.json"


LARGEST_KEY = 1_000_000
"""Bytes of a file with a key."""


@dataclass(frozen=True, slots=True)
class Signed:
    """A version whose files were signed.

    Attributes
    ----------
    files
        The files under the signature.
    """

    ref: str
    board: str
    files: tuple[str, ...]

    def __repr__(self) -> str:
        return (
            f"{self.ref} is signed, with {phrases.counted(len(self.files), 'file')}. "
            "Who has the public key reads it after: `%trust --key PUBLIC.pem`."
        )


def sign(store: Store, log: EventLog, version: ModelVersion, private_key: Path, password: str | None = None) -> Signed:
    """Sign every file of a version with an EC key. The signature is an event of the board's log.

    Parameters
    ----------
    private_key
        A file with an EC key (P-256, P-384 or P-521) in PEM.
    password
        The password of the key, where it is encrypted.

    Raises
    ------
    InvalidInput
        When the key does not exist, or cannot be used.
    MissingDependency
        Without the ``signing`` extra.
    """
    if not private_key.is_file():
        raise InvalidInput(
            f"The key {private_key} does not exist. Make one: `openssl ecparam -name prime256v1 -genkey -noout`."
        )
    if private_key.stat().st_size > LARGEST_KEY:
        raise InvalidInput(f"{private_key} has more than {LARGEST_KEY:,} bytes, so it is not a key.")
    signing = _library("signing")
    with _folder_of(store, version) as folder, tempfile.TemporaryDirectory() as aside:
        bundle = Path(aside) / _BUNDLE
        try:
            signer = signing.Config().use_elliptic_key_signer(private_key=private_key, password=password)
        except (ValueError, TypeError, AttributeError, OSError) as error:  # an Ed25519 key gives an AttributeError
            why = "its password is missing or wrong" if "password" in str(error).lower() else "EC keys in PEM are read"
            raise InvalidInput(f"{private_key} cannot be used to sign: {why}.") from error
        signer.sign(folder, bundle)
        event = Event.sign(version.name, version.version, json.loads(bundle.read_bytes()))
        files = tuple(sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()))
    log.append(lambda events: event)
    return Signed(version.ref, version.board, files)


def verify(store: Store, log: EventLog, version: ModelVersion, public_key: str) -> None:
    """Check that one of the version's signatures was made with the key, over exactly the files that are there.

    Parameters
    ----------
    public_key
        The key in PEM.

    Raises
    ------
    NotTrusted
        When no signature exists, or none fits. Nothing was deserialised.
    IntegrityError
        When the files are not those of the version.
    MissingDependency
        Without the ``signing`` extra.
    """
    bundles = [event.details["bundle"] for event in log.signatures(version.name, version.version)]
    if not any(_fits(store, version, bundle, public_key) for bundle in bundles):
        found = f"{len(bundles)} signature(s), and none fits the key" if bundles else "no signature"
        raise NotTrusted(
            f"{version.ref} has {found} that the policy of {store.url} demands. "
            f"Sign it with `%sign {version.ref} --key PRIVATE.pem`, or take another version."
        )


def is_signed_by_trusted(store: Store, log: EventLog, version: ModelVersion) -> bool:
    """Return whether a key that this user trusts for the board signed the version.

    Raises
    ------
    IntegrityError, MissingDependency
        As `verify`.
    """
    keys = trusted_keys(store.url)
    signed = log.signatures(version.name, version.version) if keys else []
    return any(_fits(store, version, event.details["bundle"], key) for event in signed for key in keys)


def require(board: str, public_key: Path | None) -> None:
    """Require a signature made with this key before any model of the board is read. None ends the policy.

    Raises
    ------
    InvalidInput
        When the key does not exist.
    """
    _change(POLICY, board, None if public_key is None else read_key(public_key))


def trust_key(board: str, public_key: Path) -> None:
    """Trust the versions of a board that were signed with this key.

    Raises
    ------
    InvalidInput
        When the key does not exist.
    """
    _change(SIGNERS, board, sorted({*trusted_keys(board), read_key(public_key)}))


def distrust_keys(board: str) -> None:
    """End the trust in all signatures on a board."""
    _change(SIGNERS, board, None)


def trusted_keys(board: str) -> list[str]:
    """Return the public keys, in PEM, whose signatures are trusted on a board."""
    keys = _entries(SIGNERS).get(board)
    return [key for key in keys if isinstance(key, str)] if isinstance(keys, list) else []


def read_key(public_key: Path) -> str:
    """Return a public key in PEM.

    Raises
    ------
    InvalidInput
        When the file does not hold one.
    """
    place = public_key.expanduser().resolve()
    try:
        text = FileLayer(place.parent).read(place.name, LARGEST_KEY).decode()
    except (OSError, UnicodeDecodeError):  # a pipe, a device or a huge file too
        text = ""
    if "BEGIN PUBLIC KEY" not in text:
        raise InvalidInput(
            f"{public_key} is not a public key. Make one: `openssl ec -in PRIVATE.pem -pubout -out PUBLIC.pem`."
        )
    return text


def check(store: Store, log: EventLog, version: ModelVersion) -> None:
    """Apply the policy of the board, where this user set one.

    Raises
    ------
    NotTrusted
        When the version lacks the signature that the policy requires.
    """
    key = _entries(POLICY).get(store.url)
    if isinstance(key, str):  # version 0.1 kept the path of the key
        verify(store, log, version, key if key.startswith("-----BEGIN") else read_key(Path(key)))


def _fits(store: Store, version: ModelVersion, bundle: dict[str, Any], public_key: str) -> bool:
    verifying = _library("verifying")
    with _folder_of(store, version) as folder, tempfile.TemporaryDirectory() as aside:
        written, key = Path(aside) / _BUNDLE, Path(aside) / "key.pem"
        written.write_text(json.dumps(bundle))
        key.write_text(public_key)
        try:
            verifying.Config().use_elliptic_key_verifier(public_key=key).verify(folder, written)
        except Exception:  # a signature that does not fit or is not valid
            return False
        return True


def _entries(name: str) -> dict[str, Any]:
    entries = state.read_json(state.directory() / name)
    return entries if isinstance(entries, dict) else {}


def _change(name: str, board: str, value: Any) -> None:
    entries = {place: each for place, each in _entries(name).items() if place != board}
    if value is not None:
        entries[board] = value
    state.write_private(state.directory() / name, json.dumps(entries, indent=1).encode())


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
        stored = version.stored(version.file)
        with (folder / version.file).open("rb") as stream:
            if stored is None or hashlib.file_digest(stream, "sha256").hexdigest() != stored.sha256:
                raise IntegrityError(f"{version.file} of {version.ref} is not what was written. Run `%verify`.")
        yield folder
