"""Copies of a version on another board: the same bytes under the same hash, with their lineage and metadata."""

from __future__ import annotations

import dataclasses
import shutil

from mlops_magics.core.versioning.describing import data_txt, measured_score
from mlops_magics.core.versioning.describing.model_version import CHANGED, CODE, ModelVersion
from mlops_magics.core.versioning.history.anchors import Anchor
from mlops_magics.core.versioning.integrity import verified_files
from mlops_magics.core.versioning.names import ModelName
from mlops_magics.core.versioning.publishing import publication
from mlops_magics.core.versioning.stores.store import Store
from mlops_magics.errors import IntegrityError, InvalidInput


def copy(
    source: Store,
    version: ModelVersion,
    target: Store,
    name: str | None,
    anchor: Anchor | None,
    announce: publication.Announce,
) -> ModelVersion:
    """Publish the version's bytes in another store, where they become the newest version of ``name``.

    Parameters
    ----------
    name
        The name on the target, by default that of the version.
    anchor
        The state of the target's log, which the copy keeps.
    announce
        Receives the copy before it is visible.

    Raises
    ------
    InvalidInput
        When the version is a pin of several files.
    IntegrityError
        When the bytes are not those that were written. Nothing is published then.
    """
    new_name = ModelName(name or version.name)
    if not version.file:
        raise InvalidInput(f"{version.ref} is a pin of several files. Copy it with pins.")
    with target.draft() as draft:
        with verified_files.open_model(source, version) as stream, draft.open(version.file) as written:
            shutil.copyfileobj(stream, written, publication.COPY_BUFFER)
        digest = draft.digest(version.file)
        files = [publication.stored_file(version.file, digest)]
        for stored in version.files:
            if stored.name != version.file:
                data = verified_files.read_file(source, version, stored.name)
                files.append(publication.stored_file(stored.name, draft.add(stored.name, data)))
        if version.hash not in {f"sha256:{digest.sha256}", f"xxh64:{digest.xxh64}"}:
            raise IntegrityError(f"{version.file} of {version.ref} changed while it was copied. Nothing was published.")
        stamps = {
            **{key: version.stamps[key] for key in (CODE, CHANGED, measured_score.STAMP) if key in version.stamps},
            "pin_hash": digest.xxh64,
            data_txt.COPIED: version.stamps.get(data_txt.COPIED) or f"{source.url}:{version.ref}",
            **publication.remembered(anchor),
        }
        copied = dataclasses.replace(
            version,
            name=str(new_name),
            board=target.url,
            hash=f"sha256:{digest.sha256}",
            size=digest.size,
            files=tuple(files),
            parent=None,
            aliases=(),
            stamps=stamps,
        )
        return publication.commit(target, draft, copied, sorted(version.lineage.packages), announce)
