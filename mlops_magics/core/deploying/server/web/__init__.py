"""The Flask application of an endpoint."""
