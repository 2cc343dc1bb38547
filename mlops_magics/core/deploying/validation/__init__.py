"""The check of rows against a prototype."""
