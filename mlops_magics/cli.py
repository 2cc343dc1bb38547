"""`mlops-magics VERB …`: the verbs of the notebook in a shell, a container and an orchestrator.

Words, options and help come from the same declarations as the magics. Frames are files. The exit status is 0, 1 when a
verb refused, 2 for words that make no sense, and 3 when ``monitor --fail-on`` found what it was told to look for.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NoReturn

from mlops_magics.errors import InvalidInput, MlopsError, nearest
from mlops_magics.magics import parsing, progress
from mlops_magics.magics.deploy import SERVING, served
from mlops_magics.magics.file_values import FileValues
from mlops_magics.magics.verb import Argument, Verb, option, switch, verb, word
from mlops_magics.magics.verbs import VERBS

if TYPE_CHECKING:
    from mlops_magics.core.session.records import MonitorReport

DONE, REFUSED, MISUSED, FOUND = 0, 1, 2, 3
FINDINGS = ("drift", "performance")
MOST_ALERTS = 20  # that are printed; --json has them all
JSON = switch("--json", "print the record as JSON")


@verb(
    word("ref", "name, name@alias or name@version", "version"),
    *SERVING,
    examples=(),
    commands=(
        "mlops-magics serve penguins@champion --board s3://bucket/models --host 0.0.0.0 --port 8080",
        "mlops-magics serve penguins --also owls finches --port 8080 --no-token",
        "mlops-magics serve penguins --port 8080 --workers 4 --allow-host models.example.org",
    ),
)
def serve(session: Any, ref: str, **options: Any) -> int:
    """Answer at a URL with a version, in the foreground, until SIGTERM or Ctrl-C."""
    status: int = session.serve(ref, **served(**options))
    return status


COMMANDS: dict[str, Verb] = {**VERBS, "serve": serve}
"""Every verb of the notebook, and the one that blocks."""


def findings_named(text: str) -> list[str]:
    """Read what follows ``--fail-on``."""
    named = [each.strip() for each in text.split(",")]
    unknown = [each for each in named if each not in FINDINGS]
    if unknown:
        raise argparse.ArgumentTypeError(f"it knows {' and '.join(FINDINGS)}, not {unknown[0]!r}")
    return named


ONLY_HERE: dict[str, tuple[Argument, ...]] = {
    "monitor": (
        option(
            "--fail-on",
            "exit with status 3 on drift, or when performance fell or is beyond its thresholds",
            default=(),
            type=findings_named,
            metavar="FINDING[,FINDING]",
        ),
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
    whole = Parser(prog="mlops-magics", description="Version, deploy and monitor models.", allow_abbrev=False)
    commands = whole.add_subparsers(dest="verb", metavar="VERB", required=True)
    for each in COMMANDS.values():
        command = commands.add_parser(
            each.name,
            help=each.summary,
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


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb and return the exit status."""
    said = list(sys.argv[1:] if arguments is None else arguments)
    try:
        each, given = understand(said)
    except InvalidInput as fault:
        return complain(fault, MISUSED)
    try:
        return run(each, given)
    except MlopsError as fault:
        return complain(fault, REFUSED)


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
        flags = {flag: given for given in (*each.arguments, *more(each)) if given.optional for flag in given.flags}
        parsing.refuse_unknown(each, said[1:], {**flags, "--help": JSON})
        said = [name, *parsing.spread(each, said[1:])]
    given = vars(parser().parse_args(list(said)))
    return COMMANDS[given.pop("verb")], given


def run(each: Verb, given: dict[str, Any]) -> int:
    """Call a verb, print its record, and return the exit status."""
    from mlops_magics.core.session import Session, records

    as_json, fail_on = given.pop("json"), given.pop("fail_on", ())
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
    print(json.dumps(records.to_json(record), allow_nan=False) if as_json else readable(record))
    return FOUND if fail_on and failing(record, fail_on) else DONE


def failing(report: MonitorReport, fail_on: Sequence[str]) -> bool:
    """Return whether a report has an alert of the kinds at which to fail."""
    return any(alert.subject in fail_on for alert in report.alerts)


def readable(record: Any) -> str:
    """Return a record as text for a person."""
    if hasattr(record, "verdict"):
        return "\n".join(
            [record.verdict, *(alert.message for alert in getattr(record, "alerts", ())[:MOST_ALERTS]), *record.notes]
        )
    if hasattr(record, "to_string"):
        return str(record.to_string(index=False)) if len(record) else "none"
    return "\n".join(map(str, record.tolist())) if hasattr(record, "tolist") else str(record)


def complain(fault: MlopsError, status: int) -> int:
    """Print one line to standard error."""
    print(" ".join(f"mlops-magics: {fault}".split()), file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main())
