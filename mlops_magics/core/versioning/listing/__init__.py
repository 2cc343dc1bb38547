"""Listing and search of the models and versions of a board."""
