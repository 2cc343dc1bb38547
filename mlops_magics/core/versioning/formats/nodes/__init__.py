"""Parts of a model that are stored as plain data, checked, and built again: trees, boosters, sparse matrices."""
