"""The settings, and the order in which they are looked up.

An argument or option beats ``%config MLOpsMagics``, which beats an environment variable (``MLOPS_MAGICS_BOARD`` for
``board``), which beats ``[tool.mlops_magics]`` in the nearest ``pyproject.toml``, which beats the default below.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from mlops_magics.errors import InvalidInput, nearest

ENVIRONMENT_PREFIX = "MLOPS_MAGICS_"
LARGEST = 10_000_000
"""Bytes of a ``pyproject.toml`` that is read."""
SWITCHES = {"0": False, "1": True, "false": False, "true": True, "no": False, "yes": True}
"""Words for a setting that is on or off."""


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings. The ``help`` of each field is the text that ``%config`` and the documentation show."""

    board: str = field(
        default="models", metadata={"help": "The board that a new session opens: a folder or an fsspec URL."}
    )
    format: str = field(
        default="auto", metadata={"help": "The format of a new model: auto, skops, joblib or a native format."}
    )
    token: bool = field(default=True, metadata={"help": "Require the bearer token from every client of an endpoint."})
    log: bool = field(default=True, metadata={"help": "Keep a prediction log of what endpoints answer."})
    extras: str = field(
        default="ignore",
        metadata={"help": "Columns that a model does not read: an endpoint may ignore or refuse them."},
    )
    workers: int = field(default=1, metadata={"help": "Processes behind a new endpoint."})
    warm_spare: bool = field(
        default=True, metadata={"help": "Keep one process with imports done, so that %deploy is instant."}
    )
    widgets: str = field(
        default="auto",
        metadata={
            "help": "Live views with HTML and text: auto (where a notebook's front end is), always, or never.",
            "choices": ("auto", "always", "never"),
        },
    )
    store_source: bool = field(
        default=True, metadata={"help": "Store the cell's source, with secrets redacted, as lineage."}
    )
    notify: str = field(
        default="", metadata={"help": "Receivers of alerts of %monitor: https://… and mailto:…, with commas between."}
    )
    smtp: str = field(default="", metadata={"help": "The mail server: smtp://USER:PASSWORD@HOST:PORT."})
    smtp_ca: str = field(
        default="",
        metadata={"help": "A file with the certificates that vouch for the mail server. The system's by default."},
    )
    mail_from: str = field(default="", metadata={"help": "The address that mail of %monitor comes from."})
    trust: str = field(
        default="version",
        metadata={
            "help": "Trust on a board that you created: each version that you pinned, or all of the board.",
            "choices": ("version", "board"),
        },
    )
    private_webhooks: bool = field(
        default=False, metadata={"help": "Let notifications go to this machine and inner networks too."}
    )


def load(
    arguments: Mapping[str, Any] | None = None, config: Mapping[str, Any] | None = None, folder: Path | None = None
) -> Settings:
    """Look up every setting in the documented order.

    Parameters
    ----------
    arguments, config
        The values of a call and of ``%config``. ``None`` values count as not set.
    folder
        The folder where the upward search for ``pyproject.toml`` starts. The working folder by default.

    Raises
    ------
    InvalidInput
        An unknown setting or a value of another type, naming the place it came from.
    """
    found: dict[str, Any] = {}
    for place, values in (
        ("pyproject.toml", _from_pyproject(folder or Path.cwd())),
        ("the environment", _from_environment()),
        ("%config", config or {}),
        ("the call", arguments or {}),
    ):
        found.update({name: _checked(name, value, place) for name, value in values.items() if value is not None})
    return Settings(**found)


def _from_environment() -> dict[str, str]:
    named = {f"{ENVIRONMENT_PREFIX}{entry.name.upper()}": entry.name for entry in fields(Settings)}
    found = {name: os.environ[variable] for variable, name in named.items() if os.environ.get(variable)}
    if found.get("token", "1").lower() not in SWITCHES:
        del found["token"]  # MLOPS_MAGICS_TOKEN is also where snippets and client files look for the token itself
    return found


def _from_pyproject(folder: Path) -> dict[str, Any]:
    import tomllib  # 4 ms of `%load_ext`

    for place in (folder, *folder.parents):
        path = place / "pyproject.toml"
        if path.is_file() and path.stat().st_size <= LARGEST:
            try:
                table = tomllib.loads(path.read_text(encoding="utf-8"))
            except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
                return {}
            return dict(table.get("tool", {}).get("mlops_magics", {}))
    return {}


def _checked(name: str, value: Any, place: str) -> Any:
    known = {entry.name: type(entry.default) for entry in fields(Settings)}
    if name not in known:
        close = nearest(name, known, 1)
        raise InvalidInput(
            f"Unknown setting {name!r} in {place}"
            + (f"; did you mean {close[0]!r}?" if close else f". Known: {', '.join(known)}.")
        )
    wanted = known[name]
    choices = next(entry.metadata.get("choices") for entry in fields(Settings) if entry.name == name)
    if choices and value not in choices:
        raise InvalidInput(f"The setting {name!r} in {place} is one of {', '.join(choices)}, not {value!r}.")
    if wanted is bool and isinstance(value, str) and value.lower() in SWITCHES:
        return SWITCHES[value.lower()]
    if wanted is int and isinstance(value, str) and value.isdecimal():
        return int(value)
    if isinstance(value, wanted) and not (wanted is int and isinstance(value, bool)):
        return value
    raise InvalidInput(f"The setting {name!r} in {place} wants {wanted.__name__}, not {value!r}.")
