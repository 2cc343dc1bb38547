"""Performance without labels, from the model's own probabilities or a model of its errors."""
