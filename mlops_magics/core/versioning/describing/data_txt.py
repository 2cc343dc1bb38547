"""The reader and writer of ``data.txt``, the metadata file of a pins version, also from other writers."""

from __future__ import annotations

import hashlib
import itertools
import json
import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import yaml

from mlops_magics.core import phrases
from mlops_magics.core.versioning.describing import bounded_yaml, measured_score
from mlops_magics.core.versioning.describing.lineage import Lineage
from mlops_magics.core.versioning.describing.model_version import CHANGED, CODE, ModelVersion, StoredFile
from mlops_magics.core.versioning.describing.prototype import Prototype
from mlops_magics.core.versioning.names import STAMP, FileName, VersionName, parse_stamp
from mlops_magics.errors import IntegrityError, InvalidInput

FILE = "data.txt"
OURS = "mlops_magics"
COPIED = "copied_from"
LOG = "log"
"""The state of the board's log when the version was published."""

STAMPS = (COPIED, LOG, CODE, CHANGED, measured_score.STAMP)

LAYOUT = 1
"""The layout of the block under ``user.mlops_magics``. A reader refuses a greater one."""

LARGEST = 16_000_000
UNKNOWN_TIME = datetime(1970, 1, 1, tzinfo=UTC)


def encode(version: ModelVersion, required_packages: list[str]) -> bytes:
    """Write the metadata of a version as pins, R's pins and vetiver read them.

    Our own block is one JSON string, because pins does not read it and it parses a hundred times faster than YAML.
    The seal covers the whole document, so that no byte of it can change unseen.
    """
    pin_type = "joblib" if version.format == "joblib" else "file"
    document: dict[str, Any] = {
        "api_version": 1,
        "created": version.created.strftime(STAMP),
        "description": version.description,
        "file": version.file,
        "file_size": version.size,
        "pin_hash": version.stamps["pin_hash"],
        "tags": list(version.tags) or None,
        "title": f"{version.name}: a pinned {(version.model_type or 'model').rpartition('.')[2]}",
        "type": pin_type,
        "user": {
            "user": version.metadata,
            "vetiver_meta": {
                "prototype": json.dumps(version.prototype.example_values()) if version.prototype else None,
                "python_version": _python_version(version.lineage.python),
                "required_pkgs": required_packages,
            },
            OURS: {"record": json.dumps(_ours(version), separators=(",", ":"))},
        },
    }
    document["user"][OURS]["seal"] = _seal(document)
    return yaml.dump(document, Dumper=yaml.CSafeDumper, allow_unicode=True, width=10**9).encode()


def _ours(version: ModelVersion) -> dict[str, Any]:
    return {
        "layout": LAYOUT,
        "name": version.name,
        "version": version.version,
        "format": version.format,
        "model_type": version.model_type,
        "author": version.author,
        "parent": version.parent,
        "metrics": version.metrics,
        "parameters": version.parameters,
        "prototype": version.prototype.to_json() if version.prototype else None,
        "lineage": version.lineage.to_json(),
        "files": [file.to_json() for file in version.files],
        **{key: version.stamps[key] for key in STAMPS if key in version.stamps},
    }


def _python_version(version: str | None) -> list[Any] | None:
    numbers = re.match(r"(\d+)\.(\d+)\.(\d+)", version or "")
    return [*map(int, numbers.groups()), "final", 0] if numbers else None


def decode(data: bytes, name: str, version: str, board: str, most: int = bounded_yaml.MOST_EVENTS) -> ModelVersion:
    """Read the metadata of a version, of any writer.

    Parameters
    ----------
    data
        The bytes of the metadata.
    name, version
        The version that they are of.
    board
        Its URL.
    most
        The parts that they may have.

    Raises
    ------
    IntegrityError
        When they cannot be read, do not belong to this version, or are of a newer layout.
    """
    where = f"{name}@{version}"
    document = _document(data, where, most)
    user = _mapping(document.get("user"))
    ours = _our_block(document, where)
    if ours is not None and (ours.get("name"), ours.get("version")) != (name, version):
        other = phrases.one_line(f"{ours.get('name')}@{ours.get('version')}")
        raise IntegrityError(f"{where} holds the metadata of {other}. Run `%verify`.")
    try:
        return _version_of(document, user, ours, name, version, board)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        why = phrases.one_line(f"{type(error).__name__}: {error}")
        raise IntegrityError(f"The metadata of {where} are damaged ({why}). Run `%verify`.") from error


def called(data: bytes, where: str) -> VersionName | None:
    """Return the name that pins gives a version with these metadata, or None where they lack its parts.

    Raises
    ------
    IntegrityError
        When they are not valid metadata.
    """
    document = _document(data, where)
    created, pin_hash = _created(document.get("created")), str(document.get("pin_hash") or "")
    whole = created != UNKNOWN_TIME and VersionName.accepts(f"{created.strftime(STAMP)}-{pin_hash[:5]}")
    return VersionName.of(created, pin_hash) if whole and pin_hash else None


def files_listed(data: bytes, where: str) -> dict[str, int]:
    """Return the files in a version's metadata, each with its size in bytes, or -1 where the size is unknown.

    Raises
    ------
    IntegrityError
        When the metadata are not valid, or name a file outside the version.
    """
    document = _document(data, where)
    names, sizes = _listed(document.get("file")), _listed(document.get("file_size"))
    try:
        return {
            FileName(name): size if isinstance(size, int) else -1
            for name, size in itertools.zip_longest(names, sizes[: len(names)])
        }
    except InvalidInput as error:
        raise IntegrityError(f"The metadata of {where} list a file that is not in it: {error}") from error


def content_hash(data: bytes, where: str) -> str:
    """Return the hash that pins keeps of the contents, or "" where there is none."""
    found = _document(data, where).get("pin_hash")
    return found if isinstance(found, str) else ""


def _document(data: bytes, where: str, most: int = bounded_yaml.MOST_EVENTS) -> dict[str, Any]:
    if len(data) > LARGEST:
        raise IntegrityError(f"The metadata of {where} are larger than {LARGEST:,} bytes. They were not read.")
    try:
        document = bounded_yaml.load(data, FILE, most)
    except bounded_yaml.TooCostly as error:
        raise IntegrityError(f"The metadata of {where} have too many parts. They were not read.") from error
    except InvalidInput as error:
        raise IntegrityError(f"The metadata of {where} were refused: {error}") from error
    except ValueError as error:
        raise IntegrityError(f"The metadata of {where} are not valid YAML. Run `%verify`.") from error
    if not isinstance(document, dict):
        raise IntegrityError(f"The metadata of {where} are empty. Run `%verify`.")
    return document


def _seal(document: Mapping[str, Any]) -> str:
    """Return the sha256 over all metadata except the seal itself."""
    user = {**document["user"], OURS: {"record": document["user"][OURS]["record"]}}
    canonical = json.dumps({**document, "user": user}, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _our_block(document: Mapping[str, Any], where: str) -> dict[str, Any] | None:
    sealed = _mapping(document.get("user")).get(OURS)
    if sealed is None:
        if _sealed_elsewhere(document):
            raise IntegrityError(f"The metadata of {where} were changed after they were written. Run `%verify`.")
        return None
    try:
        block = json.loads(sealed["record"])
        layout = int(block["layout"])
        intact = sealed["seal"] == _seal(document)
    except (ValueError, KeyError, TypeError, RecursionError, OverflowError) as error:
        raise IntegrityError(f"Our part of the metadata of {where} is damaged. Run `%verify`.") from error
    if not intact:
        raise IntegrityError(f"The metadata of {where} were changed after they were written. Run `%verify`.")
    if layout > LAYOUT:
        raise IntegrityError(
            f"{where} was written by a newer mlops_magics (layout {layout}). Run `pip install -U mlops-magics`."
        )
    return dict(block)


def _sealed_elsewhere(document: Mapping[str, Any]) -> bool:
    """Return whether a sealed block is under another key than ours. A damaged key must not hide the block."""
    places = [document, *(value for value in document.values() if isinstance(value, dict))]
    return any(isinstance(value, dict) and "seal" in value for place in places for value in place.values())


def _version_of(
    document: Mapping[str, Any],
    user: Mapping[str, Any],
    ours: Mapping[str, Any] | None,
    name: str,
    version: str,
    board: str,
) -> ModelVersion:
    vetiver = _mapping(user.get("vetiver_meta"))
    file = _model_file(document)
    block: Mapping[str, Any] = ours or {}
    files = tuple(StoredFile.from_json(each) for each in block.get("files") or ())
    model_file = next((each for each in files if each.name == file), None)
    lineage = Lineage.from_json(block.get("lineage") or {"packages": dict.fromkeys(_required(user, vetiver), "")})
    custom = user.get("user", user if ours is None and "vetiver_meta" not in user else {})
    return ModelVersion(
        name=str(name),
        version=str(version),
        created=VersionName(version).created or _created(document.get("created")),
        hash=f"sha256:{model_file.sha256}" if model_file else f"xxh64:{document.get('pin_hash')}",
        board=board,
        prototype=_prototype(block, user, vetiver),
        metrics={str(metric): _score(value) for metric, value in dict(block.get("metrics") or {}).items()},
        metadata=dict(custom) if isinstance(custom, dict) else {"user": custom},
        tags=tuple(str(tag) for tag in _listed(document.get("tags"))),
        description=_text(document.get("description")),
        lineage=lineage,
        format=str(block.get("format") or document.get("type") or "unknown"),
        size=model_file.size if model_file else _size(document.get("file_size")),
        parent=_text(block.get("parent")),
        file=file,
        files=files,
        parameters=dict(block.get("parameters") or {}),
        model_type=_text(block.get("model_type")),
        author=_text(block.get("author")),
        stamps={key: document[key] for key in ("pin_hash", "title", "type", "api_version") if key in document}
        | {key: block[key] for key in STAMPS if key in block},
    )


def _model_file(document: Mapping[str, Any]) -> str:
    """Return the bare name of the model file. A name with a path in it is refused from any writer."""
    names = _listed(document.get("file"))
    return str(FileName(names[0])) if len(names) == 1 else ""


def _prototype(block: Mapping[str, Any], user: Mapping[str, Any], vetiver: Mapping[str, Any]) -> Prototype | None:
    if block:
        return Prototype.from_json(block["prototype"]) if block.get("prototype") else None
    written = vetiver.get("prototype") or user.get("ptype")
    try:
        values = json.loads(written) if isinstance(written, str) else written
    except ValueError:
        return None
    return Prototype.from_examples(values) if isinstance(values, dict) and values else None


def _required(user: Mapping[str, Any], vetiver: Mapping[str, Any]) -> list[str]:
    return [str(package) for package in _listed(vetiver.get("required_pkgs") or user.get("required_pkgs"))]


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list) else [] if value is None else [value]


def _size(value: Any) -> int:
    return sum(int(size) for size in _listed(value) if isinstance(size, int | float) and math.isfinite(size))


def _score(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | None):
        raise ValueError("a metric is not a number")
    return value if isinstance(value, float | None) else float(value)  # type: ignore[return-value]


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _created(value: Any) -> datetime:
    """Read the time of a version without one in its name. Pins writes a stamp, and old R boards an ISO time."""
    if isinstance(value, str):
        stamp = parse_stamp(value)
        if stamp is not None:
            return stamp
        try:
            found = datetime.fromisoformat(value)
        except ValueError:
            return UNKNOWN_TIME
        return found if found.tzinfo else found.replace(tzinfo=UTC)
    return UNKNOWN_TIME
