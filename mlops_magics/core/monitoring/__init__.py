"""The monitoring room."""
