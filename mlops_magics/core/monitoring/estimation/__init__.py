"""Performance without labels: what the model's own probabilities, or a model of its errors, say about rows whose truth
is unknown."""
