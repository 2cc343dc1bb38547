"""Comparison of champion and challenger: both are scored on the same held-out rows, and a rule decides.

`contestants` puts the answers of both into one coding, `gain_metrics` has each metric as statistics of single rows,
`paired_intervals` gives the interval of a difference and `paired_gains` the gain by a metric. `promotion_rule` checks
the conditions, and `model_comparison` combines all of it.
"""
