"""`%deploy`: a version answers at a URL."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from mlops_magics.errors import InvalidInput
from mlops_magics.magics.target_options import SET
from mlops_magics.magics.verb import option, switch, verb, word

if TYPE_CHECKING:
    from mlops_magics.core.session import Session
    from mlops_magics.core.session.records import Endpoint, RemoteDeployment

SERVING = (
    option("--port", "the port (default: a free one)", type=int),
    option("--host", "the address to listen on (default: this machine only)"),
    option("--allow-host", "another name under which it may be called", action="append", metavar="HOST"),
    option("--allow-origin", "a web page from which it may be called", action="append", metavar="ORIGIN"),
    option("--workers", "processes that share the port", type=int),
    option("--token", "the bearer token that clients must send (default: a random one)"),
    switch("--no-token", "answer anybody who can reach the port"),
    switch("--no-log", "keep no prediction log; %%monitor then needs --data"),
    option("--extras", "columns that the model does not read", choices=("ignore", "refuse")),
    option("--engine", "the model itself, or its ONNX form", choices=("native", "onnx")),
    switch("--exact", "call the model itself for each request alone: no batching, no faster way to the same numbers"),
    option("--drop", "columns that the prediction log leaves out", "column", nargs="+", default=(), metavar="COLUMN"),
    option("--hash", "columns that the prediction log only hashes", "column", nargs="+", default=(), metavar="COLUMN"),
    option("--also", "further models behind the same endpoint, at /NAME/predict", "version", nargs="+", default=()),
)


def share_of(text: str) -> float:
    """Read a share: ``10%`` or ``0.1``."""
    number = text.strip().removesuffix("%")
    try:
        return float(number) / (100 if number != text.strip() else 1)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a valid share; write it as 10% or 0.1") from None


@verb(
    word("ref", "name, name@alias or name@version", "version"),
    *SERVING,
    option("--canary", "let it answer this share of the running endpoint's requests: 10%%", type=share_of),
    switch("--shadow", "let it see every request to the running endpoint, and log its answers, but send none"),
    option("--to", "a target that has an API, such as sagemaker (default: this machine)", "target"),
    SET,
    switch("--temporary", "stop with this kernel, which an endpoint survives by default"),
    examples=(
        "endpoint = %deploy penguins@champion --port 8080 --workers 2",
        "%deploy penguins@challenger --canary 10%",
        "%deploy penguins --to sagemaker --set image=IMAGE --set role=ROLE",
    ),
    commands=(
        "mlops-magics deploy penguins@champion --port 8080 --workers 2",
        "mlops-magics deploy penguins@challenger --canary 10%",
        "mlops-magics deploy penguins --to sagemaker --set image=IMAGE --set role=ROLE",
    ),
    wants_notebook=True,
    kept="What was starting was ended; an endpoint that it would have replaced answers as before.",
)
def deploy(
    session: Session, ref: str, temporary: bool, to: str | None, notebook: str | None = None, **options: Any
) -> Endpoint | RemoteDeployment:
    """Answer at a URL with a version, in a process of its own that is ready when this returns.

    An endpoint of the same model is replaced on its port. `%stop` ends it. With `--canary` or `--shadow` it goes on
    with its own options, and this version is tried out next to it until the next `%deploy` of the model.

    With `--to` it answers at a platform, whose options are given by `--set`. `%package` writes the files for those that
    have no API. `%endpoints` lists what was deployed elsewhere, and `%stop NAME --at TARGET` deletes it.
    """
    settings = dict(options.pop("set") or ())
    if to is not None:
        return session.deploy_to(ref, to, settings)
    if settings:
        raise InvalidInput("--set gives an option of a target: name it, `--to sagemaker`.")
    return session.deploy(ref, temporary=temporary, notebook=notebook, **served(**options))


def served(
    *,
    token: str | None,
    no_token: bool,
    no_log: bool,
    drop: tuple[str, ...],
    hash: tuple[str, ...],
    allow_host: list[str] | None,
    allow_origin: list[str] | None,
    **options: Any,
) -> dict[str, Any]:
    """Turn the options of a command into those of the call, and leave missing ones to the settings."""
    return {
        **options,
        "allowed_hosts": allow_host,
        "allowed_origins": allow_origin,
        "token": False if no_token else token,
        "log": False if no_log else None,
        "privacy": {**dict.fromkeys(drop, "drop"), **dict.fromkeys(hash, "hash")},
    }
