"""The processes of an endpoint: a supervisor and its workers."""
