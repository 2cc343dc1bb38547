"""Readers of tables from any library, file or database."""
