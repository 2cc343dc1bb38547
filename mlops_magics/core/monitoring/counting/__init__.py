"""Data that do not fit into memory, or that should stay where they are: profiles from batches, counts from a query
engine."""
