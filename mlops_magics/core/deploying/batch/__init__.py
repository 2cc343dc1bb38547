"""Batch scoring: files to files, on this machine or on an engine, and frames of an engine to lazy frames."""
