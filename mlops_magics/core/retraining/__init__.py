"""Retraining of a model: recipe, run on new data, champion against challenger, policies, export."""
