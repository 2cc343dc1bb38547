"""`%deploy`: a version answers at a URL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlops_magics.magics.verb import option, switch, verb, word

if TYPE_CHECKING:
    from mlops_magics.core.deploying import Endpoint
    from mlops_magics.core.session import Session

SERVING = (
    option("--port", "the port; a free one by default", type=int),
    option("--host", "the address to listen on; this machine only by default", default="127.0.0.1"),
    option("--workers", "processes that share the port", type=int),
    option("--token", "the bearer token that clients must send; a random one by default"),
    switch("--no-token", "answer anybody who can reach the port"),
    switch("--no-log", "keep no prediction log; %%monitor then needs --data"),
    option("--extras", "columns that the model does not read", choices=("ignore", "refuse"), default="ignore"),
    option("--engine", "the model itself, or its ONNX form", choices=("native", "onnx"), default="native"),
    switch("--exact", "ask the model itself for each request alone: no batching, no faster way to the same numbers"),
    option("--drop", "columns that the prediction log leaves out", "column", nargs="+", default=(), metavar="COLUMN"),
    option("--hash", "columns that the prediction log only hashes", "column", nargs="+", default=(), metavar="COLUMN"),
)


@verb(
    word("ref", "name, name@alias or name@version", "version"),
    *SERVING,
    switch("--temporary", "stop with this kernel; by default an endpoint survives it"),
    examples=(
        "%deploy penguins",
        "endpoint = %deploy penguins@champion --port 8080",
        "%deploy penguins --workers 2 --no-log",
    ),
    commands=(
        "mlops-magics deploy penguins",
        "mlops-magics deploy penguins@champion --port 8080",
        "mlops-magics deploy penguins --workers 2 --no-log",
    ),
    wants_notebook=True,
)
def deploy(session: Session, ref: str, temporary: bool, notebook: str | None = None, **options: Any) -> Endpoint:
    """Answer at a URL with a version, in a process of its own that is ready when this returns.

    An endpoint of the same model is replaced on its port; `%stop` ends it.
    """
    return session.deploy(ref, temporary=temporary, notebook=notebook, **served(**options))


def served(
    *, token: str | None, no_token: bool, no_log: bool, drop: tuple[str, ...], hash: tuple[str, ...], **options: Any
) -> dict[str, Any]:
    """Turn the options of a command into those of the call; what was not said is left to the settings."""
    return {
        **options,
        "token": False if no_token else token,
        "log": False if no_log else None,
        "privacy": {**dict.fromkeys(drop, "drop"), **dict.fromkeys(hash, "hash")},
    }
