"""Alerts of a report: thresholds, gates for CI, and notifications."""
