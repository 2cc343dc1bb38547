"""Verification of a board, its trash and its garbage collection."""
