"""Columns of labels and answers, spelled as a reference spells them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mlops_magics.core.monitoring.profiling.feature_profile import FeatureProfile
from mlops_magics.core.monitoring.profiling.samples import CategorySample
from mlops_magics.core.monitoring.reading.column_values import MISSING_CODE, Column, as_categorical, numeric
from mlops_magics.core.monitoring.scoring.label_text import LabelNames, canonical


def spelled_as(reference: FeatureProfile, column: Column) -> Column:
    """Return labels by the names that the reference has for the same: true and 1 are one class."""
    sample = reference.sample
    if isinstance(sample, CategorySample):
        coded = as_categorical(column)
        names = LabelNames([sample.labels])
        labels = tuple(dict.fromkeys(names(label) for label in coded.labels))
        place = {label: code for code, label in enumerate(labels)}
        lookup = np.array([*(place[names(label)] for label in coded.labels), MISSING_CODE], dtype=np.int64)
        native = column.native if column.native == "empty" else reference.native
        return replace(coded, kind="categorical", native=native, values=lookup[coded.values], labels=labels)
    return _as_numbers(column) if column.coded and column.native != "empty" else column


def _as_numbers(column: Column) -> Column:
    """Return labels that are numbers as numbers. Other labels stay words, which is another type."""
    keys = [canonical(label) for label in column.labels]
    try:
        values = np.array([*(float(key) for key in keys), np.nan])
    except ValueError:
        return column
    return numeric(column.name, values[column.values])
