"""A retraining as HTML that stays: both models side by side on the held-out rows, the conditions, and the steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlops_magics.widgets import html

if TYPE_CHECKING:
    from mlops_magics.core.session.records import Retraining


def markup(record: Retraining) -> str:
    """Return the comparison, the segments, the conditions, the notes, the steps and the facts of a run."""
    return _comparison(record) + _steps(record) + _facts(record)


def _comparison(record: Retraining) -> str:
    found = record.comparison
    if found is None:
        return ""
    gains = [
        (
            each.metric.replace("_", " ") + (" (decides)" if each.decides else ""),
            each.champion, each.challenger, each.gain, _interval(each.lower, each.upper), each.verdict, each.method,
        )
        for each in found.gains
    ]  # fmt: skip
    interval = f"{found.level:.0%} interval"
    columns = ("metric", "champion", "challenger", "gain", interval, "the challenger is", "interval by")
    title = f"Champion {record.parent} and challenger {record.version} on the same {found.rows:,} held-out rows"
    parts = [html.table(title, columns, gains)]
    if found.segments:
        rows = [
            (each.segment, each.rows, each.gain, _interval(each.lower, each.upper), "yes" if each.held else "no")
            for each in found.segments
        ]
        parts.append(
            html.table(f"Gain of {found.metric} by segment", ("segment", "rows", "gain", interval, "held"), rows)
        )
    checks = [(each.name, "yes" if each.held else "no", each.text) for each in found.checks]
    parts.append(html.table("Conditions of the promotion", ("condition", "held", "found"), checks))
    return "".join(parts) + html.listing("Notes", (*record.notes, *found.notes))


def _interval(lower: float | None, upper: float | None) -> str:
    return "" if lower is None or upper is None else f"{lower:+.3g} to {upper:+.3g}"


def _steps(record: Retraining) -> str:
    rows = [
        (each.name, each.state, "" if each.seconds is None else f"{each.seconds:.1f} s", each.text)
        for each in record.steps
        if each.state != "open"
    ]
    return html.table(f"Steps of the run {record.run}", ("step", "state", "took", "found"), rows)


def _facts(record: Retraining) -> str:
    return html.facts(
        "Run",
        {
            "trigger": record.trigger.get("reason"),
            "policy": record.trigger.get("policy"),
            "held out": record.held_out,
            "started": record.started,
            "by": record.by,
            "host": record.host,
            "output": record.log,
        },
    )
