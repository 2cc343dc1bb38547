"""The ways from a checked table to the model's answer. A faster one is taken only where it is proven equal."""
