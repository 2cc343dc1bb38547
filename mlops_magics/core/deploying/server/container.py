"""The server in a container: the platform's variables, the quota of processors, and a place for state.

Platforms name the port in ``PORT`` (Cloud Run, Heroku) or ``AIP_HTTP_PORT`` (Vertex AI), and Vertex AI names its routes
in ``AIP_PREDICT_ROUTE`` and ``AIP_HEALTH_ROUTE``. An option of the command beats a variable.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlops_magics.core import state
from mlops_magics.core.deploying.contract.limits import MEBIBYTE, Limits
from mlops_magics.errors import IntegrityError, InvalidInput, StateError

PORTS = ("AIP_HTTP_PORT", "PORT")
ROUTES = {"AIP_PREDICT_ROUTE": "/invocations", "AIP_HEALTH_ROUTE": "/ping"}
"""Variable with a platform's own path → the path that answers it."""
TOKEN, TOKEN_FILE = "MLOPS_MAGICS_SERVE_TOKEN", "MLOPS_MAGICS_SERVE_TOKEN_FILE"
SHA256 = "MLOPS_MAGICS_SERVE_SHA256"
"""The variable by which a platform names the model file that it deployed."""
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")
"""Variables that the libraries of models read when they are imported."""
ANY_HOST = "*"
IN_MEMORY = "/dev/shm"  # noqa: S108, a fresh folder of its own is made there
QUOTA_V2 = Path("/sys/fs/cgroup/cpu.max")
QUOTA_V1 = Path("/sys/fs/cgroup/cpu/cpu.cfs_quota_us"), Path("/sys/fs/cgroup/cpu/cpu.cfs_period_us")


def completed(options: Mapping[str, Any], environment: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """Return the options of ``serve``, completed by the platform's variables and the quota of processors.

    Raises
    ------
    InvalidInput
        For a variable or a token file that is not valid.
    """
    found = dict(options)
    found["port"] = _port(found.get("port"), environment)
    token_file = found.pop("token_file", None)
    if found.get("token") is None:
        found["token"] = token_of(token_file, environment)
    if found.pop("allow_any_host", False):
        found["allowed_hosts"] = [*(found.get("allowed_hosts") or ()), ANY_HOST]
    most_log = found.pop("most_log", None)
    if most_log is not None:
        found["limits"] = Limits(log_bytes=_log_bytes(most_log))
    quota = processors()
    if found.get("workers") is None and quota is not None:
        found["workers"] = max(1, int(quota))
    found["paths"] = {environment[name]: path for name, path in ROUTES.items() if environment.get(name, path) != path}
    return {name: value for name, value in found.items() if value not in (None, {})}


def expected_hash(sha256: str | None, environment: Mapping[str, str] = os.environ) -> str | None:
    """Return the hash that a version must have: that of the command, which is also the one that the platform deployed.

    Raises
    ------
    IntegrityError
        When the two differ: the image holds another version than the one that was deployed.
    """
    wanted = environment.get(SHA256)
    if not wanted or sha256 is None:
        return sha256 or wanted or None
    if sha256.removeprefix("sha256:").lower() != wanted.removeprefix("sha256:").lower():
        raise IntegrityError(f"The image holds a version with the hash {sha256[:80]}, not {wanted[:80]} of {SHA256}.")
    return sha256


def follow_seconds(seconds: float) -> float:
    """Return the seconds between two looks at a board.

    Raises
    ------
    InvalidInput
    """
    if not 0 < seconds < float("inf"):
        raise InvalidInput(f"follow takes seconds between two looks, such as 10, not {seconds:g}.")
    return seconds


def limit_threads(workers: int) -> None:
    """Let the libraries of models start as many threads as the quota gives each worker, unless a variable sets more."""
    quota = processors()
    if quota is not None:
        for name in THREADS:
            os.environ.setdefault(name, str(max(1, int(quota / workers))))


def processors() -> float | None:
    """Return the processors that a control group allows, or None where it sets no limit."""
    try:
        quota, period = QUOTA_V2.read_text().split()[:2]
    except (OSError, ValueError):
        try:
            quota, period = (path.read_text().strip() for path in QUOTA_V1)
        except OSError:
            return None
    if not quota.isdecimal() or not period.isdecimal() or not int(period):
        return None  # "max", or -1 in the first version
    return int(quota) / int(period)


def find_state() -> None:
    """Make sure that there is a state folder: a container may have neither a home nor a disk to write on.

    Raises
    ------
    StateError
        Where no folder for temporary files can be written either.
    """
    try:
        state.directory()
        return
    except StateError as error:
        refused = error
    # with a read-only root Docker still mounts /dev/shm, a file system in memory
    for folder in (None, IN_MEMORY):
        with contextlib.suppress(OSError):
            os.environ["MLOPS_MAGICS_STATE"] = tempfile.mkdtemp(prefix="mlops-magics-", dir=folder)
            return
    raise StateError(f"{refused} A container needs one place to write on: give it `--tmpfs /tmp`.")


def _port(asked: int | None, environment: Mapping[str, str]) -> int | None:
    if asked is not None:
        return asked
    name = next((each for each in PORTS if environment.get(each)), None)
    if name is None:
        return None
    text = environment[name]
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise InvalidInput(f"The variable {name} is {text!r:.40}: a port is a number from 1 to 65535.")
    return int(text)


def _log_bytes(megabytes: float) -> int:
    # written so that NaN fails too
    if not megabytes > 0:
        raise InvalidInput(f"The prediction log takes {megabytes:g} MB: use a positive number, or no log at all.")
    return max(1, int(megabytes * MEBIBYTE))


def token_of(file: str | None = None, environment: Mapping[str, str] = os.environ) -> str | None:
    """Return the token of a file, or of the variables, or None.

    Raises
    ------
    InvalidInput
        For a file that cannot be read, or is empty.
    """
    file = file or environment.get(TOKEN_FILE)
    if not file:
        return environment.get(TOKEN) or None
    try:
        # an editor and `echo` end the file with a newline
        token = Path(file).read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"The token file {file} could not be read: {error}.") from error
    if not token:
        raise InvalidInput(f"The token file {file} is empty.")
    return token
