"""Performance: metrics, confidence intervals, curves."""
