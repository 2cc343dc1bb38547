"""Endpoints seen from their owner: starting, finding, controlling."""
