"""The lab room."""
