"""Clients of an endpoint, and code that calls one."""
