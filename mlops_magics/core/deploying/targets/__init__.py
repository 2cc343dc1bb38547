"""Packages and deployments of versions for other places than this machine, one target for each place."""
