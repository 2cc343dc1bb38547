"""Counters of the workers, and their Prometheus text."""
