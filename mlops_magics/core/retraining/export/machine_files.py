"""Files for one machine: a timer of systemd, a line of a crontab."""

from __future__ import annotations

import configparser
import re
import shlex
from collections.abc import Mapping

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
    file = "mlops-magics-{model}"
    next_step = "Put both into ~/.config/systemd/user; systemctl --user enable --now NAME.timer; loginctl enable-linger"

    def render(self, plan: ExportPlan) -> Mapping[str, str]:
        """Return service and timer; the board and secrets are in a file of the user's configuration."""
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
        """Read both back."""
        service, timer = (_unit(files[ending]) for ending in (".service", ".timer"))
        calendar, _, zone = timer["Timer"]["OnCalendar"].rpartition(" ")
        cron = next(line for line in files[".timer"].splitlines() if line.startswith("# cron: "))[8:]
        if calendar != on_calendar(cron):
            raise InvalidInput(f"The timer says {calendar}, and the cron line is {cron}.")
        return ParsedExport(quoting.systemd_words(service["Service"]["ExecStart"]), frozenset(), cron, zone)


class Crontab:
    """One line of a crontab. Debian's cron knows no time zone, so a policy of another zone is looked at every hour."""

    name = "cron"
    file = "retrain-{model}.cron"
    next_step = "crontab -l | cat - FILE | crontab -"

    def render(self, plan: ExportPlan) -> Mapping[str, str]:
        """Return the line."""
        command = quoting.shell(plan.argv_idle_ok)
        if "\n" in command:
            raise InvalidInput("A line of a crontab cannot hold a line break; give the command another path.")
        place = f"$HOME/.config/mlops-magics/{plan.model}.env"
        line = f'{_line(plan)} set -a; test ! -f "{place}" || . "{place}"; {quoting.cron(command)}'
        comment = [
            f"# {plan.title}",
            f"# {BOARD} and secrets: {place} (mode 600). The policy: {plan.cron}, {plan.zone}.",
        ]
        return {"": "\n".join([*comment, line, ""])}

    def parse(self, files: Mapping[str, str]) -> ParsedExport:
        """Read the line back."""
        *comments, line = files[""].splitlines()
        found = re.search(r"The policy: (?P<cron>.*), (?P<zone>\S+)\.$", comments[-1])
        assert found is not None
        words = re.match(r"(?:\S+\s+){5}(?P<command>.*)$", line)
        assert words is not None
        command = words["command"].replace(r"\%", "%").partition('.env"; ')[2]
        return ParsedExport(tuple(shlex.split(command)), frozenset(), found["cron"], found["zone"])


def _line(plan: ExportPlan) -> str:
    """Return the five fields: those of the policy in this machine's zone, else its minute of every hour."""
    return plan.cron if plan.zone == local_zone() else f"{plan.cron.split()[0]} * * * *"


def on_calendar(cron: str) -> str:
    """Return a cron line as a calendar event of systemd.

    >>> on_calendar("13 4 * * 1"), on_calendar("0 4 1 * *"), on_calendar("*/15 * * * *")
    ('Mon *-*-* 4:13:00', '*-*-1 4:0:00', '*-*-* *:*/15:00')

    Raises
    ------
    InvalidInput
        The line names a day of the month and of the week, of which cron takes either and systemd both.
    """
    minute, hour, day, month, weekday = cron.split()
    if day != "*" and weekday != "*":
        raise InvalidInput(
            f"systemd has no word for {cron!r}: a day of the month or of the week. Export to cron instead."
        )
    prefix = "" if weekday == "*" else f"{_weekdays(weekday)} "
    fields = [_field(each) for each in (month, day, hour, minute)]
    return f"{prefix}*-{fields[0]}-{fields[1]} {fields[2]}:{fields[3]}:00"


def _field(text: str) -> str:
    if not re.fullmatch(r"[\d*,/-]+", text):
        raise InvalidInput(f"systemd has no word for {text!r} of a cron line. Export to cron instead.")
    return text.replace("-", "..")


def _weekdays(text: str) -> str:
    parts = []
    for part in text.split(","):
        ends = part.split("-")
        if not all(re.fullmatch(r"[0-7]", each) or each.title() in WEEKDAYS for each in ends):
            raise InvalidInput(f"systemd has no word for the weekdays {text!r}. Export to cron instead.")
        parts.append("..".join(WEEKDAYS[int(each) % 7] if each.isdigit() else each.title() for each in ends))
    return ",".join(parts)


def _unit(text: str) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None, delimiters=("=",), comment_prefixes=("#",), strict=True)
    parser.optionxform = str  # type: ignore[method-assign,assignment]
    parser.read_string(text)
    return parser
