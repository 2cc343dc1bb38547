"""Acting on a report: thresholds, gates for CI, and messages to where people look."""
