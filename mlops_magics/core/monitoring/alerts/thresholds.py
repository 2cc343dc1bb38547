"""The thresholds of a model: limits per feature, metric and segment, which replace the calibrated verdicts."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from mlops_magics.core import json_text
from mlops_magics.core.monitoring.comparing.findings import FEWEST_ROWS
from mlops_magics.core.monitoring.statistics import declarations
from mlops_magics.errors import InvalidInput, MlopsError, NotFound

if TYPE_CHECKING:
    import pandas as pd

RATES = ("missing",)
"""Statistics with a limit of their own, which that of a feature does not replace."""
_LIMIT = re.compile(r"(?P<key>.+)(?P<side><=|>=)(?P<limit>[^<>=]+)", re.DOTALL)
Band = tuple[float | None, float | None]


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The limits of a model.

    Attributes
    ----------
    features
        Feature (or ``"feature|segment"``) to the largest acceptable score: replaces the calibrated verdict of that
        feature.
    metrics
        Metric (or ``"metric|segment"``) to ``(lowest, highest)``, or ``None`` for no limit on that side.
    ignored
        Features whose drift is not reported.
    """

    features: Mapping[str, float] = field(default_factory=dict)
    metrics: Mapping[str, Band] = field(default_factory=dict)
    ignored: tuple[str, ...] = ()

    def __repr__(self) -> str:
        told = [f"{name}<={limit:g}" for name, limit in self.features.items()]
        for name, (low, high) in self.metrics.items():
            told += [f"{name}>={low:g}"] if low is not None else []
            told += [f"{name}<={high:g}"] if high is not None else []
        told += [f"{name} ignored" for name in self.ignored]
        return ", ".join(told) or "no thresholds of its own: the calibrated verdicts count"

    def of_feature(self, feature: str, segment: str = "") -> float | None:
        """Return the limit of a feature, that of the segment first."""
        return self.features.get(f"{feature}|{segment}", self.features.get(feature))

    def of_metric(self, metric: str, segment: str = "") -> Band:
        """Return the limits of a metric under any of its names: of the whole, or those that were set for a segment."""
        from mlops_magics.core.monitoring.scoring.metrics import identity

        exact = self.metrics.get(f"{metric}|{segment}" if segment else metric)
        if exact is not None:
            return exact
        wanted = identity(metric), segment
        keys = (key.partition("|") for key in self.metrics)
        held = [name + bar + of for name, bar, of in keys if (identity(name), of) == wanted]
        return self.metrics[held[0]] if held else (None, None)

    def metric_names(self) -> tuple[str, ...]:
        """Return the metrics that have a limit, of the whole or of a segment."""
        return tuple(dict.fromkeys(key.partition("|")[0].partition("[")[0] for key in self.metrics))

    def to_json(self) -> dict[str, Any]:
        """Return a JSON-safe mapping."""
        return {"features": dict(self.features), "metrics": dict(self.metrics), "ignored": list(self.ignored)}

    def to_bytes(self) -> bytes:
        """Write as JSON, to be stored with the model."""
        return json.dumps(self.to_json()).encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> Thresholds:
        """Read the bytes of `to_bytes`.

        Raises
        ------
        InvalidInput
        """
        try:
            found = json_text.parse(data)
            metrics = {name: (low, high) for name, (low, high) in found.get("metrics", {}).items()}
            return cls(
                {name: float(limit) for name, limit in found.get("features", {}).items()},
                metrics,
                tuple(found.get("ignored", ())),
            )
        except (ValueError, TypeError, AttributeError) as fault:
            raise InvalidInput(f"These are not valid thresholds ({fault}).") from fault


NONE = Thresholds()


def parse(
    words: Iterable[str], ignored: Iterable[str], features: Collection[str], before: Thresholds = NONE
) -> Thresholds:
    """Read limits such as ``temp<=0.2``, ``accuracy>=0.7`` or ``accuracy|north>=0.6``, added to those of ``before``.

    Parameters
    ----------
    features
        The features of the model. Another name is a metric.

    Raises
    ------
    InvalidInput, NotFound
        The text is not a limit, or its subject is neither a feature nor a metric.
    """
    of_features, of_metrics = dict(before.features), dict(before.metrics)
    unwanted = list(ignored)
    for name in unwanted:
        if name not in features:
            raise NotFound("feature", name, features)
    for word in words:
        name, key, side, limit = _read(word, features)
        if name in features:
            if side == ">=":
                raise InvalidInput(f"{word!r}: the drift of a feature has a highest score only: {name}<={limit:g}.")
            of_features[key] = limit
        else:
            known = _metric_named(name, features)
            key = known + key.removeprefix(name)
            low, high = of_metrics.get(key, (None, None))
            of_metrics[key] = (limit, high) if side == ">=" else (low, limit)
    return Thresholds(of_features, of_metrics, tuple(dict.fromkeys((*before.ignored, *unwanted))))


def _read(word: str, features: Collection[str]) -> tuple[str, str, str, float]:
    """Return name, key, side and limit. A name may hold any character, blanks, brackets and signs too."""
    found = _LIMIT.fullmatch(word)
    try:
        limit = float(found["limit"]) if found else math.nan
    except ValueError:
        limit = math.nan
    if found is None or math.isnan(limit):
        raise InvalidInput(
            f"{word!r} is not a valid threshold. Write temp<=0.2, accuracy>=0.7, 'accuracy|north>=0.6' or "
            "'body mass (g)<=0.2'."
        )
    name, segment = _name_and_segment(found["key"], features)
    return name, name if segment is None else f"{name}|{segment}", found["side"], limit


def _name_and_segment(key: str, features: Collection[str]) -> tuple[str, str | None]:
    """Split a key at the bar before its segment. A feature whose own name has a bar is recognised whole."""
    if key in features:
        return key, None
    parts = key.strip().split("|")
    for count in range(len(parts), 0, -1):
        name = "|".join(parts[:count]).strip()
        if name in features:
            return name, "|".join(parts[count:]).strip() if count < len(parts) else None
    return parts[0].strip(), "|".join(parts[1:]).strip() if len(parts) > 1 else None


def _metric_named(name: str, features: Collection[str]) -> str:
    """Return the name of a metric, however it is spelled.

    Raises
    ------
    NotFound
        The metric is unknown.
    """
    from mlops_magics.core.monitoring.scoring import metrics

    try:
        base, bracket, output = name.partition("[")
        return metrics.find(base).name + bracket + output
    except MlopsError:
        raise NotFound("feature or metric", name, [*features, *metrics.names()]) from None


def apply(frame: pd.DataFrame, limits: Thresholds) -> pd.DataFrame:
    """Return the rows of a drift frame with a model's own limits in place of the calibrated verdict.

    The limit of a feature applies to its main statistic: the others of the default family, which have scales of their
    own, then make no verdict. As without a limit, fewer than `findings.FEWEST_ROWS` rows make none. Faults that need no
    test stay verdicts, except of an ignored feature.
    """
    if not (limits.features or limits.ignored) or frame.empty:
        return frame
    segments = frame["segment"].astype(str).tolist() if "segment" in frame else [""] * len(frame)
    features, found = frame["feature"].astype(str).tolist(), frame["drifted"].to_numpy()
    own = np.array([limits.of_feature(each, segment) for each, segment in zip(features, segments)], dtype=np.float64)
    statistics = frame["statistic"]
    limited = frame["threshold"].notna().to_numpy() & ~statistics.isin(RATES).to_numpy() & ~np.isnan(own)
    with_main = frame["feature"].isin(frame["feature"][statistics.isin(declarations.MAIN)])
    beside = limited & (statistics.isin(declarations.BESIDE) & with_main).to_numpy()
    tested = limited & ~beside
    above = (frame["score"].abs().to_numpy() > own) & (frame["n_current"].to_numpy() >= FEWEST_ROWS)
    drifted = np.where(tested, above, found & ~beside)
    return frame.assign(
        threshold=np.where(tested, own, frame["threshold"].to_numpy()),
        drifted=drifted & ~np.isin(features, limits.ignored),
    )
