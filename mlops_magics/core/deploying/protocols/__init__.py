"""The protocols that others speak: each reads a request into rows and writes the model's values its own way."""
