"""`mlops-magics VERB …`: the verbs of the notebook in a shell, a container and an orchestrator.

Words, options and help come from the same declarations as the magics. Frames are files. With ``--json`` the last line
of the output is the record as JSON. The exit status is

0    done; of a retraining, ``--json`` says whether the new version was promoted
1    the verb failed or refused
2    the words are not valid
3    a gate: ``monitor --fail-on drift``, ``retrain --fail-on kept``, ``readiness --fail-under 2``
75   nothing to do: not due, or another run holds the model; ``monitor --fail-on drift``: too few rows to say
130  interrupted; 143 ended by SIGTERM, and what a retraining held is given back
"""

from __future__ import annotations

import argparse
import contextlib
import json
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from typing import Any, NoReturn

from mlops_magics.errors import InvalidInput, MlopsError, NothingToDo, nearest
from mlops_magics.magics import parsing, progress
from mlops_magics.magics.deploy import SERVING, served
from mlops_magics.magics.file_values import FileValues
from mlops_magics.magics.verb import Argument, Verb, option, switch, verb, word
from mlops_magics.magics.verbs import VERBS

DONE, REFUSED, MISUSED, FOUND, IDLE, INTERRUPTED, TERMINATED = 0, 1, 2, 3, 75, 130, 143
STATUSES = "exit status:\n" + (__doc__ or "").partition("The exit status is\n\n")[2]
"""For ``--help``."""
FINDINGS = ("drift", "performance")
OUTCOMES = ("kept", "waiting")
MOST_ALERTS = 20
"""Alerts that are printed; --json has them all."""
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
    switch("--trust-board", "let every version of the board run code here: whoever writes there is trusted"),
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
    word("name", "a model; by default all of the board", "model", nargs="?"),
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
    """Retrain the models whose policies are due, each once however many ask; for cron, timers and orchestrators."""
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
    """Print the bearer token of an endpoint, for programs that call it; a notebook never shows it."""
    found: str | None = session.endpoint(name).token
    if found is None:
        raise InvalidInput(f"The endpoint of {name} asks for no token: it was deployed with `--no-token`.")
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
            "exit with status 3 on drift, or when performance fell or is beyond its thresholds; with 75 where the rows "
            "are too few to exclude drift",
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
        option("--fail-under", "exit with status 3 when a question has a lower level", type=int, metavar="LEVEL"),
    ),
}
"""Options that make sense in a shell only."""


class Parser(argparse.ArgumentParser):
    """An argparse parser whose faults are errors of ours."""

    def error(self, message: str) -> NoReturn:
        """Say in one line what is wrong, and where the help is."""
        raise InvalidInput(f"{message}. `{self.prog} --help` shows how.")


def parser() -> Parser:
    """Build the parser of the whole command line."""
    whole = Parser(
        prog="mlops-magics",
        description="Version, deploy, monitor and retrain models.",
        epilog=STATUSES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    commands = whole.add_subparsers(dest="verb", metavar="VERB", required=True)
    for each in COMMANDS.values():
        command = commands.add_parser(
            each.name,
            help=each.summary.replace("%", "%%"),
            allow_abbrev=False,
            **parsing.help_of(each, examples(each)),
        )
        parsing.build(command, each, more(each))
    return whole


def more(each: Verb) -> tuple[Argument, ...]:
    """Return the options that a verb has in a shell only."""
    return (*ONLY_HERE.get(each.name, ()), JSON)


def examples(each: Verb) -> tuple[str, ...]:
    """Return lines to paste into a shell."""
    said = (f"mlops-magics {line[1:]}" for line in each.examples if line.startswith(f"%{each.name}"))
    return each.commands or tuple(line.removesuffix(";") for line in said)


class Terminated(BaseException):
    """SIGTERM: what is being done is given back on the way out."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb and return the exit status."""
    said = list(sys.argv[1:] if arguments is None else arguments)
    if said[:1] == ["__complete"]:
        from mlops_magics.magics.shell_completion import complete

        print("\n".join(complete(said[1:], COMMANDS, more)))
        return DONE
    try:
        each, given = understand(said)
    except InvalidInput as fault:
        return complain(fault, MISUSED)
    try:
        with _terminable(each):
            return run(each, given)
    except NothingToDo as nothing:
        return complain(nothing, IDLE)
    except MlopsError as fault:
        return complain(fault, REFUSED)
    except KeyboardInterrupt:
        return INTERRUPTED
    except Terminated:
        return TERMINATED


@contextlib.contextmanager
def _terminable(each: Verb) -> Iterator[None]:
    """Let SIGTERM end a verb as Ctrl-C does; an endpoint in the foreground has a way of its own."""

    def end(number: int, frame: object) -> None:
        raise Terminated

    if each is serve or threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def understand(said: Sequence[str]) -> tuple[Verb, dict[str, Any]]:
    """Read the words into a verb and its arguments.

    Raises
    ------
    InvalidInput
        An unknown verb or option; the message names the nearest one.
    """
    name = said[0] if said else ""
    if name and not name.startswith("-") and name not in COMMANDS:
        close = nearest(name, COMMANDS, 1)
        hint = f"; did you mean {close[0]!r}?" if close else f". Known: {', '.join(COMMANDS)}."
        raise InvalidInput(f"There is no verb {name!r}{hint}")
    if name in COMMANDS:
        each = COMMANDS[name]
        if each is serve and said[-1] == name and len(said) > 2:
            said = said[:-1]  # Amazon SageMaker starts a container with the word after the image's own command
        flags = {flag: given for given in (*each.arguments, *more(each)) if given.optional for flag in given.flags}
        parsing.refuse_unknown(each, said[1:], {**flags, "--help": JSON})
        said = [name, *parsing.spread(each, said[1:])]
    given = vars(parser().parse_args(list(said)))
    return COMMANDS[given.pop("verb")], given


def run(each: Verb, given: dict[str, Any]) -> int:
    """Call a verb, print its record, and return the exit status."""
    from mlops_magics.core.session import Session, records

    as_json, fail_on, idle_ok = given.pop("json"), given.pop("fail_on", ()), given.pop("idle_ok", False)
    fail_under = given.pop("fail_under", None)
    if each is serve:
        Session.find_state()
    session = Session(board=given.pop("board", None))
    words = parsing.look_up(each, given, FileValues())
    if each is serve:
        return int(each.call(session, **words))
    if words.get("temporary"):
        raise InvalidInput(
            f"It would end with this command: leave --temporary out, or `mlops-magics serve {words['ref']}`."
        )
    with progress.shown(progress.TerminalFace(), each.kept):
        record = each.call(session, **words)
    print(json.dumps(records.to_json(record), allow_nan=False) if as_json else readable(record), flush=True)
    if fail_under is not None and record.level < fail_under:
        return FOUND
    return status_of(each, record, fail_on, idle_ok)


def status_of(each: Verb, record: Any, fail_on: Sequence[str], idle_ok: bool) -> int:
    """Return the exit status of a record."""
    from mlops_magics.core.session.records import BatchResult

    if each is run_policies:
        if any(run.outcome == "failed" for run in record):
            return REFUSED
        return DONE if idle_ok or any(run.ran for run in record) else IDLE
    if isinstance(record, BatchResult) and record.failed:
        return REFUSED
    if fail_on and (getattr(record, "decision", None) in fail_on or _has_alert(record, fail_on)):
        return FOUND
    if "drift" in fail_on and getattr(record, "too_few", False):
        return IDLE
    return DONE


def _has_alert(record: Any, fail_on: Sequence[str]) -> bool:
    """Return whether a report has an alert of the kinds at which to fail."""
    return any(alert.subject in fail_on for alert in getattr(record, "alerts", ()))


def readable(record: Any) -> str:
    """Return a record as text for a person."""
    if hasattr(record, "verdict"):
        return "\n".join(
            [record.verdict, *(alert.message for alert in getattr(record, "alerts", ())[:MOST_ALERTS]), *record.notes]
        )
    if isinstance(record, list):
        return "\n".join(map(str, record)) or "no policies"
    if hasattr(record, "to_string"):
        return str(record.to_string(index=False)) if len(record) else "none"
    return "\n".join(map(str, record.tolist())) if hasattr(record, "tolist") else str(record)


def complain(fault: MlopsError, status: int) -> int:
    """Print one line to standard error."""
    print(" ".join(f"mlops-magics: {fault}".split()), file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main())
