"""A model card: facts of a version, its performance as a whole and by segment, history, and texts of people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlops_magics.core import phrases, verdicts
from mlops_magics.core.cards import card_head
from mlops_magics.core.cards.card_facts import CardFacts
from mlops_magics.core.cards.card_parts import KINDS, CardPart
from mlops_magics.core.documents import document_markdown, document_page
from mlops_magics.core.documents.document import Block, Bullets, Code, Document, Fold, Heading, Paragraph, Table, facts
from mlops_magics.core.versioning.describing.json_values import json_safe

if TYPE_CHECKING:
    from mlops_magics.core.versioning import Board, ModelVersion

LONGEST_PARAMETER = 60
"""Characters of the value of a parameter."""
MOST_ROWS = 60
"""Rows of a table of the card."""
SCORES = ("segment", "period", "metric", "score", "interval", "rows", "kind")
"""Columns of the tables of measured and estimated performance."""
SECTIONS = (
    ("Intended use", ("owners", "intended_use", "limits")),
    ("Factors", ("factors",)),
    ("Data", ("training_data", "evaluation_data")),
    ("Ethical considerations", ("ethics",)),
    ("Recommendations and licence", ("caveats", "licence")),
)
"""The sections that people write, each with its parts."""
METRICS = ("metric_choice",)
"""The part that people write above the metrics."""


@dataclass(frozen=True, slots=True, repr=False)
class ModelCard:
    """A card of one version.

    Attributes
    ----------
    missing
        The ids of needed parts that were not written.
    stale
        The ids of parts that may not hold for this version.
    """

    version: ModelVersion
    parts: tuple[CardPart, ...]
    facts: CardFacts

    @property
    def missing(self) -> tuple[str, ...]:
        """The ids of the parts that a person has to write."""
        written = {part.kind.id for part in self.parts}
        return tuple(kind.id for kind in KINDS.values() if kind.needed and kind.id not in written)

    @property
    def stale(self) -> tuple[str, ...]:
        """The ids of the parts that may not hold for this version."""
        return tuple(part.kind.id for part in self.parts if part.stale)

    def document(self) -> Document:
        """Return the card as a document, with the head that Hugging Face's hub reads."""
        return Document(
            f"Model card of {self.version.name}", self.blocks(), card_head.yaml_of(self.version, self.parts, self.facts)
        )

    def blocks(self) -> tuple[Block, ...]:
        """Return the parts of the document."""
        return tuple(_blocks(self))

    def to_markdown(self) -> str:
        """Return the card as Markdown, with its YAML head."""
        return document_markdown.markdown(self.document())

    def to_html(self) -> str:
        """Return the card as a page."""
        return document_page.page(self.document())

    def to_json(self) -> dict[str, Any]:
        """Return the record as JSON values."""
        differ = set(self.version.changed_parameters)
        return {
            "name": self.version.name,
            "version": self.version.version,
            "parts": [part.to_json() for part in self.parts],
            "missing": list(self.missing),
            "stale": list(self.stale),
            "parameters": json_safe({name: value for name, value in self.version.parameters.items() if name in differ}),
            "default_parameters": json_safe(
                {name: value for name, value in self.version.parameters.items() if name not in differ}
            ),
            "metadata": card_head.metadata(self.version, self.parts, self.facts),
            **self.facts.to_json(),
        }

    def __repr__(self) -> str:
        written = f"{len(self.parts)} of {len(KINDS)} parts are written"
        asked = [f"  --{each.replace('_', '-')}  {KINDS[each].asked}" for each in self.missing]
        old = [f"  {part.kind.title}: {part.stale}" for part in self.parts if part.stale]
        lines = [f"Model card of {self.version.ref}: {written}."]
        lines += [f"Write with `%model_card {self.version.name}`:", *asked] if asked else []
        return "\n".join([*lines, *(["Stale:", *old] if old else [])])

    def _repr_html_(self) -> str:
        return document_page.fragment(self.document())


def _blocks(card: ModelCard) -> Iterator[Block]:
    yield from _details(card)
    for title, names in SECTIONS:
        yield Heading(title)
        yield from _parts(card, names)
        if title == "Data":
            yield _inputs(card.version)
    yield from _performance(card)
    yield from _monitoring(card)
    yield Heading("Use")
    yield Code(
        "import mlops_magics as mm\n\n"
        f"model = mm.Session(board={card.version.board!r}).remote({card.version.name!r})\n"
        "model.predict(rows)"
    )


def _details(card: ModelCard) -> Iterator[Block]:
    version = card.version
    yield Heading("Model details")
    if version.description:
        yield Paragraph(version.description)
    lineage = version.lineage
    yield facts(
        "",
        {
            "version": f"{version.ref} (v{version.number})" if version.number else version.ref,
            "pinned": f"{version.created:%Y-%m-%d %H:%M} UTC by {version.author or 'unknown'}",
            "aliases": ", ".join(version.aliases),
            "model": version.model_type,
            "task": card.facts.task,
            "parameters": parameters(version, changed=True),
            "format": f"{version.format}, {version.hash}",
            "Python": lineage.python,
            "packages": ", ".join(f"{name} {number}" for name, number in sorted(lineage.packages.items())),
            "commit": lineage.git_commit,
            "training data": lineage.data_fingerprint,
            "training rows": card.facts.training_rows,
            "retrained by": (lineage.retraining or {}).get("run"),
        },
    )
    defaults = parameters(version, changed=False)
    if defaults:
        yield Fold("Parameters at their defaults", (Paragraph(defaults),))


def parameters(version: ModelVersion, changed: bool) -> str:
    """Return the parameters as text. A step of a pipeline, which is long, has its own parameters in the list.

    Parameters
    ----------
    changed
        Whether those that differ from the defaults, or all others.
    """
    differ = set(version.changed_parameters)
    texts = {name: str(value) for name, value in sorted(version.parameters.items()) if (name in differ) is changed}
    steps = {name.rpartition("__")[0] for name in texts}
    shown = {name: text for name, text in texts.items() if len(text) <= LONGEST_PARAMETER and name not in steps}
    return ", ".join(f"{name}={text}" for name, text in shown.items())


def _parts(card: ModelCard, names: Sequence[str]) -> Iterator[Block]:
    written = {part.kind.id: part for part in card.parts}
    for name in names:
        kind, part = KINDS[name], written.get(name)
        if len(names) > 1:
            yield Heading(kind.title, 3)
        if part is None:
            yield Paragraph(f"Not written yet. {kind.asked}")
            continue
        yield Paragraph(part.text)
        if part.stale:
            yield Paragraph(
                f"This may be stale: {part.stale}. It was written for {part.version} by {part.by}.", strong=True
            )
        elif part.version != card.version.version:
            yield Paragraph(f"Inherited from {part.version}, written by {part.by} on {part.when[:10]}.")


def _inputs(version: ModelVersion) -> Block:
    if version.prototype is None:
        return Paragraph("No training data were given when it was pinned, so its columns are not known.")
    rows = [
        (column.name, column.dtype, _range(column), "yes" if column.nullable else "no")
        for column in version.prototype.columns[:MOST_ROWS]
    ]
    more = len(version.prototype.columns) - len(rows)
    caption = "Columns that it reads" + (f"; {more} more are not shown" if more > 0 else "")
    return Table(caption, ("column", "dtype", "range in training", "may be missing"), tuple(rows))


def _range(column: Any) -> str:
    if column.categories is not None:
        return ", ".join(map(str, column.categories[:10])) + (", …" if len(column.categories) > 10 else "")
    return "" if column.minimum is None else f"{phrases.number(column.minimum)} to {phrases.number(column.maximum)}"


def _performance(card: ModelCard) -> Iterator[Block]:
    yield Heading("Metrics")
    yield from _parts(card, METRICS)
    if card.version.metrics:
        yield _at_the_pin(card.version)
    else:
        yield Paragraph("No metrics were given when it was pinned.")
    yield Heading("Quantitative analysis")
    for title, rows in (("As a whole", card.facts.performance), ("By segment", card.facts.segments)):
        if rows:
            newest = {tuple(each.get(name) for name in ("segment", "metric", "kind")): each for each in rows}
            former = [each for each in reversed(rows) if each not in newest.values()]
            yield Table(title, SCORES, tuple(map(_row, newest.values())))
            if former:
                listed = Table("Newest first", SCORES, tuple(map(_row, former[:MOST_ROWS])))
                yield Fold(phrases.counted(len(former), "earlier score"), (listed,))
    if not card.facts.performance and not card.facts.segments:
        yield Paragraph(
            "None yet. Measure it with:",
            code=f"%monitor {card.version.name} --data test --truth y --segment COLUMN --pin-metrics",
        )


def _at_the_pin(version: ModelVersion) -> Table:
    """Return the metrics of a version, with interval and rows where one was measured at the pin."""
    head, rows, measured = ("metric", "score"), tuple(sorted(version.metrics.items())), version.measured
    if not measured:
        return Table("On the data of the pin", head, rows)
    known = {name: (_range_of(each.lower, each.upper), each.rows) for name, each in measured.items()}
    listed = tuple((name, score, *known.get(name, ("", None))) for name, score in rows)
    return Table("On the data of the pin", (*head, "interval", "rows"), listed)


def _range_of(low: Any, high: Any) -> str:
    return "" if low is None or high is None or low != low else f"{phrases.number(low)} to {phrases.number(high)}"


def _row(each: Mapping[str, Any]) -> tuple[Any, ...]:
    return (
        each.get("segment") or "all", each.get("period"), each.get("metric"), each.get("score"),
        _range_of(each.get("lower"), each.get("upper")), each.get("n"), each.get("kind"),
    )  # fmt: skip


def _monitoring(card: ModelCard) -> Iterator[Block]:
    yield Heading("Monitoring")
    if card.facts.verdicts:
        rows = tuple(
            (str(each["created"])[:16].replace("T", " "), each["rows"], each["verdict"]) for each in card.facts.verdicts
        )
        yield Table("Newest first", ("looked", "rows", "verdict"), rows)
    else:
        yield Paragraph("It was not monitored yet.")
    if card.facts.history:
        yield Heading("History")
        yield Bullets(card.facts.history)


def of_version(board: Board, version: ModelVersion, parts: tuple[CardPart, ...], report: Any = None) -> ModelCard:
    """Return the card of a version.

    Parameters
    ----------
    report
        A monitoring report whose performance the card shows in place of the board's.
    """
    return ModelCard(version, parts, CardFacts.of(board, version, verdicts.of_everybody(board, version.name), report))
