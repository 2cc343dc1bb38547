"""Other tools' definitions, thresholds and verdicts, for those who come from there."""
