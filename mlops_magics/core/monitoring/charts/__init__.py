"""Charts of a report, drawn from its aggregates."""
