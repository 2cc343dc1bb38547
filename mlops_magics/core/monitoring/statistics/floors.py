"""The practical floors: the smallest scores that matter, on the scale of each statistic.

They are equivalent where they can be: each is about the score of a shift of a quarter of a standard deviation in a
normal feature, or of one row in ten in another category. ``bench/drift_calibration.py`` measures the alarms that they
leave on data without drift, and the shifts that they find.
"""

from __future__ import annotations

QUARTER = "about the score of a shift of a quarter σ in a normal feature; see bench/drift_calibration.py"
"""The source that most floors share."""
TENTH = "one row in ten in another category; see bench/drift_calibration.py"

SHARE_FLOOR = 0.1
"""Share of the rows, for KS, TVD, L∞, Cramér's V, Jensen-Shannon and Hellinger."""
SHIFT_FLOOR = 0.25
"""Standard deviations, for Wasserstein, t and Welch."""
PSI_FLOOR = 0.1
""""Moderate" in the practice of credit scoring (Siddiqi 2006)."""
KL_FLOOR = 0.05
"""Half of PSI's, which is the sum of both directions."""
ENERGY_FLOOR = 0.19
"""√(2∫(F−G)²) of two normals a quarter σ apart, in √σ."""
MISSING_FLOOR = 0.05
"""Share of the rows."""
RANGE_FLOOR = 0.02
"""Share of the rows."""
NEW_FLOOR = 0.02
"""Share of the rows."""
RANK_FLOOR = 0.07
"""|P(X<Y) − ½| of two normals a quarter σ apart."""
MISES_FLOOR = 0.0057
"""∫(F−G)²dH of the same."""
ANDERSON_FLOOR = 0.0302
"""∫(F−G)²/(H(1−H))dH of the same."""
ANDERSON_SIGMA = 0.7594
"""Asymptotic standard deviation of A² for two samples (Scholz and Stephens 1987)."""
TAIL_FLOOR = 0.04
"""Share of the rows."""
CLIPPED_FLOOR = 0.01
"""Share of the rows."""
ODDS_FLOOR = 0.8
"""Logarithm (base 2) of an odds ratio: odds that are 1.74 times as large."""
ODDS_SHARE = 0.003
"""Share of the rows below which a category is too rare to matter."""
CORRELATION_FLOOR = 0.15
"""Difference of two correlations."""
