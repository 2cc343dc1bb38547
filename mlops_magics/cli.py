"""`mlops-magics VERB …`: the verbs of the notebook in a shell, a container and an orchestrator.

Words, options and help come from the same declarations as the magics. Frames are files. With ``--json`` the last line
of the output is the record as JSON. The exit status is

0    done; of a retraining, ``--json`` has whether the new version was promoted
1    the verb failed or refused
2    the words are not valid
3    a gate: ``monitor --fail-on drift``, ``retrain --fail-on kept``, ``readiness --fail-under 2``; ``verify`` with
     findings that no repair removed
75   nothing to do: not due, or another run holds the model; ``monitor --fail-on drift``: too few rows
130  interrupted; 143 ended by SIGTERM, and what a retraining held is given back
"""

from __future__ import annotations

import argparse
import contextlib
import json
import signal
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NoReturn

from mlops_magics.errors import Interrupted, InvalidInput, MlopsError, NothingToDo, nearest
from mlops_magics.magics import parsing, progress, warning_lines
from mlops_magics.magics.file_values import FileValues
from mlops_magics.magics.shell_verbs import COMMANDS, JSON, examples, more, run_policies, serve
from mlops_magics.magics.verb import Verb
from mlops_magics.terminal_text import printable

DONE, REFUSED, MISUSED, FOUND, IDLE, INTERRUPTED, TERMINATED = 0, 1, 2, 3, 75, 130, 143
STATUSES = "exit status:\n" + (__doc__ or "").partition("The exit status is\n\n")[2]
"""For ``--help``."""
MOST_ALERTS = 20
"""Alerts that are printed. --json has them all."""


class Parser(argparse.ArgumentParser):
    """An argparse parser whose faults are errors of ours."""

    def error(self, message: str) -> NoReturn:
        """Raise the fault in one line, with the place of the help.

        Raises
        ------
        InvalidInput
        """
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
        with _terminable(each), warning_lines.in_one_line("mlops-magics", Warning):
            return run(each, given)
    except NothingToDo as nothing:
        return complain(nothing, IDLE)
    except MlopsError as fault:
        return complain(fault, REFUSED)
    except KeyboardInterrupt as interrupt:
        shown = isinstance(interrupt, Interrupted) and not str(interrupt) and sys.stderr.isatty()
        if not shown:  # else the line of the progress says so
            print(f"mlops-magics: Interrupted. {interrupt}".strip(), file=sys.stderr)
        return INTERRUPTED
    except Terminated:
        return TERMINATED


@contextlib.contextmanager
def _terminable(each: Verb) -> Iterator[None]:
    """Let SIGTERM end a verb as Ctrl-C does. An endpoint in the foreground has a way of its own."""

    def end(number: int, frame: object) -> None:
        raise Terminated

    # Python sets handlers of signals in the main thread only
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
        An unknown verb or option. The message names the nearest one.
    """
    name = said[0] if said else ""
    if name and not name.startswith("-") and name not in COMMANDS:
        close = nearest(name, COMMANDS, 1)
        hint = f"; did you mean {close[0]!r}?" if close else f". Known: {', '.join(COMMANDS)}."
        raise InvalidInput(f"Unknown verb {name!r}{hint}")
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
    """Call a verb, print its record, and return the exit status.

    Raises
    ------
    InvalidInput
    """
    from mlops_magics.core.session import Session, records

    as_json, fail_on, idle_ok = given.pop("json"), given.pop("fail_on", ()), given.pop("idle_ok", False)
    fail_under = given.pop("fail_under", None)
    if each is serve:
        Session.find_state()
    session = Session(board=given.pop("board", None))
    if each is serve:
        return int(each.call(session, **parsing.look_up(each, given, FileValues())))
    if given.get("temporary"):
        raise InvalidInput(
            f"It would end with this command: leave --temporary out, or `mlops-magics serve {given['ref']}`."
        )
    with progress.shown(progress.TerminalFace(), each.kept):
        record = each.call(session, **parsing.look_up(each, given, FileValues()))
    if isinstance(record, records.Skipped):  # which is printed: this is a command in the recipe of a retraining
        print(json.dumps({"skipped": record.action}) if as_json else "", end="", flush=True)
        return DONE
    # NaN is not JSON: what reads this line would refuse it
    print(json.dumps(records.to_json(record), allow_nan=False) if as_json else readable(record), flush=True)
    if fail_under is not None and record.level < fail_under:
        return FOUND
    return status_of(each, record, fail_on, idle_ok)


def status_of(each: Verb, record: Any, fail_on: Sequence[str], idle_ok: bool) -> int:
    """Return the exit status of a record."""
    from mlops_magics.core.session.records import BatchResult, VerifyReport

    if each is run_policies:
        if any(run.outcome == "failed" for run in record):
            return REFUSED
        return DONE if idle_ok or any(run.ran for run in record) else IDLE
    if isinstance(record, BatchResult) and record.failed:
        return REFUSED
    if isinstance(record, VerifyReport) and not record.sound:
        return FOUND
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
    if hasattr(record, "to_string"):  # first: a table may have a column of any name
        return printable(record.map(_cell).to_string(index=False)) if len(record) else "none"
    if hasattr(record, "verdict"):
        alerts = [alert.message for alert in getattr(record, "alerts", ())[:MOST_ALERTS]]
        # names of features may have line breaks
        return printable("\n".join(" ".join(line.split()) for line in (record.verdict, *alerts, *record.notes)))
    if isinstance(record, list):
        return printable("\n".join(map(str, record))) or "no policies"
    return printable("\n".join(map(str, record.tolist())) if hasattr(record, "tolist") else str(record))


def _cell(value: Any) -> Any:
    """Return lists and mappings, such as aliases and metrics, as a person writes them."""
    if isinstance(value, Mapping):
        shown = {name: f"{each:.4g}" if isinstance(each, float) else each for name, each in value.items()}
        return ", ".join(f"{name} {each}" for name, each in shown.items())
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return "" if value is None else value


def complain(fault: MlopsError, status: int) -> int:
    """Print one line to standard error."""
    print(printable(" ".join(f"mlops-magics: {fault}".split())), file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main())
