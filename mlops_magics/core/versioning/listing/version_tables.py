"""The listings of a board as DataFrames that displays can recognise."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from mlops_magics.core import text_tables
from mlops_magics.core.phrases import counted
from mlops_magics.core.versioning.history.events import Event
from mlops_magics.core.versioning.listing.version_index import Summary, warn_of_unreadable


class _Table(pd.DataFrame):
    """A frame whose slices are plain frames. ``attrs`` holds the board and the model."""

    @property
    def _constructor(self) -> Callable[..., pd.DataFrame]:
        return pd.DataFrame


class VersionTable(_Table):
    """The versions of one model, newest first."""

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """Show what people read in a terminal, by IPython's protocol, which needs no import."""
        text = text_tables.text_table(
            f"{self.attrs['name']}: {counted(len(self), 'version')} on {self.attrs['board']}, newest first",
            {
                "": [f"v{number}" for number in self["number"]],
                "id": text_tables.short_ids(self["version"]),
                "created": self["created"],
                "aliases": self["aliases"],
                **text_tables.metric_columns(self["metrics"].tolist()),
                "trust": ["" if trusted else "not trusted" for trusted in self["trusted"]],
                "description": self["description"],
            },
        )
        printer.text(text)

    @classmethod
    def of(
        cls,
        summaries: Sequence[Summary],
        aliases: Mapping[str, str],
        trusted: Callable[[Summary], bool],
        numbers: Mapping[str, int],
        board: str,
        name: str,
    ) -> VersionTable:
        """Build the table from summaries in order of creation.

        Parameters
        ----------
        summaries
            The versions, in order of creation.
        aliases
            Alias to version.
        trusted
            Whether a version may be read.
        numbers
            Version to its number.
        board, name
            The board and the model.
        """
        newest_first = summaries[::-1]
        table = cls(
            {
                "version": [each.version for each in newest_first],
                "created": _times([each.created for each in newest_first]),
                "aliases": _named(newest_first, aliases),
                "metrics": [each.metrics for each in newest_first],
                "format": [each.format for each in newest_first],
                "size": [each.size for each in newest_first],
                "author": _objects(each.author for each in newest_first),
                "description": _objects(each.description for each in newest_first),
                "tags": [each.tags for each in newest_first],
                "parent": _objects(each.parent for each in newest_first),
                "trusted": [trusted(each) for each in newest_first],
                "number": [numbers[each.version] for each in newest_first],
            },
            copy=False,
        )
        table.attrs |= {"board": board, "name": name}
        return table


class ModelTable(_Table):
    """The models of a board, the most recently changed first."""

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """Show what people read in a terminal, by IPython's protocol, which needs no import."""
        query = self.attrs.get("query")
        fits = f" {'fits' if len(self) == 1 else 'fit'} {query}" if query else ""
        text = text_tables.text_table(
            f"{counted(len(self), 'model')} on {self.attrs['board']}{fits}",
            {
                "model": self["name"],
                "versions": self["versions"],
                "newest": text_tables.short_ids(self["version"]),
                "created": self["created"],
                "aliases": self["aliases"],
                "metrics": [", ".join(f"{name} {value:.4g}" for name, value in row.items()) for row in self["metrics"]],
                "description": self["description"],
            },
        )
        printer.text(text)

    @classmethod
    def of(cls, rows: Sequence[tuple[str, int, Summary, list[str]]], board: str, query: str = "") -> ModelTable:
        """Build the table from (name, number of versions, newest summary, its aliases) of models that fit a query."""
        ordered = sorted(rows, key=lambda row: (-row[2].created, row[0]))
        newest = [row[2] for row in ordered]
        warn_of_unreadable({row[0]: row[2] for row in ordered})
        table = cls(
            {
                "name": [row[0] for row in ordered],
                "version": [each.version for each in newest],
                "created": _times([each.created for each in newest]),
                "aliases": [row[3] for row in ordered],
                "metrics": [each.metrics for each in newest],
                "versions": [row[1] for row in ordered],
                "format": [each.format for each in newest],
                "size": [each.size for each in newest],
                "tags": [each.tags for each in newest],
                "description": _objects(_described(each) for each in newest),
            },
            copy=False,
        )
        table.attrs |= {"board": board, "query": query}
        return table


def _described(newest: Summary) -> str | None:
    """Return the description of a model, or why its newest version cannot be read."""
    return newest.description if newest.broken is None else f"Cannot be read: {newest.broken}"


class HistoryTable(_Table):
    """The history of a model, newest first: pins, moves of aliases, deletions and notes."""

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """Show what people read in a terminal, by IPython's protocol, which needs no import."""
        text = text_tables.text_table(
            f"{self.attrs['name']}: {counted(len(self), 'event')} on {self.attrs['board']}, newest first",
            {
                "time": self["time"],
                "event": self["event"],
                "alias": self["alias"],
                "version": text_tables.short_ids(self["version"]),
                "before": text_tables.short_ids(self["previous"]),
                "by": self["by"],
                "note": self["note"],
            },
        )
        printer.text(text)

    @classmethod
    def of(cls, summaries: Sequence[Summary], events: Sequence[Event], board: str, name: str) -> HistoryTable:
        """Build the table. A pin has no sequence number, because it is not an entry of the log.

        Parameters
        ----------
        summaries
            The versions, in order of creation.
        events
            The events of the model.
        board, name
            The board and the model.
        """
        pins = [
            (
                pd.Timestamp(each.created, unit="s", tz="UTC"),
                None,
                "pin",
                None,
                each.version,
                each.parent,
                each.author,
                each.description,
            )
            for each in summaries
        ]
        moves = [
            (
                pd.Timestamp(each.time),
                each.sequence,
                each.event,
                each.alias,
                each.version,
                each.previous,
                each.by,
                each.note,
            )
            for each in events
        ]
        places = [*((row[0], 0) for row in pins), *_places(summaries, events)]
        ordered = [row for _, row in sorted(zip(places, [*pins, *moves]), key=lambda each: each[0], reverse=True)]
        columns = ["time", "sequence", "event", "alias", "version", "previous", "by", "note"]
        frame = pd.DataFrame(ordered, columns=columns, dtype=object)
        frame = frame.astype({"sequence": "Int64", "time": "datetime64[us, UTC]"})
        table = cls(frame[["sequence", *(column for column in columns if column != "sequence")]])
        table.attrs |= {"board": board, "name": name}
        return table


def _places(summaries: Sequence[Summary], events: Sequence[Event]) -> Iterator[tuple[pd.Timestamp, int]]:
    """Yield where events are among the pins: in the order of the log, and none before the versions that it names.

    A version of a second that another one has is named by the next second, so its time can be ahead of the log's.
    """
    created = {each.version: pd.Timestamp(each.created, unit="s", tz="UTC") for each in summaries}
    latest = pd.Timestamp(0, tz="UTC")
    for each in events:
        named = [created[version] for version in (each.version, each.previous) if version in created]
        latest = max(latest, pd.Timestamp(each.time), *named)
        yield latest, each.sequence


def _objects(values: Iterable[str | None]) -> pd.Series:
    """Return texts in which a missing one stays None. An inferred dtype would turn it into NaN."""
    return pd.Series(list(values), dtype=object)


def _times(seconds: Sequence[float]) -> pd.DatetimeIndex:
    return pd.to_datetime(pd.array(seconds, dtype="float64").astype("int64"), unit="s", utc=True).as_unit("us")


def _named(summaries: Sequence[Summary], aliases: Mapping[str, str]) -> list[list[str]]:
    by_version: dict[str, list[str]] = {}
    for alias, version in aliases.items():
        by_version.setdefault(version, []).append(alias)
    return [sorted(by_version.get(each.version, ())) for each in summaries]
