"""The comparison of two versions as a view shows it: grouped, counted, and summarised in a sentence."""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

from mlops_magics.core import metric_directions, phrases
from mlops_magics.core.session.feature_changes import feature_changes
from mlops_magics.core.wire import comparison_record as wire
from mlops_magics.core.wire.encoding import to_json

if TYPE_CHECKING:
    from mlops_magics.core.versioning import ModelVersion, VersionDiff

CONTEXT = 3
"""Equal lines of code around different ones."""
MOST_CODE = 2_000
"""Lines of code that are compared."""
MOST_PERCENT = 1000
"""A larger change is written as a factor."""
NAMED = 3
"""Metrics that the paragraph names."""
MOST_DECIMALS = 6
"""Of a metric. Where three do not show the change, it has more."""


def of(diff: VersionDiff) -> wire.Comparison:
    """Return the record of a comparison."""
    assert diff.sides is not None, "a comparison that was read from JSON has no sides"
    a, b = diff.sides
    metrics = tuple(_metrics(a.metrics, b.metrics))
    features, same = feature_changes(diff)
    parameters = _parameters(a.parameters, b.parameters)
    packages = _facts(a.lineage.packages, b.lineage.packages)
    name = called(b, other=a)
    sentence, meaning = _sentence(name, called(a, other=b), metrics, diff)
    return wire.Comparison(
        a=_side(a),
        b=_side(b),
        sentence=sentence,
        paragraph=_paragraph(metrics, diff, features, a, b),
        meaning=meaning,
        metrics=metrics,
        answers=_answers(diff),
        parameters=parameters,
        features=features,
        same_features=same,
        code=tuple(_code(a, b)),
        packages=packages,
        facts=_facts(_about(a), _about(b)),
        hashes=_facts(_identity(a), _identity(b)),
        notes=tuple(diff.notes),
    )


def called(version: ModelVersion, other: ModelVersion | None = None) -> str:
    """Return a version in words: ``v3``, with its model where the other one is of another model."""
    name = f"v{version.number}" if version.number else version.version
    return name if other is None or other.name == version.name else f"{version.name} {name}"


def _side(version: ModelVersion) -> wire.ComparedSide:
    return wire.ComparedSide(
        name=version.name,
        version=version.version,
        number=version.number,
        created=version.created.isoformat(),
        author=version.author,
        description=version.description,
        aliases=version.aliases,
    )


def _metrics(a: Mapping[str, float], b: Mapping[str, float]) -> Iterator[wire.MetricChange]:
    for name in dict.fromkeys([*b, *a]):
        better = metric_directions.direction(name)
        yield wire.MetricChange(name, better, a.get(name), b.get(name), _verdict(better, a.get(name), b.get(name)))


def _verdict(better: int, a: float | None, b: float | None) -> Literal["better", "worse", "same", "changed"]:
    if a is None or b is None:
        return "changed"
    if a == b or (a != a and b != b):
        return "same"
    if better == 0 or a != a or b != b:
        return "changed"
    return "better" if (b > a) == (better > 0) else "worse"


def _sentence(b: str, a: str, metrics: tuple[wire.MetricChange, ...], diff: VersionDiff) -> tuple[str, wire.Meaning]:
    """Return the sentence for a manager, and whether it is good."""
    if diff.equal:
        return "These two are the same.", "info"
    judged = [each for each in metrics if each.verdict in ("better", "worse", "same") and each.better]
    better, worse = ([each for each in judged if each.verdict == verdict] for verdict in ("better", "worse"))
    if not judged:
        return f"{b} and {a} differ in {phrases.listed(_parts(diff))}.", "info"
    if not better and not worse:
        return f"{b} is as good as {a} on {_of(len(judged), len(judged))}.", "info"
    if len(better) >= len(worse):
        return f"{b} is better on {_of(len(better), len(judged))}.", "good"
    return f"{b} is worse on {_of(len(worse), len(judged))}.", "alert"


def _of(part: int, whole: int) -> str:
    if part == whole:
        every = "both" if whole == 2 else f"all {phrases.in_words(whole)}"
        return f"{every} metrics" if whole > 1 else "its metric"
    return f"{phrases.in_words(part)} of {phrases.in_words(whole)} metrics"


def _parts(diff: VersionDiff) -> list[str]:
    names = {"metrics": "metrics", "parameters": "parameters", "features": "features", "profile": "training data"}
    found = [words for part, words in names.items() if getattr(diff, part)]
    return [*found, *(["code"] if diff.code else []), *(["packages"] if diff.packages else [])] or ["their facts"]


def _paragraph(
    metrics: tuple[wire.MetricChange, ...],
    diff: VersionDiff,
    features: tuple[wire.FeatureChange, ...],
    a: ModelVersion,
    b: ModelVersion,
) -> str:
    moved = [each for each in metrics if each.verdict in ("better", "worse") and each.a is not None]
    told = [_moved(each) for each in sorted(moved, key=_size, reverse=True)[:NAMED]]
    sentences = [f"{phrases.listed(told)}." if told else ""]  # the name of a metric keeps its letters
    if diff.predictions is not None:
        rows = phrases.counted(diff.predictions.rows, "row")
        sentences.append(f"It answers {diff.predictions.differing:,} of {rows} differently.")
    more, less = (sum(each.what == what for each in features) for what in ("Added", "Removed"))
    reads = [f"{phrases.counted(count, 'feature')} {word}" for count, word in ((more, "more"), (less, "less")) if count]
    if reads:
        sentences.append(f"It reads {phrases.listed(reads)}.")
    if a.model_type != b.model_type and a.model_type and b.model_type:
        sentences.append(f"{b.model_type} replaces {a.model_type}.")
    return " ".join(filter(None, sentences))


def _size(change: wire.MetricChange) -> float:
    """Return the size of a change relative to the value before."""
    assert change.a is not None
    assert change.b is not None
    return abs(change.b - change.a) / (abs(change.a) or 1.0)


def _moved(change: wire.MetricChange) -> str:
    assert change.a is not None
    assert change.b is not None
    digits = _decimals(change.a, change.b)
    before, after = (f"{value:,.{digits}f}".replace("-", "−") for value in (change.a, change.b))
    return f"{change.name} {'rises' if change.b > change.a else 'falls'} from {before} to {after}"


def _decimals(a: float, b: float) -> int:
    """Return as many decimals as show the change in two digits, three as a rule, none from a thousand on."""
    usual = 0 if max(abs(a), abs(b)) >= 1000 else 3
    change = abs(b - a)
    needed = math.ceil(-math.log10(change)) + 1 if change and math.isfinite(change) else 0
    return min(MOST_DECIMALS, max(usual, needed))


def _parameters(a: Mapping[str, Any], b: Mapping[str, Any]) -> wire.FactSection:
    """Return the parameters. A step of a pipeline is left out where its own parameters show what differs, and so is
    the list of all steps."""
    found = _facts(*({name: _one_line(value) for name, value in each.items()} for each in (a, b)))
    parts = {name for row in found.differ for name in _owners(row.name)}
    lists = [row for row in found.differ if parts and str(row.a).startswith("[(")]
    differ = [row for row in found.differ if row not in lists]
    differ = [row for row in differ if row.name not in parts or _class(row.a) != _class(row.b)]
    alone = {row.name for row in differ if row.a is None or row.b is None}
    steps = (next((name for name in _owners(row.name) if name in alone), "") for row in differ)
    return wire.FactSection(tuple(replace(row, step=step) for row, step in zip(differ, steps)), found.same)


def _one_line(value: Any) -> Any:
    """Return a value without the line ends that scikit-learn puts into long texts of estimators."""
    return " ".join(value.split()) if isinstance(value, str) and "(" in value else value


def _owners(name: str) -> list[str]:
    """Return the steps that a parameter is part of: ``a`` and ``a__b`` of ``a__b__c``."""
    parts = name.split("__")
    return ["__".join(parts[:end]) for end in range(1, len(parts))]


def _class(value: Any) -> str:
    """Return the class of the estimator that a text begins with."""
    return str(value).partition("(")[0]


def _facts(a: Mapping[str, Any], b: Mapping[str, Any]) -> wire.FactSection:
    names = list(dict.fromkeys([*a, *b]))
    plain_a, plain_b = to_json(dict(a)), to_json(dict(b))
    differ = [name for name in names if plain_a.get(name) != plain_b.get(name)]
    rows = (wire.ChangeRow(name, plain_a.get(name), plain_b.get(name), _note(a, b, name)) for name in differ)
    known = (name for name in names if name not in differ and plain_a.get(name) not in (None, [], {}))
    same = (wire.SameRow(name, plain_a[name]) for name in known)
    return wire.FactSection(tuple(rows), tuple(same))


def _note(a: Mapping[str, Any], b: Mapping[str, Any], name: str) -> str:
    """Return the difference of a fact, where a word names it."""
    if a.get(name) is None or b.get(name) is None:
        return "added" if a.get(name) is None else "gone"
    before, after = a[name], b[name]
    if all(isinstance(side, int | float) and not isinstance(side, bool) for side in (before, after)) and before:
        percent = 100 * (after - before) / abs(before)
        if abs(percent) >= MOST_PERCENT:
            return f"× {after / before:,.0f}" if after / before > 0 else ""
        return f"{percent:+.0f}%".replace("-", "−") if abs(percent) >= 0.5 else ""
    return _release(before, after) if isinstance(before, str) and isinstance(after, str) else ""


def _release(before: str, after: str) -> str:
    """Return which part of a version number changed."""
    parts = [text.split(".") for text in (before, after)]
    if not all(len(each) >= 2 and each[0].isdigit() and each[1].isdigit() for each in parts):
        return ""
    return "major" if parts[0][0] != parts[1][0] else "minor" if parts[0][1] != parts[1][1] else "patch"


def _about(version: ModelVersion) -> dict[str, Any]:
    """Return the facts that people compare."""
    return {
        "model": version.model_type,
        "format": version.format,
        "size": version.size,
        "training seconds": version.lineage.training_seconds,
        "python": version.lineage.python,
        "git commit": version.lineage.git_commit,
        "description": version.description,
        "tags": list(version.tags),
        **{f"metadata.{name}": value for name, value in version.metadata.items()},
    }


def _identity(version: ModelVersion) -> dict[str, Any]:
    return {"hash": version.hash, "data": version.lineage.data_fingerprint}


def _answers(diff: VersionDiff) -> wire.AnswersCompared | None:
    found = diff.predictions
    if found is None:
        return None
    examples = (
        wire.AnsweredRow(each["row"], to_json(each["a"]), to_json(each["b"]), to_json(each["features"]))
        for each in found.examples
    )
    return wire.AnswersCompared(found.rows, found.differing, found.largest, tuple(examples))


def _code(a: ModelVersion, b: ModelVersion) -> Iterator[wire.CodeRow]:
    """Yield the code side by side, equal lines far from a difference counted."""
    before, after = ((version.lineage.source or "").splitlines()[:MOST_CODE] for version in (a, b))
    if before == after:
        return
    for kind, a0, a1, b0, b1 in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            yield from _context(before, a0, b0, a1 - a0, first=a0 == 0, last=a1 == len(before))
            continue
        for place in range(max(a1 - a0, b1 - b0)):
            left, right = a0 + place < a1, b0 + place < b1
            yield wire.CodeRow(
                before[a0 + place] if left else None,
                after[b0 + place] if right else None,
                a0 + place + 1 if left else None,
                b0 + place + 1 if right else None,
                0,
            )


def _context(lines: list[str], a0: int, b0: int, count: int, *, first: bool, last: bool) -> Iterator[wire.CodeRow]:
    """Yield equal lines next to a difference, and one row that counts the others."""
    head, tail = 0 if first else CONTEXT, 0 if last else CONTEXT
    kept = range(count) if count <= head + tail + 1 else [*range(head), *range(count - tail, count)]
    before = -1
    for place in kept:
        if place != before + 1:
            yield wire.CodeRow(None, None, None, None, place - before - 1)
        yield wire.CodeRow(lines[a0 + place], lines[a0 + place], a0 + place + 1, b0 + place + 1, 0)
        before = place
    if before + 1 < count:
        yield wire.CodeRow(None, None, None, None, count - before - 1)
