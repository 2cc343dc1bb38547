"""Serialisation formats: one handler for each, which writes fitted models and reads them back."""
