"""Prediction protocols: each reads a request into rows, and writes the model's values."""
