"""The Jupyter server extension: REST for the sidebar over the files on disk, without kernel or deserialised model."""

from __future__ import annotations

from typing import Any


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "mlops_magics.lab"}]


def _load_jupyter_server_extension(serverapp: Any) -> None:
    from mlops_magics.lab.application import attach

    attach(serverapp)
