"""Copying a version to another board: the same bytes under the same hash, its lineage and metadata with it."""

from __future__ import annotations

import dataclasses
import shutil
from typing import TYPE_CHECKING

from mlops_magics.core.versioning.describing import data_txt
from mlops_magics.core.versioning.describing.model_version import ModelVersion
from mlops_magics.core.versioning.integrity import verified_files
from mlops_magics.core.versioning.listing.version_index import Summary
from mlops_magics.core.versioning.names import ModelName
from mlops_magics.core.versioning.publishing import publication
from mlops_magics.errors import IntegrityError, InvalidInput

if TYPE_CHECKING:
    from mlops_magics.core.versioning.board import Board


def copy(source: Board, version: ModelVersion, target: Board, name: str | None) -> ModelVersion:
    """Publish the version's bytes on another board, where they become its newest version.

    Raises
    ------
    IntegrityError
        When the bytes are not what was written; nothing is published then.
    """
    called = ModelName(name or version.name)
    if not version.file:
        raise InvalidInput(f"{version.ref} is a pin of several files; copy it with pins.")
    with target.writing(), target.store.draft() as draft:
        with verified_files.open_model(source.store, version) as stream, draft.open(version.file) as written:
            shutil.copyfileobj(stream, written, publication.COPY_BUFFER)
        digest = draft.digest(version.file)
        files = [publication.stored_file(version.file, digest)]
        for stored in version.files:
            if stored.name != version.file:
                files.append(
                    publication.stored_file(stored.name, draft.add(stored.name, source.read_file(version, stored.name)))
                )
        if version.hash not in {f"sha256:{digest.sha256}", f"xxh64:{digest.xxh64}"}:
            raise IntegrityError(f"{version.file} of {version.ref} changed while it was copied; nothing was published.")
        origin = version.stamps.get(data_txt.COPIED) or f"{source.url}:{version.ref}"
        copied = dataclasses.replace(
            version,
            name=str(called),
            board=target.url,
            hash=f"sha256:{digest.sha256}",
            size=digest.size,
            files=tuple(files),
            parent=None,
            aliases=(),
            stamps={"pin_hash": digest.xxh64, data_txt.COPIED: origin},
        )
        published = publication.commit(target.store, draft, copied, sorted(version.lineage.packages))
    target.catalogue.summaries.add(called, [Summary.of(published)])
    return published
