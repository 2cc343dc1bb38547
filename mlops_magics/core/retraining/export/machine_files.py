"""Files for one machine: a timer of systemd, a line of a crontab."""

from __future__ import annotations

import configparser
import re
import shlex
from collections.abc import Iterable, Mapping
from typing import Any

from mlops_magics.core.retraining.export import quoting
from mlops_magics.core.retraining.export.export_plan import BOARD, IDLE, ExportPlan, ParsedExport
from mlops_magics.core.retraining.policies.schedule import local_zone
from mlops_magics.errors import InvalidInput

WEEKDAYS = ("Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat")
ENVIRONMENT = "%h/.config/mlops-magics/{model}.env"
JITTER_SECONDS = 60


class Systemd:
    """A service and its timer, for the user's own systemd."""

    name = "systemd"
    here = True
    file = "mlops-magics-{model}"
    next_step = "Put both into ~/.config/systemd/user; systemctl --user enable --now NAME.timer; loginctl enable-linger"

    def render(self, plan: ExportPlan) -> Mapping[str, str]:
        """Return service and timer. The board and secrets are in a file of the user's configuration.

        Raises
        ------
        InvalidInput
        """
        # systemd.service(5): these first characters change how a program is run, and quotes cannot be written
        if re.search(r"^[@:+!|-]|[\x00-\x1f\x7f'\"\\]", plan.command):
            raise InvalidInput(f"systemd does not run a program of the name {plan.command!r:.60}. Give another path.")
        lines = [
            f"# {plan.title}",
            f"# {BOARD} and secrets: {ENVIRONMENT.format(model=plan.model).replace('%h', '~')} (mode 600).",
            "[Unit]",
            f"Description=Retrain {plan.model} by its policy {plan.policy}",
            "",
            "[Service]",
            "Type=oneshot",
            f"EnvironmentFile=-{ENVIRONMENT.format(model=plan.model)}",
            f"ExecStart={quoting.systemd(plan.argv)}",
            f"SuccessExitStatus={IDLE}",
            f"TimeoutStartSec={plan.seconds}",
            "",
        ]
        timer = [
            f"# {plan.title}",
            f"# cron: {plan.cron}",
            "[Unit]",
            f"Description=When {plan.model} is retrained",
            "",
            "[Timer]",
            f"OnCalendar={on_calendar(plan.cron)} {plan.zone}",
            "Persistent=true",
            f"RandomizedDelaySec={JITTER_SECONDS}",
            "",
            "[Install]",
            "WantedBy=timers.target",
            "",
        ]
        return {".service": "\n".join(lines), ".timer": "\n".join(timer)}

    def parse(self, files: Mapping[str, str]) -> ParsedExport:
        """Read both back.

        Raises
        ------
        InvalidInput
        """
        service, timer = (_unit(files[ending]) for ending in (".service", ".timer"))
        calendar, _, zone = timer["Timer"]["OnCalendar"].rpartition(" ")
        cron = next(line for line in files[".timer"].splitlines() if line.startswith("# cron: "))[8:]
        if calendar != on_calendar(cron):
            raise InvalidInput(f"The timer has {calendar}, and the cron line is {cron}.")
        return ParsedExport(quoting.systemd_words(service["Service"]["ExecStart"]), frozenset(), cron, zone)


class Crontab:
    """One line of a crontab. Debian's cron has no time zones, so a policy of another zone is checked every hour."""

    name = "cron"
    here = True
    file = "retrain-{model}.cron"
    next_step = "crontab -l | cat - FILE | crontab -"

    def render(self, plan: ExportPlan) -> Mapping[str, str]:
        """Return the line.

        Raises
        ------
        InvalidInput
        """
        command = quoting.shell(plan.argv_idle_ok)
        if "\n" in command or "\\%" in command:
            raise InvalidInput("A line of a crontab holds no line break and no \\%. Give the command another path.")
        place = f"$HOME/.config/mlops-magics/{plan.model}.env"
        line = f'{_line(plan)} set -a; test ! -f "{place}" || . "{place}"; {quoting.cron(command)}'
        comment = [
            f"# {plan.title}",
            f"# {BOARD} and secrets: {place} (mode 600). The policy: {plan.cron}, {plan.zone}.",
        ]
        return {"": "\n".join([*comment, line, ""])}

    def parse(self, files: Mapping[str, str]) -> ParsedExport:
        """Read the line back."""
        *comments, line = files[""].rstrip("\n").split("\n")
        cron, _, zone = comments[-1].partition("The policy: ")[2].removesuffix(".").rpartition(", ")
        command = line.replace(r"\%", "%").partition('.env"; ')[2]
        return ParsedExport(tuple(shlex.split(command)), frozenset(), cron, zone)


def _line(plan: ExportPlan) -> str:
    """Return the five fields: those of the policy in this machine's zone, else its minute of every hour."""
    return plan.cron if plan.zone == local_zone() else f"{plan.cron.split()[0]} * * * *"


def on_calendar(cron: str) -> str:
    """Return a cron line as a calendar event of systemd, which counts no steps from one: values are listed.

    >>> on_calendar("13 4 * * 1"), on_calendar("0 4 1 */6 *"), on_calendar("*/15 * * * *")
    ('Mon *-*-* 4:13:00', '*-1,7-1 4:0:00', '*-*-* *:0,15,30,45:00')

    Raises
    ------
    InvalidInput
        The line names a day of the month or of the week, or the last one, which systemd has no word for.
    """
    import datetime as dt

    from cronsim import CronSim

    found = CronSim(cron, dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
    sets: tuple[Iterable[Any], ...] = (found.minutes, found.hours, found.days, found.months, found.weekdays)
    minute, hour, day, month, weekday = (_values(text, known) for text, known in zip(cron.split(), sets, strict=True))
    if day and weekday and not found.day_and:
        raise InvalidInput(
            f"systemd has no word for {cron!r}: a day of the month or of the week. Export to cron instead."
        )
    names = dict.fromkeys(WEEKDAYS[each % 7] for each in weekday)
    prefix = f"{','.join(names)} " if names else ""
    fields = [",".join(map(str, each)) or "*" for each in (month, day, hour, minute)]
    return f"{prefix}*-{fields[0]}-{fields[1]} {fields[2]}:{fields[3]}:00"


def _values(text: str, known: Iterable[Any]) -> list[int]:
    """Return the values of a field, none for all."""
    if text == "*":
        return []
    values = list(known)
    if not all(isinstance(each, int) and each >= 0 for each in values):
        raise InvalidInput(f"systemd has no word for {text!r} of a cron line. Export to cron instead.")
    return sorted(values)


def _unit(text: str) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None, delimiters=("=",), comment_prefixes=("#",), strict=True)
    parser.optionxform = str  # type: ignore[method-assign,assignment]
    parser.read_string(text)
    return parser
