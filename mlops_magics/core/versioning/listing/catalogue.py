"""The catalogue of a board: its models and versions, the newest of each, and the version that a reference means."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from mlops_magics.core import user_warnings
from mlops_magics.core.phrases import counted
from mlops_magics.core.versioning.describing import bounded_yaml, data_txt
from mlops_magics.core.versioning.describing.json_values import plain
from mlops_magics.core.versioning.describing.model_version import ModelVersion
from mlops_magics.core.versioning.formats import registry
from mlops_magics.core.versioning.history.anchors import Anchor
from mlops_magics.core.versioning.history.event_log import EventLog
from mlops_magics.core.versioning.listing import query
from mlops_magics.core.versioning.listing.companion_names import of_models
from mlops_magics.core.versioning.listing.fault_budget import FaultBudget
from mlops_magics.core.versioning.listing.version_index import Newest, Summaries, Summary, readable
from mlops_magics.core.versioning.listing.version_numbers import number_of, numbers, version_at, version_like
from mlops_magics.core.versioning.names import (
    CHAMPION,
    NEWEST,
    AliasName,
    ModelName,
    ModelRef,
    VersionName,
    is_number,
    timed,
)
from mlops_magics.core.versioning.stores.store import Store
from mlops_magics.errors import IntegrityError, NotFound

if TYPE_CHECKING:
    from mlops_magics.core.versioning.listing.version_tables import HistoryTable, ModelTable, VersionTable

UNSETTLED = -1
"""The stamp of entries that may change without a new stamp, and so are looked up each time."""


class Catalogue:
    """Look-ups and listings over a store and its log. The derived index keeps the facts that cannot change."""

    def __init__(self, store: Store, log: EventLog) -> None:
        self._store, self._log = store, log
        self.summaries = Summaries(
            store.url, lambda name, version, budget: self.read(ModelName(name), VersionName(version), budget)
        )
        self._listings: dict[str, tuple[object, list[str]]] = {}
        self._agreeing: set[str] = set()
        """Versions whose anchors agree with the log, kept because each check reads the metadata."""
        self._broken: dict[tuple[str, str], tuple[bytes, IntegrityError]] = {}
        """The sha256 of metadata that could not be parsed, with the fault: parsing megabytes again takes seconds."""

    # Look-ups

    def names(self, *, companions: bool = False) -> list[str]:
        """Return the models of the board, by name, and their companion pins only on request."""
        found = {name for name in self._store.names() if ModelName.accepts(name)}
        return sorted(found if companions else found - of_models(found, self._log.names))

    def versions(self, name: ModelName) -> list[str]:
        """Return the versions of a model, oldest first, without stray entries.

        A listing is kept while the store reports no change.
        """
        stamp = self._store.stamp(name)
        kept = self._listings.get(name)
        if kept and stamp is not None and kept[0] == stamp:
            return kept[1]
        entries, proven = self._store.versions(name), frozenset(kept[1] if kept else ())
        found = timed(entries, proven) or [entry for entry in entries if VersionName.accepts(entry)]
        self._listings[name] = (stamp, found)
        return found

    def read(self, name: ModelName, version: VersionName, budget: FaultBudget | None = None) -> ModelVersion:
        """Return the record of a version as it was published.

        Raises
        ------
        IntegrityError
            When its metadata cannot be read, or are larger than the budget of a listing allows.
        NotFound
        """
        largest, events = (budget.largest, budget.events) if budget else (data_txt.LARGEST, bounded_yaml.MOST_EVENTS)
        data, place = self._store.read(name, version, data_txt.FILE, largest), (str(name), str(version))
        digest, fault = self._broken.get(place, (b"", None))
        if fault is not None and digest == hashlib.sha256(data).digest():
            raise IntegrityError(str(fault)) from fault
        try:
            return data_txt.decode(data, name, version, self._store.url, events)
        except IntegrityError as error:
            if budget is None or not isinstance(error.__cause__, bounded_yaml.TooCostly):
                self._broken[place] = hashlib.sha256(data).digest(), error.with_traceback(None)
            raise

    def find(self, ref: str | ModelRef, selector: str | None = None) -> ModelVersion:
        """Return the version that a reference means, with its aliases and later annotations.

        Raises
        ------
        NotFound
            No such version exists. The message names existing ones, the nearest first.
        """
        parsed = ModelRef.parse(ref)
        selector = selector if selector is not None else parsed.selector
        versions = self.versions(parsed.name)
        if not versions:
            known = self.names()
            hint = "" if known else f"Pin it with `%%pin_model {parsed.name}`."
            raise NotFound("model", parsed.name, known, hint=hint)
        return self.annotated(self._select(parsed.name, versions, selector))

    def _select(self, name: ModelName, versions: list[str], selector: str | None) -> ModelVersion:
        if selector == NEWEST:
            return self._newest(name, versions)
        aliases = self._log.aliases(name)
        if selector is None and CHAMPION not in aliases:
            return self._relied_on(self._newest(name, versions), versions)
        selector = selector or CHAMPION
        wanted = aliases.get(selector)
        if wanted is None and selector in versions:
            return self.read(name, VersionName(selector))
        if wanted is None:
            found = self._by_number(name, selector, versions) or version_like(selector, name, versions)
            if found is not None:
                return self.read(name, VersionName(found))
            self._log.check()
            kind = "version" if VersionName(selector).created or not AliasName.accepts(selector) else "alias"
            raise NotFound(f"{kind} of {name}:", selector, [*aliases, *versions[::-1]])
        if wanted not in versions:
            hint = f"The alias {selector!r} still names it: `%promote {name}@VERSION {selector}` moves it."
            raise NotFound("version", f"{name}@{wanted}", versions[::-1], hint=hint)
        return self._relied_on(self.read(name, VersionName(wanted)), versions)

    def _relied_on(self, version: ModelVersion, versions: list[str]) -> ModelVersion:
        """Return a version found by the log, where the log agrees with the anchors of this and the newest version."""
        remembered = [anchor_of(version)]
        if version.version != versions[-1] and versions[-1] not in self._agreeing:
            remembered.append(self._newest_anchor(ModelName(version.name), versions))
        self._log.check(remembered)
        self._agreeing.add(versions[-1])
        return version

    def anchors(self, name: ModelName, *versions: ModelVersion) -> list[Anchor | None]:
        """Return the anchors in some versions and in the newest one of a model."""
        return [*map(anchor_of, versions), self._newest_anchor(name, self.versions(name))]

    def _newest_anchor(self, name: ModelName, versions: list[str]) -> Anchor | None:
        budget = FaultBudget()
        for version in reversed(versions):
            with contextlib.suppress(NotFound, IntegrityError), budget.reading():
                return anchor_of(self.read(name, VersionName(version), budget))
        return None

    def _by_number(self, name: ModelName, selector: str, versions: list[str]) -> str | None:
        """Return the version of a number such as ``v12``, or None for a selector that is not a number.

        Raises
        ------
        NotFound
            No version has the number, or its version was deleted.
        """
        if not is_number(selector):
            return None
        deleted = self._log.deleted(name)
        found = version_at(selector, versions, deleted)
        if found in versions:
            return found
        known = [f"v{number}" for number in numbers(versions, deleted).values()]
        if found is not None:
            hint = f"It was {found}, which is deleted. `%restore {name}@{selector}` brings it back from the trash."
            raise NotFound(f"version of {name}:", selector, hint=hint)
        raise NotFound(f"version of {name}:", selector, known[::-1])

    def whole(self, place: str) -> str:
        """Return ``name@version`` with the id in place of a version number, and other places unchanged."""
        name, _, selector = place.partition("@")
        if not (ModelName.accepts(name) and is_number(selector)):
            return place
        found = version_at(selector, self.versions(ModelName(name)), self._log.deleted(name))
        return f"{name}@{found}" if found else place

    def has(self, name: ModelName, selector: str) -> bool:
        """Return whether a selector is the id, a part of the id, or the number of a version of the model."""
        versions = self.versions(name)
        if is_number(selector):
            return version_at(selector, versions, self._log.deleted(name)) in versions
        return any(version.startswith(selector) or version.endswith(selector) for version in versions)

    def last_versions(self, name: ModelName, count: int) -> list[tuple[str, dict[str, float | None]]]:
        """Return the newest versions of a model that can be read, with their metrics, oldest first."""
        found = self._summaries(name, self.versions(name)[-count:])
        return [(each.version, each.metrics) for each in found if each.broken is None]

    def created(self, name: ModelName, version: str) -> datetime | None:
        """Return when a version was made, or None where neither its id nor its metadata hold it."""
        named = VersionName(version).created
        [summary] = self.summaries.of(name, [version]) if named is None else [None]
        return named or (datetime.fromtimestamp(summary.created, UTC) if summary and not summary.broken else None)

    def numbers_of(self, name: ModelName, versions: Iterable[str]) -> dict[str, int]:
        """Return the numbers of some versions."""
        present, deleted = self.versions(name), self._log.deleted(name)
        return {version: number_of(version, present, deleted) for version in versions}

    def numbers(self, name: ModelName) -> dict[str, int]:
        """Return the number of each version of a model, deleted ones included."""
        return numbers(self.versions(name), self._log.deleted(name))

    def _newest(self, name: ModelName, versions: list[str]) -> ModelVersion:
        """Return the newest complete version. Another writer may have died halfway through a newer one."""
        faults: list[str] = []
        budget = FaultBudget()
        for version in reversed(versions):
            try:
                with budget.reading():
                    found = self.read(name, VersionName(version))
            except (NotFound, IntegrityError) as error:
                if version in self._store.entries(name):  # else it was deleted after the listing
                    faults.append(str(error))
                if budget.spent:
                    break
                continue
            if faults:
                user_warnings.warn(
                    f"{name}: {counted(len(faults), 'newer version')} cannot be read, so {version} is taken. "
                    "Run `%verify`."
                )
            return found
        if not faults:
            raise NotFound("model", name, self.names())
        which = "No version" if len(faults) == len(versions) else f"None of the {len(faults)} newest versions"
        raise IntegrityError(f"{which} of {name} can be read. {faults[0]}")

    def annotated(self, version: ModelVersion) -> ModelVersion:
        """Return the version with its aliases and with the changes to its metadata after publication."""
        named = tuple(
            sorted(alias for alias, target in self._log.aliases(version.name).items() if target == version.version)
        )
        changes: dict[str, object] = {}
        for event in self._log.annotations(version.name, version.version):
            changes |= plain(event.details, "annotation")
        if "tags" in changes:
            changes["tags"] = tuple(changes["tags"])  # type: ignore[arg-type]
        allowed = {
            key: value for key, value in changes.items() if key in {"description", "tags", "metrics", "metadata"}
        }
        number = number_of(version.version, self.versions(ModelName(version.name)), self._log.deleted(version.name))
        return dataclasses.replace(version, aliases=named, number=number, **allowed)  # type: ignore[arg-type]

    # Listings

    def model_table(self, text: str | None = None) -> ModelTable:
        """List the models whose newest version matches a query such as ``accuracy>0.9 tag:eu``."""
        from mlops_magics.core.versioning.listing.version_tables import ModelTable

        wanted = query.parse(text)
        aliases, changes = self._log.all_aliases(), self._log.changes()
        rows = []
        for each in self._newest_of_all():
            named = aliases.get(each.name, {})
            newest = _changed(each.summary, changes.get(each.name, {}))
            if wanted.matches(each.name, newest, named):
                rows.append((each.name, each.count, newest, sorted(a for a, v in named.items() if v == newest.version)))
        return ModelTable.of(rows, self._store.url, text or "")

    def _newest_of_all(self) -> list[Newest]:
        """Return the newest version of every model. Only models whose stamp changed are listed and read again."""
        before, found, budget = self.summaries.newest(), [], FaultBudget()
        for name in map(ModelName, self.names()):
            stamp, known = self._store.stamp(name), before.get(name)
            if known is None or stamp is None or known.stamp != stamp:
                versions = self.versions(name)
                if not versions:
                    continue
                newest = self.summaries.of(name, versions[-1:], budget)[0]
                settled_at = stamp if isinstance(stamp, int) and newest.broken is None else UNSETTLED
                known = Newest(str(name), settled_at, len(versions), newest)
            found.append(known)
        settled = {each.name: each for each in found if each.stamp != UNSETTLED}
        if settled != before:
            self.summaries.keep_newest(settled)
        return found

    def version_table(self, name: ModelName, trusted_among: Callable[[set[str]], set[str]]) -> VersionTable:
        """List the versions of a model, newest first.

        Parameters
        ----------
        trusted_among
            A function that returns which of some hashes of model files are trusted.

        Raises
        ------
        NotFound
            When the board has no such model.
        """
        from mlops_magics.core.versioning.listing.version_tables import VersionTable

        versions = self.versions(name)
        if not versions:
            raise NotFound("model", name, self.names())
        summaries = readable(name, self._summaries(name, versions))
        trusted = trusted_among({each.hash for each in summaries})
        return VersionTable.of(
            summaries,
            self._log.aliases(name),
            lambda each: each.hash in trusted or registry.read_without_trust(each.format),
            self.numbers(name),
            self._store.url,
            name,
        )

    def history_table(self, name: ModelName) -> HistoryTable:
        """List the history of a model, newest first.

        Raises
        ------
        NotFound
        """
        from mlops_magics.core.versioning.listing.version_tables import HistoryTable

        versions, events = self.versions(name), list(self._log.of(name))
        if not versions and not events:
            raise NotFound("model", name, self.names())
        summaries = readable(name, self._summaries(name, versions))
        return HistoryTable.of(summaries, events, self._store.url, name)

    def _summaries(self, name: str, versions: list[str]) -> list[Summary]:
        """Return the summaries of versions, with the changes in the log."""
        changes = self._log.changes().get(name, {})
        return [_changed(each, changes) for each in self.summaries.of(name, versions)]


def anchor_of(version: ModelVersion) -> Anchor | None:
    """Return the anchor in a version's metadata, or None."""
    return Anchor.from_json(version.stamps.get(data_txt.LOG))


def _changed(summary: Summary, changes: dict[str, dict[str, object]]) -> Summary:
    """Return a summary with the changes in the log."""
    return query.changed(summary, changes[summary.version]) if summary.version in changes else summary
