"""What each statistic of a report is: its formula, its bins, its base and its practical floor, for whoever reads the
report."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from mlops_magics.core.monitoring.comparing import multivariate
from mlops_magics.core.monitoring.profiling import derived_features
from mlops_magics.core.monitoring.statistics import binning, declarations, false_discovery, text_drift
from mlops_magics.core.monitoring.statistics.declarations import STATISTICS

DECILES = "numeric: 10 of the reference's deciles, right-closed; categorical: the categories of both"
DOANE = "numeric: the reference's range by Doane's rule, and one for what falls outside; categorical: those of both"
CATEGORIES = "the categories of both"
BINS = dict.fromkeys(("psi", "kl"), DECILES) | dict.fromkeys(("jensenshannon", "hellinger"), DOANE)
BINS |= dict.fromkeys(("chi2", "g", "tvd", "linf", "cramersv"), CATEGORIES)
BASES = {"psi": "e", "kl": "e", "jensenshannon": "2", "g": "e"}
EMPTY = dict.fromkeys(("psi", "kl"), binning.EMPTY_SHARE)
GROWING = "n·m/(n+m)"
FLOORS: dict[str, float | str] = {
    **dict.fromkeys(("ks", "jensenshannon", "hellinger", "tvd", "linf", "cramersv"), declarations.SHARE_FLOOR),
    "wasserstein": declarations.SHIFT_FLOOR,
    "energy": f"{declarations.ENERGY_FLOOR}·√σ",
    "anderson": f"({declarations.ANDERSON_FLOOR}·{GROWING} − 1)/{declarations.ANDERSON_SIGMA}",
    "cramervonmises": f"{declarations.MISES_FLOOR}·{GROWING}",
    "mannwhitney": f"n·m·(½ ± {declarations.RANK_FLOOR})",
    **dict.fromkeys(("ttest", "welch"), f"{declarations.SHIFT_FLOOR}·√({GROWING})"),
    "psi": declarations.PSI_FLOOR,
    "kl": declarations.KL_FLOOR,
    **dict.fromkeys(("chi2", "g"), f"{declarations.SHARE_FLOOR}²·(n+m)"),
    "missing": declarations.MISSING_FLOOR,
    "out_of_range": declarations.RANGE_FLOOR,
    **dict.fromkeys(("new_categories", "vanished_categories"), declarations.NEW_FLOOR),
    "constant": 1.0,
    "text_domain": text_drift.AUC_FLOOR,
    "reconstruction": multivariate.ERROR_FLOOR,
    "domain": multivariate.AUC_FLOOR,
    "centroid": multivariate.CENTROID_FLOOR,
    "mmd": multivariate.MMD_FLOOR,
}
TOGETHER = {
    "reconstruction": "error of rebuilding rows from the reference's principal components, over that of the reference",
    "domain": "AUC of telling current rows from reference rows",
    "centroid": "cosine distance of the means",
    "mmd": "maximum mean discrepancy of random Fourier features, linear in the rows",
}
OF_PARTS = {
    "hour": "total variation of the hours of the day",
    "weekday": "total variation of the days of the week",
    "gap": "Kolmogorov-Smirnov D of the seconds between neighbouring times",
    "lag": "Kolmogorov-Smirnov D of the seconds that a time comes behind the newest before it",
    "length": "Kolmogorov-Smirnov D of the number of words",
    "vocabulary": "total variation of one word of each text",
    "oov": "share of current texts whose word the reference never had",
}


def of(names: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Return ``definition``, ``bins``, ``base``, ``empty_bins`` and ``floor`` of each statistic; ``None`` where it has
    none."""
    return {name: _of(name) for name in dict.fromkeys(names)}


def of_preset(names: Iterable[str], preset: str) -> dict[str, dict[str, Any]]:
    """Return the same of statistics that are another tool's, with its bins and limits."""
    return {
        name: _entry(f"as {preset} computes it, with its bins, base and threshold", "") for name in dict.fromkeys(names)
    }


def _of(name: str) -> dict[str, Any]:
    if name in false_discovery.STRUCTURAL:
        return _entry("trouble that needs no test, a verdict in itself", name)
    part = next((each for each in (*derived_features.OF_TIMES, *derived_features.OF_TEXTS) if each.name == name), None)
    if part is not None:
        return _entry(OF_PARTS[name], part.statistic)
    if name in STATISTICS:
        return _entry(STATISTICS[name].definition, name)
    return _entry(TOGETHER.get(name, ""), name)


def _entry(definition: str, name: str) -> dict[str, Any]:
    return {
        "definition": definition,
        "bins": BINS.get(name),
        "base": BASES.get(name),
        "empty_bins": EMPTY.get(name),
        "floor": FLOORS.get(name),
    }
