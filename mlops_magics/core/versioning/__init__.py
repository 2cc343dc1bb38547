"""The versioning room."""
