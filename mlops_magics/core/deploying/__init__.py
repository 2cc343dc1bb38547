"""The deploying room."""
