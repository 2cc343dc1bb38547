"""Champion against challenger: both are scored on the same held-out rows, and a rule decides.

`gain_metrics` says what each metric reads per row, `paired_intervals` gives the interval of a difference,
`promotion_rule` holds what must be true, `model_comparison` puts them together.
"""
