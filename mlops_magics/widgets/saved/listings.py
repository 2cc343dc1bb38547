"""Pages of records without a view: a pinned version, a move, history, endpoints, verdicts, boards, verbs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from mlops_magics.core.session.board_labels import label
from mlops_magics.core.sizes import readable_size
from mlops_magics.core.wire.verdict_record import VerdictRow
from mlops_magics.widgets.saved import formats
from mlops_magics.widgets.saved.components import (
    Column,
    alias_chip,
    chip,
    code,
    facts,
    fold,
    head,
    note,
    part,
    stat,
    state,
    stats,
    table,
    verdict,
    version_chip,
)
from mlops_magics.widgets.saved.markup import Markup, breakable, h, prose
from mlops_magics.widgets.saved.page import page

if TYPE_CHECKING:
    import pandas as pd

    from mlops_magics.core.session.records import AliasMove, Board, EndpointTable, ModelVersion, VerifyReport

MOST_STATS = 5
"""Metrics that are shown as figures. The rest is in the facts."""
FEATURES_NAMED = 6
"""Drifted features of a verdict that are shown. The rest is counted."""
EVENT_WORDS = {
    "promote": "promoted", "rollback": "rolled back", "pin": "pinned", "delete": "moved to the trash",
    "restore": "restored", "annotate": "annotated", "protect": "protected", "unprotect": "unprotected",
    "sign": "signed", "conflict": "was too late", "retrain_claim": "began a retraining",
    "retrain_end": "ended a retraining",
}  # fmt: skip

MARKS = ("note: ", "next: ")
"""Beginnings of the lines of a record that are notes, and commands to go on with."""


def version(record: ModelVersion, next_line: str) -> Markup:
    """Return a version that was pinned: its metrics, its facts, and the next step."""
    metrics = list(record.metrics.items())
    # each has its own decimals: those of an error of thousands would make a share of 0.93 a 1
    figures = stats(
        *(stat(name, formats.fixed(value, formats.decimals([value]))) for name, value in metrics[:MOST_STATS])
    )
    about = [
        h("span", {"title": record.board}, "Pinned on ", label(record.board)),
        f", {record.format}, {readable_size(record.size)}",
    ]
    why = record.runs_code_because
    aliases = map(alias_chip, record.aliases)
    features = [f"{each.name} ({each.dtype})" for each in record.prototype.columns] if record.prototype else None
    return page(
        "Version",
        head([h("h2", None, breakable(record.name)), version_chip(record.version, record.number), *aliases], about),
        figures if metrics else None,
        note("alert", f"Reading it runs code, so that others have to trust the board ({why}).") if why else None,
        None
        if record.prototype
        else note(
            "info", "The features are not known, and an endpoint needs them. Pin the model again with `--data X`."
        ),
        None
        if metrics
        else note("info", "No metric is known. `--test` with held-out rows and their truth measures some."),
        fold("Facts", facts(record.ref, _facts(record, features, dict(metrics[MOST_STATS:])))),
        part("Next", None, code(next_line, "Next step")) if next_line else None,
    )


def _facts(record: ModelVersion, features: Sequence[str] | None, metrics: Mapping[str, float]) -> dict[str, Any]:
    lineage = record.lineage
    return {
        **metrics,
        "model": record.model_type,
        "features": features,
        "description": record.description,
        "tags": list(record.tags),
        "parent": record.parent,
        "id": record.version,
        "hash": record.hash,
        "git commit": lineage.git_commit,
        "data": lineage.data_fingerprint,
    }


def move(record: AliasMove, sentence: str, numbers: Mapping[str, int]) -> Markup:
    """Return the version that an alias names now."""
    now = version_chip(record.version, numbers.get(record.version, 0)) if record.version else "no version"
    return page(
        "Alias",
        h("div", {"class": "mlops-line"}, h("b", None, record.name), alias_chip(record.alias), now),
        h("p", {"class": "mlops-2"}, prose(sentence)),
    )


def sentence(name: str, words: str) -> Markup:
    """Return the text of a record: each line by itself, its notes marked, its next commands as code."""
    lines = words.splitlines()
    said, noted, commands = (
        [line.removeprefix(mark) for line in lines if line.startswith(mark) and (mark or not line.startswith(MARKS))]
        for mark in ("", *MARKS)
    )
    return page(
        name,
        *(h("p", None, prose(line)) for line in said),
        *(note("info", line) for line in noted),
        part("Next", None, code("\n".join(commands), "Next step")) if commands else None,
    )


def history(found: pd.DataFrame, numbers: Mapping[str, int]) -> Markup:
    """Return the events of a model, newest first."""
    columns = [
        Column("When"),
        Column("Who", "mlops-2", ""),
        Column("What", "", ""),
        Column("Alias", "mlops-wrap", ""),
        Column("Version", "", ""),
        Column("Before", "", "before"),
        Column("Note", "mlops-wrap mlops-2", ""),
    ]
    rows = [
        [
            _when(row["time"]),
            row["by"] or "",
            EVENT_WORDS.get(str(row["event"]), str(row["event"])),
            alias_chip(row["alias"]) if isinstance(row["alias"], str) else "",
            _version_of(row["version"], numbers),
            _version_of(row["previous"], numbers),
            row["note"] if isinstance(row["note"], str) else "",
        ]
        for row in found.to_dict("records")
    ]
    place = h("span", {"title": found.attrs["board"]}, label(found.attrs["board"]))
    about = [f"{formats.plural(len(rows), 'event')} on ", place, ", newest first"]
    name = found.attrs["name"]
    return page(
        "History",
        head([h("h2", None, breakable(name))], about),
        table(f"History of {name}", columns, rows, "mlops-noted"),
    )


def verdicts(found: pd.DataFrame, listed: Sequence[VerdictRow], numbers: Mapping[str, int]) -> Markup:
    """Return the findings of monitoring on a model each time, newest first."""
    columns = [
        Column("Checked"),
        Column("Version", "", ""),
        Column("", "", ""),
        Column("Drifted", "mlops-wrap", ""),
        Column("Rows", "mlops-num", "rows"),
        Column("Alerts", "mlops-num", "alerts"),
        Column("By", "mlops-2", "by"),
        Column("Verdict", "mlops-wrap mlops-2 mlops-roomy", ""),
    ]
    rows = [
        [
            _when(row.created),
            _version_of(row.version, numbers),
            state("drifted" if row.drifted else "stable"),
            _named(row.drifted),
            formats.count(row.rows),
            formats.count(row.n_alerts),
            row.by or "",
            row.verdict.removeprefix(f"{found.attrs['name']}@{row.version}: "),
        ]
        for row in listed
    ]
    name = found.attrs["name"]
    place = h("span", {"title": found.attrs["board"]}, label(found.attrs["board"]))
    about = [f"{formats.plural(len(rows), 'check')} on ", place, ", newest first"]
    return page("Verdicts", head([h("h2", None, breakable(name))], about), table(f"Verdicts on {name}", columns, rows))


def _named(features: Sequence[str]) -> Markup:
    """Return the first features of a list, and how many there are beyond them."""
    more = len(features) - FEATURES_NAMED
    rest = h("small", None, f"and {more:,} more") if more > 0 else None
    return h("span", {"class": "mlops-line"}, *map(chip, features[:FEATURES_NAMED]), rest)


def endpoints(found: EndpointTable, numbers: Mapping[str, int]) -> Markup:
    """Return the endpoints there are, with their places where one is not on this machine."""
    elsewhere = found.elsewhere
    columns = [
        Column("Endpoint"),
        Column("State", "", ""),
        Column("Version", "", ""),
        Column("Alias", "mlops-wrap", ""),
        *([Column("Where", "mlops-wrap", "where")] if elsewhere else []),
        Column("Address", "", ""),
        Column("Started", "mlops-2", "started"),
    ]
    rows = [
        [
            h("b", None, breakable(row["name"])),
            state(row["state"]),
            _version_of(row["version"], numbers),
            alias_chip(row["alias"]) if isinstance(row["alias"], str) else "",
            *([formats.readable(row["where"])] if elsewhere else []),
            h("code", None, row["url"]),
            _when(row["started"]),
        ]
        for row in found.to_dict("records")
    ]
    listed = table("Endpoints", columns, rows) if rows else None
    return page("Endpoints", head([h("h2", None, "Endpoints")], found.title), listed, asof=True)


def board(record: Board, models: int) -> Markup:
    """Return a board: its place, its contents, whether it can be trusted and written."""
    chips = [] if record.trusted else [chip("not trusted", "is-open")]
    chips += [] if record.writable else [chip("read-only", "is-open")]
    told = note("info", "The folder does not exist yet. The first pin makes it.") if record.is_new else None
    about = f"{h('code', None, record.url)}, {formats.plural(models, 'model')}"
    return page("Board", head([h("h2", None, label(record.url)), *chips], Markup(about)), told)


def verification(record: VerifyReport) -> Markup:
    """Return the entries of a verification and its findings."""
    columns = [
        Column("Finding"),
        Column("Where", "mlops-mono mlops-wrap", ""),
        Column("Why", "mlops-wrap", ""),
        Column("", "", ""),
    ]
    rows = [
        (each.kind, each.place, prose(each.reason), state("stable", "repaired") if each.repaired else "")
        for each in record.findings
    ]
    size = readable_size(record.size)
    counts = f"{formats.plural(record.versions, 'version')}, {formats.plural(record.files, 'file')}, {size}."
    if not rows:
        head_of = verdict("good", "Everything is as it was written.", counts)
    elif record.sound:
        head_of = verdict("good", f"{formats.plural(len(rows), 'finding')}, all repaired.", counts)
    else:
        left = sum(not each.repaired for each in record.findings)
        head_of = verdict(
            "alert",
            f"{formats.plural(left, 'finding')} to look at.",
            f"{counts} `%verify --repair` moves broken entries into the trash.",
        )
    return page("Verification", head_of, table("Findings", columns, rows) if rows else None, asof=True)


def verbs(state_of: Sequence[tuple[str, str]], listed: Sequence[tuple[str, str]], more: str) -> Markup:
    """Return where one is, and every verb with its first sentence."""
    columns = [Column("Verb", "mlops-mono"), Column("What it does", "mlops-wrap", "")]
    rows = [(f"%{name}", summary) for name, summary in listed]
    figures = [h("div", None, h("dt", None, name), h("dd", None, value)) for name, value in state_of]
    where = h("dl", {"class": "mlops-saved-facts"}, *figures)
    return page(
        "Verbs",
        where,
        part("Verbs", None, table("Verbs", columns, rows)),
        h("p", {"class": "mlops-2"}, more),
        asof=True,
    )


def _version_of(version: Any, numbers: Mapping[str, int]) -> Markup | str:
    """Return a version of a table as people call it, nothing where it is missing."""
    return version_chip(version, numbers.get(version, 0)) if isinstance(version, str) and version else ""


def _when(moment: Any) -> Markup:
    told = moment.isoformat() if hasattr(moment, "isoformat") else str(moment)
    return h("span", {"title": formats.exact(told)}, formats.day(told))
