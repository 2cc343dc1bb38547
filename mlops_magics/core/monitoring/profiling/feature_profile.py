"""The distribution of one feature, from rows or from a stored profile, and the mapping that every comparison reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from mlops_magics.core.monitoring.profiling.samples import CategorySample, Sample
from mlops_magics.core.monitoring.reading.column_values import Kind, Native


class FeatureType(NamedTuple):
    """The type of a feature in the reference."""

    kind: Kind
    native: Native
    zone: str = ""
    origin: int = 0


@dataclass(frozen=True, slots=True)
class FeatureProfile:
    """The distribution of one feature.

    Attributes
    ----------
    sample
        Every value of rows, or at most 1,024 quantile bins with moments, or counts of categories.
    parts
        The features that are derived from times and texts, by name.
    zone
        The time zone of times that have one: their hours are local.
    origin
        Of whole numbers some of which no float holds: the sample has the numbers less this one.
    """

    name: str
    kind: Kind
    native: Native
    sample: Sample
    parts: Mapping[str, FeatureProfile] = field(default_factory=dict)
    zone: str = ""
    origin: int = 0

    @property
    def type(self) -> FeatureType:
        """The type to which a current column is cast."""
        return FeatureType(self.kind, self.native, self.zone, self.origin)

    @property
    def coded(self) -> bool:
        """Whether the sample counts categories."""
        return isinstance(self.sample, CategorySample)


Features = Mapping[str, FeatureProfile]
"""One profile per feature, from rows in memory, from counts of a stream, or stored with a version."""
