"""Distances between two vectors of shares: the same functions for categories and for binned numbers."""

from __future__ import annotations

import math

import numpy as np

from mlops_magics.core.monitoring.reading.column_values import FloatArray
from mlops_magics.core.monitoring.statistics.binning import filled


def psi(reference: FloatArray, current: FloatArray) -> float:
    """Return the population stability index Σ(p−q)·ln(p/q) (Siddiqi 2006), empty bins as 1e-4."""
    p, q = filled(reference), filled(current)
    return float(np.sum((p - q) * np.log(p / q)))


def kullback_leibler(reference: FloatArray, current: FloatArray) -> float:
    """Return Σ p·ln(p/q) in nats with p the reference (Kullback and Leibler 1951), empty bins as 1e-4."""
    p, q = filled(reference), filled(current)
    return float(np.sum(p * np.log(p / q)))


def jensen_shannon(reference: FloatArray, current: FloatArray, base: float = 2.0) -> float:
    """Return the Jensen-Shannon distance, the root of the divergence (Endres and Schindelin 2003), in 0..1 for base
    2."""
    middle = (reference + current) / 2
    divergence = (_relative_entropy(reference, middle) + _relative_entropy(current, middle)) / 2
    return math.sqrt(max(divergence / math.log(base), 0.0))


def hellinger(reference: FloatArray, current: FloatArray) -> float:
    """Return the Hellinger distance √(½Σ(√p−√q)²), in 0..1."""
    return math.sqrt(0.5 * float(np.sum((np.sqrt(reference) - np.sqrt(current)) ** 2)))


def total_variation(reference: FloatArray, current: FloatArray) -> float:
    """Return ½Σ|p−q|: the share of rows that would have to change their category."""
    return 0.5 * float(np.sum(np.abs(reference - current)))


def largest_difference(reference: FloatArray, current: FloatArray) -> float:
    """Return max|p−q|, the L∞ distance."""
    return float(np.max(np.abs(reference - current)))


def _relative_entropy(p: FloatArray, q: FloatArray) -> float:
    present = p > 0
    return float(np.sum(p[present] * np.log(p[present] / q[present])))
