"""Other tools' definitions, thresholds and verdicts, for their former users."""
