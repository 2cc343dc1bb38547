"""Counts of data that do not fit into memory or should not be moved: profiles from batches, counts from an engine."""
