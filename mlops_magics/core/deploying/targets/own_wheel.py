"""This package as a wheel for a server: the code that runs here, without the parts and requirements of a notebook."""

from __future__ import annotations

import base64
import hashlib
import importlib.metadata
import io
import re
import zipfile
from pathlib import Path

from mlops_magics.version import __version__

EXTRA = "serve"
"""The extra that lists what a server needs."""
LEFT_OUT = ("lab", "labextension", "panel", "static", "widgets", "jupyter-config", "extension.py")
"""Parts of the package that only a notebook or JupyterLab uses."""
_TIME = (2020, 1, 1, 0, 0, 0)
"""Of every member, so that the same code gives the same bytes."""


def requirements() -> list[str]:
    """Return the requirements of a server, as this distribution declares them: ``numpy>=1.26``."""
    marker = re.compile(rf"""\bextra\s*==\s*["']{EXTRA}["']""")
    declared = importlib.metadata.requires("mlops-magics") or []
    found = [line.partition(";") for line in declared if marker.search(line)]
    return [_without_extra(name.strip(), condition) for name, _, condition in found]


def _without_extra(name: str, condition: str) -> str:
    rest = re.sub(rf"""\s*(and)?\s*\(?\s*extra\s*==\s*["']{EXTRA}["']\s*\)?\s*(and)?\s*""", " ", condition).strip(" ()")
    return f"{name}; {rest}" if rest else name


def file_name() -> str:
    """Return the name of the wheel."""
    return f"mlops_magics-{__version__}-py3-none-any.whl"


def build() -> bytes:
    """Return the wheel: https://packaging.python.org/specifications/binary-distribution-format/."""
    root = Path(__file__).parents[3]
    info = f"mlops_magics-{__version__}.dist-info"
    members = {
        f"mlops_magics/{path.relative_to(root).as_posix()}": path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and _is_wanted(path.relative_to(root))
    }
    members[f"{info}/METADATA"] = _metadata().encode()
    members[f"{info}/WHEEL"] = (
        b"Wheel-Version: 1.0\nGenerator: mlops-magics\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    )
    members[f"{info}/entry_points.txt"] = b"[console_scripts]\nmlops-magics = mlops_magics.cli:main\n"
    members[f"{info}/RECORD"] = _record(members, f"{info}/RECORD").encode()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name, _TIME), data, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def _is_wanted(path: Path) -> bool:
    return path.parts[0] not in LEFT_OUT and "__pycache__" not in path.parts and path.suffix != ".pyc"


def _metadata() -> str:
    head = ["Metadata-Version: 2.1", "Name: mlops-magics", f"Version: {__version__}", "Requires-Python: >=3.11"]
    return "\n".join([*head, *(f"Requires-Dist: {line}" for line in requirements()), "", ""])


def _record(members: dict[str, bytes], own: str) -> str:
    lines = [f"{name},sha256={_digest(data)},{len(data)}" for name, data in members.items()]
    return "\n".join([*lines, f"{own},,", ""])


def _digest(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
