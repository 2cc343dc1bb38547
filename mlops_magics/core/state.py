"""The state folder: what this user's processes know of each other (announcements, prediction logs, the trust list)."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

PRIVATE_FOLDER = 0o700
PRIVATE_FILE = 0o600


def directory(*parts: str) -> Path:
    """Return the state folder, or a folder below it, created so that only its owner can enter.

    ``MLOPS_MAGICS_STATE`` names another place than the platform's own.
    """
    root = Path(os.environ.get("MLOPS_MAGICS_STATE") or _platform_folder())
    folder = root.joinpath(*parts)
    for place in (root, *(root.joinpath(*parts[: depth + 1]) for depth in range(len(parts)))):
        if not place.is_dir():
            place.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
    return folder


def write_private(path: Path, data: bytes) -> None:
    """Replace ``path`` by ``data`` in one step, readable by its owner only."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        Path(temporary).chmod(PRIVATE_FILE)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _platform_folder() -> str:
    import platformdirs

    return platformdirs.user_state_dir("mlops_magics", appauthor=False)
