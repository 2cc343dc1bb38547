"""The verbs and options that make sense in a shell only: serve, run-policies, token and completion."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

from mlops_magics.errors import InvalidInput
from mlops_magics.magics.deploy import SERVING, served
from mlops_magics.magics.verb import Argument, Verb, option, switch, verb, word
from mlops_magics.magics.verbs import VERBS

FINDINGS = ("drift", "performance")
OUTCOMES = ("kept", "waiting")
SECONDS = 5.0
"""The time in which an endpoint proves which one it is, before its token is printed."""
JSON = switch("--json", "print the record as JSON, as the last line")


@verb(
    word("ref", "name, name@alias or name@version", "version"),
    *SERVING,
    option("--sha256", "the hash of the model file: another one is refused, and these bytes are trusted"),
    option("--token-file", "a file with the bearer token, such as a mounted secret", metavar="PATH"),
    switch("--allow-any-host", "answer under every name: for a container behind a platform that checks it"),
    option(
        "--follow",
        "move to the version that the alias means, whenever that changes; seconds between two looks",
        type=float,
        nargs="?",
        const=10.0,
        metavar="SECONDS",
    ),
    switch("--trust-board", "let every version of the board run code here: everyone who writes there is trusted"),
    option("--log-to", "ship the prediction log there, such as s3://bucket/log: for replicas", metavar="URL"),
    option("--most-log", "megabytes that the prediction log may take", type=float, metavar="MB"),
    examples=(),
    commands=(
        "mlops-magics serve penguins@champion --board s3://bucket/models --host 0.0.0.0 --port 8080",
        "mlops-magics serve penguins --also owls finches --port 8080 --no-token",
        "mlops-magics serve penguins --port 8080 --workers 4 --allow-host models.example.org",
        "mlops-magics serve penguins@champion --board s3://bucket/models --follow",
        "mlops-magics serve penguins@v3 --host 0.0.0.0 --allow-any-host --token-file /run/secrets/token --most-log 256",
    ),
)
def serve(session: Any, ref: str, **options: Any) -> int:
    """Answer at a URL with a version, in the foreground, until SIGTERM or Ctrl-C.

    Where an option is left out, the variables of a platform count (PORT, AIP_HTTP_PORT, MLOPS_MAGICS_SERVE_TOKEN and
    MLOPS_MAGICS_SERVE_TOKEN_FILE), then the processors that a container may use, then the settings.
    """
    status: int = session.serve(ref, **served(**options))
    return status


@verb(
    word("name", "a model (default: all of the board)", "model", nargs="?"),
    option("--policy", "one policy of the model", metavar="NAME"),
    switch("--once", "return after one look; else look again until the process is ended"),
    switch("--idle-ok", "exit with 0 where there is nothing to do, in place of 75"),
    option("--interval", "seconds between two looks, without --once", type=float, default=60.0, metavar="SECONDS"),
    examples=(),
    commands=(
        "mlops-magics run-policies --once",
        "mlops-magics run-policies penguins --policy weekly --once --json",
        "mlops-magics run-policies --board s3://bucket/models --interval 300",
    ),
    name="run-policies",
)
def run_policies(session: Any, name: str | None, policy: str | None, once: bool, interval: float) -> Any:
    """Retrain the models whose policies are due, each once, for cron, timers and orchestrators."""
    return session.run_policies(name, policy=policy, once=once, every=interval)


@verb(
    word("name", "the model of a running endpoint", "endpoint"),
    examples=(),
    commands=(
        "mlops-magics token penguins",
        "mlops-magics token penguins --board models",
        "mlops-magics token penguins --json",
    ),
)
def token(session: Any, name: str) -> str:
    """Print the bearer token of an endpoint that runs, for programs that call it. A notebook never shows it.

    Where another process listens on the port of an endpoint that died, there is an error and no token.
    """
    endpoint = session.endpoint(name)
    endpoint.health(seconds=SECONDS)  # the endpoint proves which one it is
    found: str | None = endpoint.token
    if found is None:
        raise InvalidInput(f"The endpoint of {name} requires no token: it was deployed with `--no-token`.")
    return found


@verb(
    word("shell", "the shell", choices=("bash", "zsh", "fish")),
    examples=(),
    commands=(
        "mlops-magics completion bash",
        "mlops-magics completion zsh",
        "mlops-magics completion fish",
    ),
    board=False,
)
def completion(session: Any, shell: str) -> str:
    """Print the completion of a shell: verbs, options, models, versions, aliases and files.

    It begins with `eval "$(mlops-magics completion bash)"` in ~/.bashrc, the same for zsh in ~/.zshrc, and with
    `mlops-magics completion fish > ~/.config/fish/completions/mlops-magics.fish`.
    """
    from mlops_magics.magics.shell_completion import SCRIPTS

    return SCRIPTS[shell]


COMMANDS: dict[str, Verb] = {
    **VERBS,
    "serve": serve,
    "token": token,
    "run-policies": run_policies,
    "completion": completion,
}
"""Every verb of the notebook, and those that make sense in a shell only."""


def words_of(known: Sequence[str]) -> Any:
    """Return a reader of words with commas between, such as ``drift,performance``."""

    def read(text: str) -> list[str]:
        named = [each.strip() for each in text.split(",")]
        unknown = [each for each in named if each not in known]
        if unknown:
            raise argparse.ArgumentTypeError(f"it knows {' and '.join(known)}, not {unknown[0]!r}")
        return named

    return read


ONLY_HERE: dict[str, tuple[Argument, ...]] = {
    "monitor": (
        option(
            "--fail-on",
            "exit with status 3 on drift, or when performance fell or is beyond its thresholds, and with 75 where "
            "the rows are too few to exclude drift",
            default=(),
            type=words_of(FINDINGS),
            metavar="FINDING[,FINDING]",
        ),
    ),
    "retrain": (
        option(
            "--fail-on",
            "exit with status 3 when the champion was kept, or a person has to decide",
            default=(),
            type=words_of(OUTCOMES),
            metavar="OUTCOME[,OUTCOME]",
        ),
    ),
    "readiness": (
        option(
            "--fail-under",
            "exit with status 3 when a question has a lower level",
            type=int,
            choices=range(5),
            metavar="LEVEL",
        ),
    ),
}
"""Options that make sense in a shell only."""


def more(each: Verb) -> tuple[Argument, ...]:
    """Return the options that a verb has in a shell only."""
    return (*ONLY_HERE.get(each.name, ()), JSON)


def examples(each: Verb) -> tuple[str, ...]:
    """Return lines to paste into a shell."""
    lines = (f"mlops-magics {line[1:]}" for line in each.examples if line.startswith(f"%{each.name}"))
    return each.commands or tuple(line.removesuffix(";") for line in lines)
