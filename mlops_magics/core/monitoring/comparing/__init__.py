"""Comparison of reference and current data, feature by feature and together."""
