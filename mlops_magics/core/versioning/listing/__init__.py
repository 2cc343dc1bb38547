"""The models and versions of a board, listed and searched."""
