"""Secrets in recorded code and texts: found by the shape of values, by names, and by the calls that take them."""
